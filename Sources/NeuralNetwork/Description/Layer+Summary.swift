extension Layer {
  /// The layer and its numbers, for tables and messages.
  package var summary: String {
    switch self {
    case .convolution(let filters, let kernelSize, let stride, let padding, let hasBias):
      "convolution \(filters) \(kernelSize)×\(kernelSize)"
        + (stride == 1 ? "" : " stride \(stride)") + (padding == 0 ? "" : " padding \(padding)")
        + (hasBias ? "" : " no bias")
    case .maxPooling(let kernelSize, let stride), .averagePooling(let kernelSize, let stride):
      "\(type.rawValue) \(kernelSize)×\(kernelSize)"
        + (stride == kernelSize ? "" : " stride \(stride)")
    case .dense(let units): "dense \(units)"
    case .dropout(let rate): "dropout \(rate)"
    case .leakyRelu(let slope): "leakyRelu \(slope)"
    case .flatten, .relu, .sigmoid, .tanh, .softmax, .identity: type.rawValue
    }
  }
}
