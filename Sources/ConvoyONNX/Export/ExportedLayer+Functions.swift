import ConvoyNeuralNetwork

// Layers without weights.

extension MaxPooling: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    graph.add("MaxPool", at: layer.place, with: window(kernelSize, stride, padding))
  }
}

extension AveragePooling: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    var attributes = window(kernelSize, stride, padding)
    attributes["count_include_pad"] = .integer(1)
    graph.add("AveragePool", at: layer.place, with: attributes)
  }
}

private func window(
  _ kernelSize: Pair, _ stride: Pair, _ padding: Pair
) -> [String: ONNXNode.Attribute.Value] {
  [
    "kernel_shape": .pair(kernelSize), "strides": .pair(stride),
    "pads": .integers([padding.rows, padding.columns, padding.rows, padding.columns]),
  ]
}

extension GlobalMaxPooling: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    graph.add("GlobalMaxPool", at: layer.place, "map")
    graph.add("Flatten", at: layer.place)
  }
}

extension GlobalAveragePooling: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    graph.add("GlobalAveragePool", at: layer.place, "map")
    graph.add("Flatten", at: layer.place)
  }
}

extension Flatten: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    if !layer.input.shape.isFlat { graph.add("Flatten", at: layer.place) }
  }
}

extension Dropout: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {}
}

extension Identity: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {}
}

extension Softmax: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    graph.add("Softmax", at: layer.place, with: ["axis": .integer(1)])
  }
}

extension Scale: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    graph.add("Mul", at: layer.place, reading: [graph.number("\(layer.place).factor", factor)])
  }
}

extension ReLU: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    graph.add("Relu", at: layer.place)
  }
}

extension ReLU6: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    let place = layer.place
    graph.add(
      "Clip", at: place,
      reading: [graph.number("\(place).least", 0), graph.number("\(place).most", 6)])
  }
}

extension LeakyReLU: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    graph.add("LeakyRelu", at: layer.place, with: ["alpha": .float(slope)])
  }
}

extension ELU: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    graph.add("Elu", at: layer.place, with: ["alpha": .float(alpha)])
  }
}

extension Sigmoid: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    graph.add("Sigmoid", at: layer.place)
  }
}

extension Tanh: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    graph.add("Tanh", at: layer.place)
  }
}

// Operator set 13 has none of the following three.

extension SiLU: ExportedLayer {
  /// x · sigmoid(x).
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    let input = graph.flow
    graph.add("Sigmoid", at: layer.place, "sigmoid")
    graph.add("Mul", at: layer.place, inputs: [input, graph.flow])
  }
}

extension HardSwish: ExportedLayer {
  /// x · max(0, min(1, x / 6 + 1 / 2)).
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    let input = graph.flow
    graph.add(
      "HardSigmoid", at: layer.place, "sigmoid",
      with: ["alpha": .float(1 / 6), "beta": .float(0.5)])
    graph.add("Mul", at: layer.place, inputs: [input, graph.flow])
  }
}

extension GELU: ExportedLayer {
  /// x · (1 + erf(x / √2)) / 2.
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) {
    let (input, place) = (graph.flow, layer.place)
    graph.add(
      "Div", at: place, "ratio", reading: [graph.number("\(place).root", Float(2).squareRoot())])
    graph.add("Erf", at: place, "erf")
    graph.add("Add", at: place, "sum", reading: [graph.number("\(place).one", 1)])
    graph.add("Mul", at: place, "product", inputs: [input, graph.flow])
    graph.add("Mul", at: place, reading: [graph.number("\(place).half", 0.5)])
  }
}
