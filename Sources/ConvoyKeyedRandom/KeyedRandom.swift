/// Random numbers that are a pure function of a key and a counter.
///
/// A number depends on its purpose, never on the thread or on earlier draws. So a run draws the
/// same numbers on any number of threads, and a resumed run needs no generator state. The mixing
/// function is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
package struct KeyedRandom: Sendable, Equatable {
  /// The purpose of a number: equal counters with different purposes give unrelated numbers.
  package enum Purpose: UInt64, Sendable {
    case initialization = 1
    case shuffling
    case dropout
    /// Which images are held back from training.
    case validation
    /// How a training image is varied, and which images are mixed.
    case augmentation
    /// Which images of a data set without a test part are for tests.
    case testPart
  }

  private let key: UInt64

  /// - Parameters:
  ///   - first, second: distinguish uses of a purpose, such as the epoch and the sample.
  package init(seed: UInt64, purpose: Purpose, _ first: Int = 0, _ second: Int = 0) {
    var key = Self.mixed(seed)
    key = Self.mixed(key ^ purpose.rawValue)
    key = Self.mixed(key ^ UInt64(bitPattern: Int64(first)))
    self.key = Self.mixed(key ^ UInt64(bitPattern: Int64(second)))
  }

  /// Numbers of another use of the same purpose.
  package func keyed(by use: Int) -> KeyedRandom {
    KeyedRandom(key: Self.mixed(key ^ UInt64(bitPattern: Int64(use))))
  }

  private init(key: UInt64) { self.key = key }

  /// 64 random bits.
  package subscript(counter: Int) -> UInt64 {
    Self.mixed(key &+ UInt64(truncatingIfNeeded: counter) &* 0x9E37_79B9_7F4A_7C15)
  }

  /// Uniform in [0, 1), a multiple of 2⁻⁵³.
  package func uniform(_ counter: Int) -> Double {
    Double(self[counter] >> 11) * 0x1p-53
  }

  /// Uniform in 0..<bound, without bias worth measuring: below bound / 2⁶⁴ (Lemire, 2019).
  package func integer(_ counter: Int, below bound: Int) -> Int {
    Int(self[counter].multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Uniform bytes, eight from each number: counters from 0 up.
  package func bytes(count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for index in 0..<count {
      bytes.append(UInt8(truncatingIfNeeded: self[index / 8] >> (UInt64(index % 8) * 8)))
    }
    return bytes
  }

  /// An inverted dropout mask (Srivastava et al., 2014): 0 with probability `rate`, else
  /// 1 / (1 − rate), so that the expected sum is kept.
  package func fillDropoutMask(_ mask: UnsafeMutableBufferPointer<Float>, rate: Float) {
    let scale = 1 / (1 - rate)
    let threshold = UInt64((Double(rate) * 0x1p32).rounded())
    for index in mask.indices {
      unsafe mask[index] = self[index] >> 32 < threshold ? 0 : scale
    }
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var bits = value &+ 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}

extension KeyedRandom {
  /// A random order of 0..<count (Fisher and Yates, 1938; Durstenfeld, 1964).
  package func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, integer(last, below: last + 1))
    }
    return order
  }
}

extension KeyedRandom {
  /// Normal with mean 0 and deviation 1 (Box and Muller, 1958). The logarithm and the cosine are
  /// `PortableMath`'s, so that every system gives the same bits.
  package func normal(_ counter: Int) -> Double {
    // 1 − u is never zero, so that the logarithm is finite.
    let radius = (-2 * PortableMath.logarithm(1 - uniform(2 * counter))).squareRoot()
    return radius * PortableMath.cosine(ofTurns: uniform(2 * counter + 1))
  }
}
