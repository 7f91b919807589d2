/// The immediate dominators of the values of a graph: the nearest value that each way from the root to
/// a value comes through. Values are numbered as they are added; 0 is the root.
///
/// Each value also has a jump to an ancestor farther up, so that a search takes logarithmic time: the
/// jumps are those of Myers' skew-binary lists ("An applicative random-access stack", 1983).
struct DominatorTree {
  private var parents = [0]
  private var jumps = [0]
  private var depths = [0]

  /// Adds the next value.
  ///
  /// - Parameter values: what it is computed from, all added before; none for the root.
  mutating func append(dominatedBy values: [Int]) {
    var parent = values.first ?? 0
    for value in values.dropFirst() { parent = common(parent, value) }
    let jump = jumps[parent]
    let isEven = depths[parent] - depths[jump] == depths[jump] - depths[jumps[jump]]
    parents.append(parent)
    jumps.append(isEven ? jumps[jump] : parent)
    depths.append(depths[parent] + 1)
  }

  func parent(of value: Int) -> Int { parents[value] }

  /// The nearest dominator of both, or one of them that dominates the other.
  private func common(_ one: Int, _ other: Int) -> Int {
    var (lower, upper) = depths[one] > depths[other] ? (one, other) : (other, one)
    while depths[lower] > depths[upper] {
      lower = depths[jumps[lower]] >= depths[upper] ? jumps[lower] : parents[lower]
    }
    // At one depth, jumps are equally long.
    while lower != upper {
      (lower, upper) =
        jumps[lower] != jumps[upper]
        ? (jumps[lower], jumps[upper]) : (parents[lower], parents[upper])
    }
    return lower
  }
}
