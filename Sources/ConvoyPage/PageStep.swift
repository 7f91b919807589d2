import ConvoyNeuralNetwork

/// A step of the page's forward pass: a layer, or the input.
struct PageStep: Encodable {
  /// `3`, or inside a composite `3.layers.0`; empty for the input.
  let place: String
  var name: String
  let type: String
  /// Numbers of the steps that it reads.
  let inputs: [Int]
  let shape: [Int]
  let fields: [String: LayerField]
  /// By name: `weight`, `bias`, `running_mean`, …
  let tensors: [String: Tensor]

  struct Tensor: Encodable {
    /// In floats.
    let offset: Int
    let shape: [Int]
  }
}

/// Lists the steps of a network, each after those that it reads.
struct PageStepBuilder {
  private(set) var steps: [PageStep]
  /// As they are trained, by place.
  private let layers: [String: PlacedLayer]
  /// By place and name.
  private var tensors: [String: [String: PageStep.Tensor]] = [:]

  init(input: FeatureShape, layers: [PlacedLayer], tensors: [ParameterTensor]) {
    steps = [
      PageStep(
        place: "", name: "input", type: "input", inputs: [], shape: input.sizes, fields: [:],
        tensors: [:])
    ]
    self.layers = Dictionary(uniqueKeysWithValues: layers.map { ($0.place, $0) })
    var offset = 0
    for tensor in tensors where tensor.isOnPages {
      let parts = tensor.name.split(separator: ".")
      let place = parts.dropLast().joined(separator: ".")
      self.tensors[place, default: [:]][parts.last.map(String.init) ?? ""] =
        PageStep.Tensor(offset: offset, shape: tensor.shape)
      offset += PageWeights.padded(tensor.count)
    }
  }

  /// Adds layers in order.
  ///
  /// - Returns: the number of the step that gives their output.
  mutating func add(_ layers: [any Layer], prefix: String = "", input: Int) -> Int {
    var current = input
    var lastSum: Int?
    for (index, layer) in layers.enumerated() {
      let place = "\(prefix)\(index)"
      guard let trained = self.layers[place] else {
        preconditionFailure("Folding keeps every place, and there is no layer \(place).")
      }
      if layer is Identity || layer is Dropout {
        if trained.layer is BatchNormalization, let lastSum {
          steps[lastSum].name += ", batchNormalization"
        }
        continue
      }
      var inputs = [current]
      if !layer.branches.isEmpty {
        inputs = layer.branches.map {
          add($0.layers, prefix: "\(place).\($0.name).", input: current)
        }
        if layer is Residual, inputs.count == 1 { inputs.append(current) }
      }
      current = steps.count
      if layer is Convolution || layer is Dense { lastSum = current }
      steps.append(
        PageStep(
          place: place, name: trained.layer.summary, type: type(of: layer).typeName,
          inputs: inputs, shape: trained.output.sizes,
          fields: layer.branches.isEmpty ? layer.fields : [:], tensors: tensors[place] ?? [:]))
    }
    return current
  }
}
