extension Layer: Codable {
  /// A field by whatever name.
  struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Decodes `{"type": …}` with the fields of that type, and refuses any other field: a misspelt
  /// `paddding` must not train another network than the one meant.
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    let name = try fields.decode(String.self, forKey: Key("type"))
    guard let type = LayerType(rawValue: name) else {
      let known = LayerType.allCases.map(\.rawValue).joined(separator: ", ")
      throw DecodingError.dataCorruptedError(
        forKey: Key("type"), in: fields,
        debugDescription: "expected a layer type (\(known)), found '\(name)'")
    }
    var known: Set<String> = ["type"]

    func field<Value: Decodable>(_ name: String, default value: Value? = nil) throws -> Value {
      known.insert(name)
      if let value, !fields.contains(Key(name)) { return value }
      do {
        return try fields.decode(Value.self, forKey: Key(name))
      } catch let error as DecodingError {
        throw error
      } catch {
        // Foundation gives a number that does not fit no place, and in the end calls it no JSON.
        let found = (try? fields.decode(Double.self, forKey: Key(name))).map { "\($0)" }
        throw DecodingError.dataCorruptedError(
          forKey: Key(name), in: fields,
          debugDescription: "expected \(Value.self == Int.self ? "a whole number" : "a number") "
            + "within range, found \(found ?? "no number")")
      }
    }

    switch type {
    case .convolution:
      self = .convolution(
        filters: try field("filters"), kernelSize: try field("kernelSize"),
        stride: try field("stride", default: 1), padding: try field("padding", default: 0),
        hasBias: try field("bias", default: true))
    case .maxPooling, .averagePooling:
      let kernelSize: Int = try field("kernelSize")
      let stride = try field("stride", default: kernelSize)
      self =
        type == .maxPooling
        ? .maxPooling(kernelSize: kernelSize, stride: stride)
        : .averagePooling(kernelSize: kernelSize, stride: stride)
    case .flatten: self = .flatten
    case .dense: self = .dense(units: try field("units"))
    case .dropout: self = .dropout(rate: try field("rate"))
    case .relu: self = .relu
    case .leakyRelu: self = .leakyRelu(slope: try field("slope", default: 0.01))
    case .sigmoid: self = .sigmoid
    case .tanh: self = .tanh
    case .softmax: self = .softmax
    case .identity: self = .identity
    }

    for key in fields.allKeys where !known.contains(key.stringValue) {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: fields,
        debugDescription: "expected only \(known.sorted().joined(separator: ", ")) "
          + "in a \(name) layer, found '\(key.stringValue)'")
    }
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
