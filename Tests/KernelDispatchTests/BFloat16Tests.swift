import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyTestSupport
import Testing

/// Components rounded to bfloat16, and their products, bit by bit.
@Suite("bfloat16") struct BFloat16Tests {
  /// Each bfloat16 is the float's, rounded; `WinogradTrials` tests the floats against the reference.
  @Test("components are those in floats, rounded", arguments: KernelDispatch.available)
  func components(set: InstructionSet) throws {
    let kernels = try #require(KernelDispatch.kernels(for: set))
    for seed in 0..<40 {
      var generator = SeededGenerator(seed: 4000 + UInt64(seed))
      let tile = generator.pick([WinogradTile.f4x3, .f2x5])
      let channels = generator.pick([8, 16, 24, 40])
      let (rows, columns) = (generator.integer(in: 1...9), generator.integer(in: 1...13))
      let firstTile = generator.integer(in: 0...4)
      let tiles = tile.count(along: rows) * tile.count(along: columns)
      let map = generator.values(count: 32 * 32 * channels).map(Float.init)
      func matrices(
        _ storage: ComponentStorage, _ run: (WinogradGeometry, MutableFloatPointer) -> Void
      ) -> Matrices {
        var geometry = WinogradGeometry(
          tile, rows: rows, columns: columns, channels: channels, rowStep: 32 * channels,
          columnStep: channels, componentStep: 0, storage: storage)
        geometry.firstTile = firstTile
        var matrices = Matrices(
          storage, count: tile.components, rows: firstTile + tiles, columns: channels)
        geometry.componentStep = matrices.step
        matrices.write { run(geometry, $0) }
        return matrices
      }
      let input = { (geometry: WinogradGeometry, target: MutableFloatPointer) in
        map.withUnsafeBufferPointer {
          kernels.winogradInput(geometry, input: $0.baseAddress!, components: target)
        }
      }
      let gradient = { (geometry: WinogradGeometry, target: MutableFloatPointer) in
        map.withUnsafeBufferPointer {
          kernels.winogradOutputGradient(geometry, gradient: $0.baseAddress!, components: target)
        }
      }
      let written = firstTile..<firstTile + tiles
      let floats = matrices(.float32, input)
      matrices(.bfloat16, input).expect(floats, rows: written)
      matrices(.bfloat16RowPairs, input).expect(floats, rows: written)
      matrices(.bfloat16RowPairs, gradient).expect(matrices(.float32, gradient), rows: written)

      let width = generator.pick([8, 16])
      func filters(inPairs: Bool) -> Matrices {
        var filters = Matrices(
          inPairs ? .bfloat16RowPairs : .float32, count: tile.components, rows: channels,
          columns: width)
        let step = filters.step
        filters.write { target in
          map.withUnsafeBufferPointer {
            kernels.winogradFilters(
              tile, channels: channels, width: width, weights: $0.baseAddress!,
              tapStep: channels * width, components: target, componentStep: step, inPairs: inPairs)
          }
        }
        return filters
      }
      filters(inPairs: true).expect(filters(inPairs: false), rows: 0..<channels)
    }
  }

  /// Matrices one after another, with gaps, in memory of a number that no kernel makes.
  private struct Matrices {
    let storage: ComponentStorage
    let count: Int
    let rows: Int
    let columns: Int
    let step: Int
    private var memory: [Float]
    private static let untouched: Float = 7.25e-30

    init(_ storage: ComponentStorage, count: Int, rows: Int, columns: Int) {
      (self.storage, self.count, self.rows, self.columns) = (storage, count, rows, columns)
      step = storage.storedRows(rows) * storage.storedColumns(columns) + 8
      memory = Array(repeating: Self.untouched, count: count * step)
    }

    mutating func write(_ body: (MutableFloatPointer) -> Void) {
      memory.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }

    private func bits(_ matrix: Int, _ row: Int, _ column: Int) -> UInt32 {
      switch storage {
      case .float32: memory[matrix * step + row * columns + column].bitPattern
      case .bfloat16:
        half(memory[matrix * step + (row * columns + column) / 2], isSecond: column % 2 == 1)
      case .bfloat16RowPairs:
        half(memory[matrix * step + row / 2 * columns + column], isSecond: row % 2 == 1)
      }
    }

    private func half(_ pair: Float, isSecond: Bool) -> UInt32 {
      isSecond ? pair.bitPattern & 0xffff_0000 : pair.bitPattern << 16
    }

