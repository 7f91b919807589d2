import ConvoyStrictJSON

/// The layers that an architecture file can name.
package enum LayerTypes {
  package static let all: [any Layer.Type] = [
    Convolution.self, BatchNormalization.self, GroupNormalization.self, MaxPooling.self,
    AveragePooling.self, GlobalMaxPooling.self, GlobalAveragePooling.self, Flatten.self,
    Dense.self, Dropout.self, ReLU.self, ReLU6.self, LeakyReLU.self, ELU.self, Sigmoid.self,
    Tanh.self,
    SiLU.self, HardSwish.self, GELU.self, PReLU.self, Softmax.self, Scale.self, Identity.self,
    Residual.self, Concatenation.self,
  ]

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.typeName, $0) })

  /// Reads a list of layers.
  static func layers(_ value: JSONValue, at place: JSONPlace) throws(FieldError) -> [any Layer] {
    guard case .array(let elements) = value else {
      throw FieldError("\(place): expected a list, found \(value.found)")
    }
    try checkCount(elements.count, at: place)
    var layers: [any Layer] = []
    for (index, element) in elements.enumerated() {
      layers += try self.layers(of: element, at: place.element(index))
      try checkCount(layers.count, at: place)
    }
    return layers
  }

  private static func checkCount(_ count: Int, at place: JSONPlace) throws(FieldError) {
    guard count <= Network.mostLayers else {
      throw FieldError(
        "\(place): expected at most \(Network.mostLayers) layers, found \(count)")
    }
  }

  /// Reads `{"type": …}` with the fields of that type and no other.
  ///
  /// - Parameter place: where the layer stands in its file.
  /// - Returns: one layer; of a `repeat`, its layers as often as it says.
  private static func layers(
    of element: JSONValue, at place: JSONPlace
  ) throws(FieldError) -> [any Layer] {
    var fields = try JSONFields(element, at: place)
    let name = try fields.text("type")
    let layers: [any Layer]
    if name == repetition {
      layers = try repeated(&fields, at: place)
    } else if let type = byName[name] {
      layers = [try type.init(&fields)]
    } else {
      let known = (all.map { $0.typeName } + [repetition]).joined(separator: ", ")
      throw fields.refusal("type", "a layer type (\(known))", quoted(name))
    }
    try fields.requireNoMore(than: "\(fields.names) in \(article(name)) \(name) layer")
    return layers
  }

  /// What a file calls layers that are repeated. It stands for them written out, each with weights of its
  /// own, and is no layer itself: neither summaries nor model files have it.
  private static let repetition = "repeat"

  private static func repeated(
    _ fields: inout JSONFields, at place: JSONPlace
  ) throws(FieldError) -> [any Layer] {
    let times = try fields.integer("times")
    guard (1...Network.mostLayers).contains(times) else {
      throw fields.refusal("times", "from 1 to \(Network.mostLayers)", "\(times)")
    }
    let layers = try fields.layers("layers")
    guard !layers.isEmpty else { throw fields.refusal("layers", "at least one layer", "none") }
    try checkCount(times * layers.count, at: place)
    return (0..<times).flatMap { _ in layers }
  }
}

/// The article before a word.
private func article(_ word: String) -> String {
  word.first.map("aeiou".contains) == true ? "an" : "a"
}

/// A layer as an architecture file has it.
struct EncodedLayer: Encodable {
  let layer: any Layer

  /// A coding key of any name.
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(type(of: layer).typeName, forKey: Key("type"))
    for (name, field) in layer.fields { try container.encode(field, forKey: Key(name)) }
  }
}
