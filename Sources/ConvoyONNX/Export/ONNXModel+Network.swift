import ConvoyNeuralNetwork
import ConvoyTraining

extension ONNXModel {
  /// What a network's graph gives.
  package enum Output: Sendable {
    /// The outputs with which `evaluate` compares labels.
    case logits
    /// Their softmax. A loss other than cross-entropy has none: then they are the logits.
    case probabilities
  }

  /// The graph of a trained network. Its input is a batch of images, channels × height × width, of
  /// floats: pixel bytes, or what the network was trained on. Normalisation is a part of the graph.
  ///
  /// The metadata has what a model file says beside its weights: the names of classes, the shape,
  /// how pictures are made to fit.
  ///
  /// - Parameter path: of the model file, for errors.
  package init(
    _ file: ModelFile, giving output: Output, path: String
  ) throws {
    let input = file.inputShape
    var builder = GraphBuilder(
      file.weights, path: path,
      input: ONNXValue(
        name: "input",
        shape: [.symbol("batch"), .size(input.channels), .size(input.height), .size(input.width)]))
    builder.add(file.normalization)

    var layers = file.architecture.layers
    while layers.last is Identity { layers.removeLast() }
    let isSoftmaxOfLoss = file.loss == .crossEntropy
    if isSoftmaxOfLoss, layers.last is Softmax { layers.removeLast() }
    let placed = try Network(layers).placedLayers(for: input)
    let places = Dictionary(uniqueKeysWithValues: placed.map { ($0.place, $0) })
    try builder.add(layers, prefix: "", places)
    let classes = try file.architecture.outputShape(for: input).count
    let gives = isSoftmaxOfLoss ? output : .logits
    if gives == .probabilities {
      builder.add("Softmax", at: "probabilities", with: ["axis": .integer(1)])
    }
    let metadata = try file.metadata()
    self.init(
      graph: builder.finished(output: "\(gives)", count: classes),
      metadata: ModelFile.dataKeys.compactMap { key in
        metadata[key].map { Property(key: key, value: $0) }
      })
  }
}

extension GraphBuilder {
  /// (byte / 255 − mean) / deviation, with both in units of a byte; of floats, in their own.
  fileprivate mutating func add(_ normalization: Normalization) {
    let shape = [normalization.means.count, 1, 1]
    let unit = normalization.areFloats ? 1 : 255.0
    let means = normalization.means.map { Float(unit * $0) }
    if means.contains(where: { $0 != 0 }) {
      add(
        "Sub", at: "normalization", "centred",
        reading: [constant("normalization.means", means, shape: shape)])
    }
    let deviations = normalization.deviations.map { Float(unit * $0) }
    add(
      "Div", at: "normalization",
      reading: [constant("normalization.deviations", deviations, shape: shape)])
  }

  fileprivate mutating func add(
    _ layers: [any Layer], prefix: String, _ places: [String: PlacedLayer]
  ) throws {
    for (index, layer) in layers.enumerated() {
      let place = "\(prefix)\(index)"
      guard let placed = places[place] else { preconditionFailure("every layer has a place") }
      if layer.branches.isEmpty {
        guard let exported = layer as? any ExportedLayer else {
          throw ONNXError.layer(place: place, name: type(of: layer).typeName)
        }
        try exported.add(to: &self, at: placed)
        continue
      }
      let input = flow
      var ends: [String] = []
      for branch in layer.branches {
        flow = input
        try add(branch.layers, prefix: "\(place).\(branch.name).", places)
        ends.append(flow)
      }
      if layer is Residual {
        add("Add", at: place, inputs: ends.count == 1 ? ends + [input] : ends)
      } else {
        add("Concat", at: place, inputs: ends, with: ["axis": .integer(1)])
      }
    }
  }
}
