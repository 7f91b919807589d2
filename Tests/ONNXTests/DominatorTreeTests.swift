import Testing

@testable import ConvoyONNX

struct DominatorTreeTests {
  /// In random graphs, by the definition: a value's dominators are itself and those that all of its
  /// inputs have.
  @Test(arguments: 0..<50)
  func parentsAreTheNearestDominators(seed: Int) {
    var state = UInt64(seed) &* 2_862_933_555_777_941_757 &+ 3_037_000_493
    func draw(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var tree = DominatorTree()
    var dominators: [Set<Int>] = [[0]]
    for value in 1..<120 {
      // Mostly chains, so that trees are deep.
      let inputs =
        draw(4) > 0 ? [max(0, value - 1 - draw(2))] : (0...draw(3)).map { _ in draw(value) }
      tree.append(dominatedBy: inputs)
      var common = dominators[inputs[0]]
      for input in inputs { common.formIntersection(dominators[input]) }
      #expect(tree.parent(of: value) == common.max(), "value \(value), seed \(seed)")
      dominators.append(common.union([value]))
    }
  }
}
