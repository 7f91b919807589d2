/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers for the same seed, on every machine.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  package mutating func integer(in range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// One of some choices, of which there is at least one.
  package mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
    choices[integer(in: 0...choices.count - 1)]
  }

  package mutating func chance(of probability: Double) -> Bool {
    Double.random(in: 0..<1, using: &self) < probability
  }

  /// Numbers in a range that single precision holds exactly. Rounded from double precision, so that
  /// small ones use all their digits and sums are rarely exact.
  package mutating func values(
    count: Int, in range: ClosedRange<Double> = -1...1
  ) -> [Double] {
    (0..<count).map { _ in Double(Float(Double.random(in: range, using: &self))) }
  }

  /// Whole numbers times a unit: few of them, so that many are equal.
  package mutating func gridValues(
    count: Int, in range: ClosedRange<Int>, unit: Double = 1
  ) -> [Double] {
    (0..<count).map { _ in Double(integer(in: range)) * unit }
  }
}
