/// The outputs of all branches, one after another along the channels; of vectors, along the
/// features (Szegedy et al., 2015; Huang et al., 2017). All branches read the layer's input, and
/// give maps of the same height and width. A branch without layers gives the input itself.
public struct Concatenation: Layer {
  package static let typeName = "concatenate"

  package let layers: [[any Layer]]

  package init(_ layers: [[any Layer]]) { self.layers = layers }

  /// - Parameter branches: one without layers gives the input itself.
  public init(of branches: [Network]) { self.init(branches.map(\.layers)) }

  /// - Parameter branches: one without layers gives the input itself.
  public init(of branches: Network...) { self.init(of: branches) }

  package init(_ fields: inout JSONFields) throws(FieldError) {
    self.init(try fields.branches("branches"))
  }

  package var fields: [String: LayerField] { ["branches": .branches(layers)] }

  package var branches: [LayerBranch] {
    layers.enumerated().map { LayerBranch(name: "branches.\($0)", layers: $1) }
  }

  package func replacingBranches(_ replace: (LayerBranch) -> [any Layer]) -> Concatenation {
    Concatenation(branches.map(replace))
  }

  package func validate() throws(LayerError) {
    guard !layers.isEmpty else {
      throw .number(expected: "at least one branch in 'branches'", found: "none")
    }
    // Each branch is an input of one node, even an empty one.
    guard layers.count <= 256 else {
      throw .number(expected: "at most 256 branches", found: "\(layers.count)")
    }
  }

  package func outputShape(
    for input: FeatureShape, branches: [FeatureShape]
  ) throws(LayerError) -> FeatureShape {
    let first = branches[0]
    for (index, other) in branches.enumerated()
    where (other.height, other.width, other.isFlat) != (first.height, first.width, first.isFlat) {
      throw .doesNotFit(
        problem: "its branch 0 gives \(first), and branch \(index) \(other): "
          + "they cannot be concatenated")
    }
    let channels = branches.reduce(0) { $0 + $1.channels }
    try LayerError.check(sizes: [channels, first.height, first.width])
    return first.isFlat
      ? FeatureShape(features: channels)
      : FeatureShape(channels: channels, height: first.height, width: first.width)
  }

  package func add(to plan: inout PlanBuilder) {
    plan.appendConcatenation(of: plan.add(branches: branches))
  }

  public static func == (one: Concatenation, other: Concatenation) -> Bool {
    one.layers.count == other.layers.count
      && zip(one.layers, other.layers).allSatisfy { Network($0) == Network($1) }
  }
}