    /// The same as `floats`, rounded to nearest; zeros beside a last row; all else untouched, also what
    /// lies beside a first row that is the second of a pair.
    func expect(_ floats: Matrices, rows written: Range<Int>) {
      var left = memory
      for matrix in 0..<count {
        for row in written {
          let different = (0..<columns).first { column in
            let value = floats.memory[matrix * floats.step + row * columns + column]
            return bits(matrix, row, column) != (value.bitPattern &+ 0x8000) & 0xffff_0000
          }
          #expect(different == nil, "\(storage), row \(row)")
        }
        if storage == .bfloat16RowPairs, written.lowerBound % 2 == 1 {
          let kept = half(Self.untouched, isSecond: false)
          #expect((0..<columns).allSatisfy { bits(matrix, written.lowerBound - 1, $0) == kept })
        }
        if storage == .bfloat16RowPairs, written.upperBound % 2 == 1 {
          #expect((0..<columns).allSatisfy { bits(matrix, written.upperBound, $0) == 0 })
        }
        let first = storage == .bfloat16RowPairs ? written.lowerBound / 2 : written.lowerBound
        let end = storage.storedRows(written.upperBound)
        for place in first * storage.storedColumns(columns)..<end * storage.storedColumns(columns) {
          left[matrix * step + place] = Self.untouched
        }
      }
      #expect(left.allSatisfy { $0 == Self.untouched })
    }
  }

  /// Numbers of all exponents, infinities and NaN among them. Without fused multiply-add a product may be
  /// out of range where the sum is not.
  @Test(
    "products are added as VDPBF16PS adds them",
    arguments: KernelDispatch.available.filter(\.fusesMultiplyAdd), [false, true])
  func products(set: InstructionSet, emulating: Bool) throws {
    let kernels = try #require(KernelDispatch.kernels(for: set, emulatingBFloat16: emulating))
    for seed in 0..<60 {
      var generator = SeededGenerator(seed: 4100 + UInt64(seed))
      let (rows, inputs) = (generator.integer(in: 1...33), 4 * generator.integer(in: 1...7))
      let outputs = 8 * generator.integer(in: 1...9)
      let panels = PanelLayout(rows: inputs, columns: outputs)
      func pairs(_ count: Int) -> [Float] {
        (0..<count).map { _ in
          // Every other case leaves out the largest exponents.
          let bits = UInt32(generator.integer(in: 0...Int(UInt32.max)))
          return Float(bitPattern: seed % 2 == 0 ? bits : bits & 0xbfff_bfff)
        }
      }
      let (left, right) = (pairs(rows * inputs), pairs(inputs * outputs))
      let gradients = pairs(rows * outputs)
      let before = generator.values(count: inputs * outputs).map(Float.init)
      let product = ConvolutionGeometry.products(
        components: 1, rows: rows, inputs: inputs, inputComponentStep: 0, outputs: outputs,
        outputComponentStep: 0, ofBFloat16: true)
      let dense = ConvolutionGeometry.dense(
        samples: rows, inputs: inputs, inputStep: inputs, outputs: outputs, outputStep: outputs,
        ofBFloat16: true)
      var result = [Float](repeating: 0, count: rows * outputs)
      var sums = before
      flushingDenormals {
        kernels.convolve(product, input: left, weights: right, bias: nil, output: &result)
        kernels.weightGradient(
          dense, input: left, outputGradient: gradients, weightGradient: &sums, accumulates: true)
        for output in 0..<outputs {
          for row in 0..<rows {
            let sum = (0..<inputs).reduce(Float(0)) { sum, input in
              Self.add(
                left[row * inputs + input], right[panels.offset(row: input, column: output)],
                to: sum)
            }
            Self.expect(result[row * outputs + output], sum)
          }
          for input in 0..<inputs {
            let place = panels.offset(row: input, column: output)
            let sum = (0..<rows).reduce(before[place]) { sum, row in
              Self.add(left[row * inputs + input], gradients[row * outputs + output], to: sum)
            }
            Self.expect(sums[place], sum)
          }
        }
      }
    }
  }

  private static func add(_ a: Float, _ b: Float, to sum: Float) -> Float {
    func half(_ pair: Float, _ isSecond: Bool) -> Float {
      Float(bitPattern: isSecond ? pair.bitPattern & 0xffff_0000 : pair.bitPattern << 16)
    }
    let second = sum.addingProduct(half(a, true), half(b, true))
    return second.addingProduct(half(a, false), half(b, false))
  }

  private static func expect(_ result: Float, _ expected: Float) {
    #expect(
      result.bitPattern == expected.bitPattern || result.isNaN && expected.isNaN,
      "\(result), \(expected)")
  }
}
