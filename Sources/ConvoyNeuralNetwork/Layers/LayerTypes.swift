import ConvoyStrictJSON

/// The layers that an architecture file can name.
package enum LayerTypes {
  package static let all: [any Layer.Type] = [
    Convolution.self, MaxPooling.self, AveragePooling.self, Flatten.self, Dense.self, Dropout.self,
    ReLU.self, LeakyReLU.self, Sigmoid.self, Tanh.self, Softmax.self, Identity.self, Residual.self,
  ]

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.typeName, $0) })

  /// Reads a list of layers.
  static func layers(_ value: JSONValue, at place: JSONPlace) throws(FieldError) -> [any Layer] {
    guard case .array(let elements) = value else {
      throw FieldError("\(place): expected a list, found \(value.found)")
    }
    guard elements.count <= Architecture.mostLayers else {
      throw FieldError(
        "\(place): expected at most \(Architecture.mostLayers) layers, found \(elements.count)")
    }
    var layers: [any Layer] = []
    for (index, element) in elements.enumerated() {
      layers.append(try layer(element, at: place.element(index)))
    }
    return layers
  }

  /// Reads `{"type": …}` with the fields of that type and no other.
  ///
  /// - Parameter place: where the layer stands in its file.
  static func layer(_ value: JSONValue, at place: JSONPlace) throws(FieldError) -> any Layer {
    var fields = try JSONFields(value, at: place)
    let name = try fields.text("type")
    guard let type = byName[name] else {
      let known = all.map { $0.typeName }.joined(separator: ", ")
      throw fields.refusal("type", "a layer type (\(known))", quoted(name))
    }
    let layer = try type.init(&fields)
    try fields.requireNoMore(than: "\(fields.names) in \(article(name)) \(name) layer")
    return layer
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
