import ConvoyKeyedRandom
import Testing

@Suite("Keys")
struct KeyTests {
  private static let purposes: [KeyedRandom.Purpose] = [
    .initialization, .shuffling, .dropout, .augmentation,
  ]

  @Test("the same key and counter give the same number, in whatever order")
  func repeatable() {
    let random = KeyedRandom(seed: 7, purpose: .dropout, 3, 5)
    let again = KeyedRandom(seed: 7, purpose: .dropout, 3, 5)
    let forwards = (0..<100).map { random[$0] }
    let backwards = (0..<100).reversed().map { again[$0] }
    #expect(forwards == backwards.reversed())
  }

  @Test("bytes are those of the numbers, lowest first, however many are asked for")
  func bytes() {
    let random = KeyedRandom(seed: 7, purpose: .initialization)
    let numbers = random.bytes(count: 8).enumerated().reduce(UInt64(0)) {
      $0 | UInt64($1.element) << UInt64($1.offset * 8)
    }
    #expect(numbers == random[0])
    #expect(random.bytes(count: 19) == Array(random.bytes(count: 24).prefix(19)))
    #expect(Array(random.bytes(count: 16).suffix(8)) != random.bytes(count: 8))
  }

  /// By chance, two of 120 000 numbers of 64 bits are equal once in 2.5 · 10⁹ such tests.
  @Test("seeds, purposes, epochs and samples share no number")
  func unrelated() {
    var seen: Set<UInt64> = []
    var drawn = 0
    for seed: UInt64 in 0..<2 {
      for purpose in Self.purposes {
        // Equal numbers in swapped places, and sums, are among them.
        for (epoch, sample) in [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 1)] {
          let random = KeyedRandom(seed: seed, purpose: purpose, epoch, sample)
          seen.formUnion((0..<2000).map { random[$0] })
          drawn += 2000
        }
      }
    }
    // And another use of the last key.
    let other = KeyedRandom(seed: 1, purpose: .dropout, 2, 1)
    for use in 0..<12 {
      seen.formUnion((0..<2000).map { other.keyed(by: use)[$0] })
      drawn += 2000
    }
    #expect(drawn == 120_000)
    #expect(seen.count == drawn)
  }

  /// Each of 64 bits differs with probability ½: of 64 · 2000 bits, half within 5 standard
  /// deviations √n / 2.
  @Test("streams of neighbouring keys agree in half their bits")
  func uncorrelated() {
    let random = KeyedRandom(seed: 1, purpose: .shuffling, 4, 9)
    for other in [
      KeyedRandom(seed: 2, purpose: .shuffling, 4, 9),
      KeyedRandom(seed: 1, purpose: .dropout, 4, 9),
      KeyedRandom(seed: 1, purpose: .shuffling, 5, 9),
      KeyedRandom(seed: 1, purpose: .shuffling, 4, 10),
    ] {
      let differing = (0..<2000).reduce(0) { $0 + (random[$1] ^ other[$1]).nonzeroBitCount }
      let count = 128_000.0
      #expect(abs(Double(differing) - count / 2) <= 5 * count.squareRoot() / 2)
    }
  }

  /// Fixed once and for all: whoever changes the generator changes every run that is on record.
  @Test("the numbers themselves")
  func golden() {
    let random = KeyedRandom(seed: 42, purpose: .initialization, 1, 2)
    #expect(
      [0, 1, 1 << 40, -1].map { random[$0] } == [
        0x5dfc_aa92_0f7d_aa76, 0x5dbe_b7c5_e28b_9359, 0xfe5f_902d_4ed9_c78c, 0x42bf_808f_4d40_610f,
      ])
    #expect(
      KeyedRandom(seed: 42, purpose: .shuffling, 1).permutation(of: 10)
        == [4, 7, 5, 6, 1, 3, 0, 2, 9, 8])
    #expect(random.uniform(0) == 0x1.77f2aa483df6ap-2)
    #expect(random.integer(3, below: 1000) == 714)
    // The logarithm and the cosine are the system's: a last digit may differ.
    #expect(abs(random.normal(0) - -0.6379358899298845) < 1e-14)
  }
}
