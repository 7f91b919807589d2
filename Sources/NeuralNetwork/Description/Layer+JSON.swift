import StrictJSON

extension Layer {
  /// Reads `{"type": …}` with the fields of that type and no other.
  ///
  /// - Parameter place: where the layer stands in its file.
  init(_ value: JSONValue, at place: JSONPlace) throws(FieldError) {
    var fields = try JSONFields(value, at: place)
    let name = try fields.text("type")
    guard let type = LayerType(rawValue: name) else {
      let known = LayerType.allCases.map(\.rawValue).joined(separator: ", ")
      throw fields.refusal("type", "a layer type (\(known))", quoted(name))
    }
    switch type {
    case .convolution:
      self = .convolution(
        filters: try fields.integer("filters"), kernelSize: try fields.integer("kernelSize"),
        stride: try fields.integer("stride", default: 1),
        padding: try fields.integer("padding", default: 0),
        hasBias: try fields.boolean("bias", default: true))
    case .maxPooling, .averagePooling:
      let kernelSize = try fields.integer("kernelSize")
      let stride = try fields.integer("stride", default: kernelSize)
      self =
        type == .maxPooling
        ? .maxPooling(kernelSize: kernelSize, stride: stride)
        : .averagePooling(kernelSize: kernelSize, stride: stride)
    case .flatten: self = .flatten
    case .dense: self = .dense(units: try fields.integer("units"))
    case .dropout: self = .dropout(rate: try fields.rate("rate"))
    case .relu: self = .relu
    case .leakyRelu: self = .leakyRelu(slope: try fields.number("slope", default: 0.01))
    case .sigmoid: self = .sigmoid
    case .tanh: self = .tanh
    case .softmax: self = .softmax
    case .identity: self = .identity
    }
    try fields.requireNoMore(than: "\(fields.names) in a \(name) layer")
  }
}

extension Layer: Encodable {
  /// A field by whatever name.
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    try fields.encode(type.rawValue, forKey: Key("type"))
    switch self {
    case .convolution(let filters, let kernelSize, let stride, let padding, let hasBias):
      try fields.encode(filters, forKey: Key("filters"))
      try fields.encode(kernelSize, forKey: Key("kernelSize"))
      try fields.encode(stride, forKey: Key("stride"))
      try fields.encode(padding, forKey: Key("padding"))
      if !hasBias { try fields.encode(hasBias, forKey: Key("bias")) }
    case .maxPooling(let kernelSize, let stride), .averagePooling(let kernelSize, let stride):
      try fields.encode(kernelSize, forKey: Key("kernelSize"))
      try fields.encode(stride, forKey: Key("stride"))
    case .dense(let units): try fields.encode(units, forKey: Key("units"))
    case .dropout(let rate): try fields.encode(rate, forKey: Key("rate"))
    case .leakyRelu(let slope): try fields.encode(slope, forKey: Key("slope"))
    case .flatten, .relu, .sigmoid, .tanh, .softmax, .identity: break
    }
  }
}
