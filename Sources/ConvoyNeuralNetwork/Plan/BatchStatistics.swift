import ConvoyKernelInterface

/// What a normalisation measures of a batch: rows with a float per channel, as stored.
///
/// Every sample has all rows; those that are common to a ghost lie at its first sample.
struct BatchStatistics: Sendable {
  enum Row: Int, CaseIterable {
    /// Of a sample: the mean, and Σ (value − mean)².
    case sampleMean, sampleSquares
    /// Of a ghost; the variance is the unbiased one.
    case mean, variance, inverseDeviation, factor
    case gradientMean, slope, scaleGradient, shiftGradient

    /// In the backward pass, of a sample: Σ g, and Σ g · (value − mean of the ghost).
    static let sampleGradients = sampleMean
    static let sampleProducts = sampleSquares

    static let count = allCases.count
  }

  let place: SamplePlace
  /// Channels as stored.
  let channels: Int
  let ghostSize: Int?

  /// Floats of a sample.
  var step: Int { Row.count * channels }

  /// Of the samples themselves.
  var measuredRows: BatchRows {
    BatchRows(place, step: step, columns: 0..<2 * channels)
  }

  func ghosts(of samples: Int) -> Int {
    ghostSize.map { (samples + $0 - 1) / $0 } ?? 1
  }

  /// The samples of a ghost; the last may have fewer.
  func ghost(_ number: Int, of samples: Int) -> Range<Int> {
    guard let ghostSize else { return 0..<samples }
    return number * ghostSize..<min((number + 1) * ghostSize, samples)
  }

  /// Of the batch's statistics: a vector's. Channels are stored in multiples of 8.
  static let channelsAPiece = SIMD8<Double>.scalarCount

  /// The sums of a piece's channels over the samples of a ghost, in order.
  @inline(__always)
  func sums(
    _ batch: BatchMemory, over ghost: Range<Int>, ofPiece piece: Int,
    _ value: (_ sample: Piece) -> SIMD8<Double>
  ) -> SIMD8<Double> {
    var sums = SIMD8<Double>()
    for sample in ghost {
      sums += unsafe value(
        Piece(
          rows: batch.pointer(place, count: step, sample) + Self.channelsAPiece * piece,
          channels: channels))
    }
    return sums
  }

  /// A piece's channels of a sample's rows. Safe: only `sums` makes one, for the time of a call, and
  /// eight channels are there, because they are stored in multiples of 8.
  @safe struct Piece {
    fileprivate let rows: MutableFloatPointer
    fileprivate let channels: Int

    @inline(__always)
    subscript(row: Row) -> SIMD8<Double> {
      unsafe SIMD8<Double>(
        UnsafeRawPointer(rows + row.rawValue * channels).loadUnaligned(as: SIMD8<Float>.self))
    }
  }

  /// Sets a piece's channels of a ghost's row.
  @inline(__always)
  func set(
    _ row: Row, _ batch: BatchMemory, of ghost: Range<Int>, piece: Int,
    _ values: SIMD8<Double>
  ) {
    let place = unsafe UnsafeMutableRawPointer(
      self.row(row, batch.places, ghost.lowerBound) + Self.channelsAPiece * piece)
    unsafe place.storeBytes(of: SIMD8<Float>(values), as: SIMD8<Float>.self)
  }

  /// A channel's sum over the ghosts, in order.
  func sum(_ row: Row, _ batch: BatchMemory, _ samples: Int, _ channel: Int) -> Double {
    (0..<ghosts(of: samples)).reduce(0) { sum, number in
      let first = ghost(number, of: samples).lowerBound
      return unsafe sum + Double(self.row(row, batch.places, first)[channel])
    }
  }

  func row(_ row: Row, _ batch: BatchPlaces, _ sample: Int) -> MutableFloatPointer {
    unsafe batch.pointer(place, count: step, sample) + row.rawValue * channels
  }

  /// - Parameter sample: within the pass.
  func row(_ row: Row, _ pass: SamplePass, _ sample: Int) -> MutableFloatPointer {
    unsafe self.row(row, pass.batch, pass.samples.lowerBound + sample)
  }

  func row(_ row: Row, ofGhostWith sample: Int, _ pass: SamplePass) -> MutableFloatPointer {
    let place = pass.samples.lowerBound + sample
    return unsafe self.row(row, pass.batch, ghostSize.map { place / $0 * $0 } ?? 0)
  }
}
