/// Output = layers(x) + shortcut(x) (He et al., 2016). Both must give the same shape, which is the
/// output's; without a shortcut x itself is added.
public struct Residual: Layer {
  package static let typeName = "residual"

  package let layers: [any Layer]
  package let shortcut: [any Layer]

  package init(_ layers: [any Layer], shortcut: [any Layer] = []) {
    self.layers = layers
    self.shortcut = shortcut
  }

  /// - Parameters:
  ///   - layers: what is added to the shortcut.
  ///   - shortcut: without layers, the input itself.
  public init(
    @BlockBuilder _ layers: () -> Network, @BlockBuilder shortcut: () -> Network = { Network() }
  ) {
    self.init(layers().layers, shortcut: shortcut().layers)
  }

  package init(_ fields: inout JSONFields) throws(FieldError) {
    self.init(
      try fields.layers("layers"), shortcut: try fields.layers("shortcut", default: []))
  }

  package var fields: [String: LayerField] {
    var fields: [String: LayerField] = ["layers": .layers(layers)]
    if !shortcut.isEmpty { fields["shortcut"] = .layers(shortcut) }
    return fields
  }

  package var branches: [LayerBranch] {
    [LayerBranch(name: "layers", layers: layers)]
      + (shortcut.isEmpty ? [] : [LayerBranch(name: "shortcut", layers: shortcut)])
  }

  package func replacingBranches(_ replace: (LayerBranch) -> [any Layer]) -> Residual {
    let replaced = branches.map(replace)
    return Residual(replaced[0], shortcut: replaced.count > 1 ? replaced[1] : [])
  }

  package func validate() throws(LayerError) {
    guard !layers.isEmpty else {
      throw .number(expected: "at least one layer in 'layers'", found: "none")
    }
  }

  package func outputShape(
    for input: FeatureShape, branches: [FeatureShape]
  ) throws(LayerError) -> FeatureShape {
    let (main, added) = (branches[0], branches.count > 1 ? branches[1] : input)
    guard main == added else {
      throw .doesNotFit(
        problem: "its layers give \(main), and its shortcut \(added): they cannot be added")
    }
    return main
  }

  package func add(to plan: inout PlanBuilder) {
    plan.appendAddition(
      of: plan.add(
        branches: [
          LayerBranch(name: "layers", layers: layers),
          LayerBranch(name: "shortcut", layers: shortcut),
        ]))
  }

  public static func == (one: Residual, other: Residual) -> Bool {
    Network(one.layers) == Network(other.layers)
      && Network(one.shortcut) == Network(other.shortcut)
  }
}
