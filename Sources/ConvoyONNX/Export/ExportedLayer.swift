import ConvoyNeuralNetwork
import ConvoyTraining

/// A layer with operators of ONNX.
protocol ExportedLayer: Layer {
  /// Adds nodes that read the flow and become it.
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) throws(ModelFileError)
}

extension Convolution: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) throws(ModelFileError) {
    let weights = filters * (layer.input.shape.channels / groups) * kernelSize.product
    var parameters = [try graph.weights("weight", at: layer.place, count: weights)]
    if hasBias {
      parameters.append(try graph.weights("bias", at: layer.place, count: filters))
    }
    graph.add(
      "Conv", at: layer.place, reading: parameters,
      with: [
        "kernel_shape": .pair(kernelSize), "strides": .pair(stride), "dilations": .pair(dilation),
        "group": .integer(groups), "pads": .integers(pads),
      ])
  }

  /// Before rows and columns, then after them.
  private var pads: [Int] {
    switch padding {
    case .zeros(let zeros): return [zeros.rows, zeros.columns, zeros.rows, zeros.columns]
    case .same:
      let total = [
        (kernelSize.rows - 1) * dilation.rows, (kernelSize.columns - 1) * dilation.columns,
      ]
      return total.map { $0 / 2 } + total.map { $0 - $0 / 2 }
    }
  }
}

extension Dense: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) throws(ModelFileError) {
    let count = units * layer.input.shape.count
    var parameters = [try graph.weights("weight", at: layer.place, count: count)]
    if hasBias { parameters.append(try graph.weights("bias", at: layer.place, count: units)) }
    graph.add("Gemm", at: layer.place, reading: parameters, with: ["transB": .integer(1)])
  }
}

extension BatchNormalization: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) throws(ModelFileError) {
    let (place, channels) = (layer.place, layer.input.shape.channels)
    func constant(_ value: Float) -> [Float] { Array(repeating: value, count: channels) }
    let parameters = [
      hasScale
        ? try graph.weights("weight", at: place, count: channels)
        : graph.constant("\(place).ones", constant(1), shape: [channels]),
      hasShift
        ? try graph.weights("bias", at: place, count: channels)
        : graph.constant("\(place).zeros", constant(0), shape: [channels]),
      try graph.weights("running_mean", at: place, count: channels),
      try graph.weights("running_var", at: place, count: channels),
    ]
    // ONNX's momentum is the share of the old estimates.
    graph.add(
      "BatchNormalization", at: place, reading: parameters,
      with: ["epsilon": .float(epsilon), "momentum": .float(1 - momentum)])
  }
}

extension GroupNormalization: ExportedLayer {
  /// Each group becomes a channel of one dimension, which InstanceNormalization normalises.
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) throws(ModelFileError) {
    let (place, shape) = (layer.place, layer.input.shape)
    // 0 keeps the batch's size, and −1 stands for what is left.
    let grouped = graph.integers("\(place).groups", [0, groups, -1])
    let whole = graph.integers(
      "\(place).shape",
      [0] + (shape.isFlat ? [shape.channels] : [shape.channels, shape.height, shape.width]))
    let ones = graph.constant(
      "\(place).ones", Array(repeating: 1, count: groups), shape: [groups])
    let zeros = graph.constant(
      "\(place).zeros", Array(repeating: 0, count: groups), shape: [groups])
    graph.add("Reshape", at: place, "grouped", reading: [grouped])
    graph.add(
      "InstanceNormalization", at: place, "normalized", reading: [ones, zeros],
      with: ["epsilon": .float(epsilon)])
    graph.add("Reshape", at: place, hasScale || hasShift ? "whole" : "", reading: [whole])
    if hasScale {
      let scale = try graph.weights(
        "weight", at: place, count: shape.channels, shape: shape.ofChannels)
      graph.add("Mul", at: place, hasShift ? "scaled" : "", reading: [scale])
    }
    if hasShift {
      let shift = try graph.weights(
        "bias", at: place, count: shape.channels, shape: shape.ofChannels)
      graph.add("Add", at: place, reading: [shift])
    }
  }
}

extension FeatureShape {
  /// The shape of a tensor with a number for each channel.
  fileprivate var ofChannels: [Int] { isFlat ? [channels] : [channels, 1, 1] }
}

extension PReLU: ExportedLayer {
  func add(to graph: inout GraphBuilder, at layer: PlacedLayer) throws(ModelFileError) {
    let shape = layer.input.shape
    let slopes = try graph.weights(
      "weight", at: layer.place, count: isShared ? 1 : shape.channels,
      shape: isShared ? [1] : shape.ofChannels)
    graph.add("PRelu", at: layer.place, reading: [slopes])
  }
}

extension ONNXNode.Attribute.Value {
  static func pair(_ pair: Pair) -> Self { .integers([pair.rows, pair.columns]) }
}
