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
