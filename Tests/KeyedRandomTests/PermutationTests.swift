import ConvoyKeyedRandom
import Testing

@Suite("Permutations")
struct PermutationTests {
  @Test("hold every number once", arguments: [0, 1, 2, 3, 10, 1000])
  func complete(count: Int) {
    let order = KeyedRandom(seed: 3, purpose: .shuffling, 1).permutation(of: count)
    #expect(order.sorted() == Array(0..<count))
  }

  /// 1000 numbers leave about one in its place, whatever the epoch.
  @Test("differ from epoch to epoch, and repeat for the same one")
  func epochs() {
    let orders = (0..<5).map {
      KeyedRandom(seed: 3, purpose: .shuffling, $0).permutation(of: 1000)
    }
    for (epoch, order) in orders.enumerated() {
      #expect(KeyedRandom(seed: 3, purpose: .shuffling, epoch).permutation(of: 1000) == order)
      for other in orders[(epoch + 1)...] {
        #expect(zip(order, other).count { $0.0 == $0.1 } < 10)
      }
    }
  }

  @Test("put every number everywhere equally often")
  func positions() {
    let (size, draws) = (6, 3000)
    var counts = Array(repeating: Array(repeating: 0, count: size), count: size)
    for epoch in 0..<draws {
      let order = KeyedRandom(seed: 9, purpose: .shuffling, epoch).permutation(of: size)
      for (place, number) in order.enumerated() { counts[place][number] += 1 }
    }
    for row in counts { expectEven(row, total: draws) }
  }

  /// All 24 orders of four numbers: positions alone would not notice orders that only rotate.
  @Test("take every order equally often")
  func orders() {
    let draws = 4800
    var counts: [[Int]: Int] = [:]
    for epoch in 0..<draws {
      let order = KeyedRandom(seed: 9, purpose: .shuffling, epoch).permutation(of: 4)
      counts[order, default: 0] += 1
    }
    #expect(counts.count == 24)
    expectEven(Array(counts.values), total: draws)
  }
}
