import ConvoyOptimizerLoopInterface

/// Multiplies matrices in tiles of 4 rows and 16 columns. The terms of a sum are added in their order,
/// each product and sum rounded separately, so that no tiling and no processor changes the bits.
struct MatrixProductLoop {
  private let product: MatrixProduct
  /// A constant of this module: one of another would be called in the innermost loop.
  fileprivate static var panelWidth: Int { 16 }

  @inline(__always)
  init(_ product: MatrixProduct) { self.product = product }

  /// A panel is 16 columns of the right matrix. Only so many of its rows are taken in turn that they
  /// stay in the L1 cache.
  @inline(__always)
  func run(columns: Range<Int>, scratch: UnsafeMutablePointer<Float>) {
    let depth = MatrixProduct.scratchCount / Self.panelWidth
    var column = columns.lowerBound
    while column < columns.upperBound {
      let width = min(Self.panelWidth, columns.upperBound &- column)
      var term = 0
      while term < product.inner {
        let terms = min(depth, product.inner &- term)
        pack(term, terms, column, width, into: scratch)
        var row = 0
        while row < product.rows {
          addTile(row, column, width, term, terms, scratch)
          row &+= 4
        }
        term &+= terms
      }
      column &+= Self.panelWidth
    }
  }

  /// Copies 16 columns of the right matrix side by side. What is beyond its last
  /// is not used.
  @inline(__always)
  private func pack(
    _ term: Int, _ terms: Int, _ column: Int, _ width: Int,
    into scratch: UnsafeMutablePointer<Float>
  ) {
    if product.rightIsTransposed {
      for lane in 0..<Self.panelWidth {
        let source = product.right + ((column &+ min(lane, width &- 1)) &* product.inner &+ term)
        for place in 0..<terms {
          scratch[place &* Self.panelWidth &+ lane] = source[place]
        }
      }
    } else {
      for place in 0..<terms {
        let source = product.right + ((term &+ place) &* product.columns &+ column)
        MatrixLanes(source, width).write(scratch + place &* Self.panelWidth, Self.panelWidth)
      }
    }
  }

  /// Adds terms to the sums of a tile, which are in the result between calls. The last call scales
  /// them and adds the addend.
  @inline(__always)
  private func addTile(
    _ row: Int, _ column: Int, _ width: Int, _ term: Int, _ terms: Int,
    _ panel: UnsafeMutablePointer<Float>
  ) {
    let rows = min(4, product.rows &- row)
    // A tile at the bottom repeats its last row and does not store the copies.
    let left = product.left + term
    let left0 = left + row &* product.inner
    let left1 = left + (row &+ min(1, rows &- 1)) &* product.inner
    let left2 = left + (row &+ min(2, rows &- 1)) &* product.inner
    let left3 = left + (row &+ min(3, rows &- 1)) &* product.inner
    var (sum0, sum1, sum2, sum3) = (MatrixLanes(), MatrixLanes(), MatrixLanes(), MatrixLanes())
    let result = product.result + (row &* product.columns &+ column)
    let step = product.columns
    if term > 0 {
      sum0 = MatrixLanes(result, width)
      if rows > 1 { sum1 = MatrixLanes(result + step, width) }
      if rows > 2 { sum2 = MatrixLanes(result + 2 &* step, width) }
      if rows > 3 { sum3 = MatrixLanes(result + 3 &* step, width) }
    }
    for place in 0..<terms {
      let factors = MatrixLanes(whole: panel + place &* Self.panelWidth)
      sum0.add(left0[place], factors)
      sum1.add(left1[place], factors)
      sum2.add(left2[place], factors)
      sum3.add(left3[place], factors)
    }
    let isLast = term &+ terms == product.inner
    finish(&sum0, row, column, width, isLast)
    if rows > 1 { finish(&sum1, row &+ 1, column, width, isLast) }
    if rows > 2 { finish(&sum2, row &+ 2, column, width, isLast) }
    if rows > 3 { finish(&sum3, row &+ 3, column, width, isLast) }
  }

  @inline(__always)
  private func finish(
    _ sums: inout MatrixLanes, _ row: Int, _ column: Int, _ width: Int, _ isLast: Bool
  ) {
    let place = row &* product.columns &+ column
    if isLast, let addend = product.addend {
      let addends = MatrixLanes(addend + place, width)
      sums.low = addends.low * product.addendScale + sums.low * product.productScale
      sums.high = addends.high * product.addendScale + sums.high * product.productScale
    }
    sums.write(product.result + place, width)
  }
}

/// Sixteen numbers of a matrix, side by side in a row.
private struct MatrixLanes {
  var low = Lanes()
  var high = Lanes()

  @inline(__always)
  init() {}

  @inline(__always)
  init(whole pointer: UnsafePointer<Float>) {
    let memory = UnsafeRawPointer(pointer)
    low = memory.loadUnaligned(as: Lanes.self)
    high = memory.loadUnaligned(fromByteOffset: MemoryLayout<Lanes>.size, as: Lanes.self)
  }

  /// Reads the first `width` numbers; the others are 0.
  @inline(__always)
  init(_ pointer: UnsafePointer<Float>, _ width: Int) {
    if width == MatrixProductLoop.panelWidth {
      self.init(whole: pointer)
    } else {
      self.init(part: pointer, width)
    }
  }

  @inline(never)
  private init(part pointer: UnsafePointer<Float>, _ width: Int) {
    for lane in 0..<min(Lanes.scalarCount, width) { low[lane] = pointer[lane] }
    for lane in Lanes.scalarCount..<max(Lanes.scalarCount, width) {
      high[lane &- Lanes.scalarCount] = pointer[lane]
    }
  }

  @inline(__always)
  mutating func add(_ factor: Float, _ factors: MatrixLanes) {
    low += factors.low * factor
    high += factors.high * factor
  }

  /// Writes the first `width` numbers.
  @inline(__always)
  func write(_ pointer: UnsafeMutablePointer<Float>, _ width: Int) {
    if width == MatrixProductLoop.panelWidth {
      let memory = UnsafeMutableRawPointer(pointer)
      memory.storeBytes(of: low, as: Lanes.self)
      memory.storeBytes(of: high, toByteOffset: MemoryLayout<Lanes>.size, as: Lanes.self)
    } else {
      writePart(pointer, width)
    }
  }

  @inline(never)
  private func writePart(_ pointer: UnsafeMutablePointer<Float>, _ width: Int) {
    for lane in 0..<min(Lanes.scalarCount, width) { pointer[lane] = low[lane] }
    for lane in Lanes.scalarCount..<max(Lanes.scalarCount, width) {
      pointer[lane] = high[lane &- Lanes.scalarCount]
    }
  }
}
