import ConvoyStrictJSON
import Foundation

extension Network {
  /// The largest file that is read, in bytes: room for about thirty thousand layers, far above
  /// `mostLayers`.
  package static let largestText = 1 << 20

  /// Reads an architecture from JSON.
  ///
  /// - Parameter source: the name of the JSON in errors, such as its file.
  package init(json: Data, source: String) throws(NetworkError) {
    do {
      try self.init(json: json)
    } catch {
      throw .malformed(source: source, problem: error.problem)
    }
  }

  private init(json: Data) throws(FieldError) {
    guard json.count <= Self.largestText else {
      throw FieldError("expected at most \(Self.largestText) bytes, found \(json.count)")
    }
    let value: JSONValue
    do {
      value = try JSONParser.parse([UInt8](json))
    } catch {
      throw FieldError(error.description)
    }
    var fields = try JSONFields(value, at: JSONPlace())
    guard let list = fields.take("layers") else {
      throw FieldError("expected 'layers', found none")
    }
    try fields.requireNoMore(than: "layers")
    self.init(try LayerTypes.layers(list, at: JSONPlace().member("layers")))
  }

  /// The architecture as JSON, the same bytes for equal architectures.
  package func json() throws(NetworkError) -> String {
    try Self.encoded(["layers": layers.map(EncodedLayer.init)])
  }

  /// The same with a line for each layer, to be edited.
  package func jsonLines() throws(NetworkError) -> String {
    let lines = try layers.map { layer throws(NetworkError) in
      "  " + (try Self.encoded(EncodedLayer(layer: layer)))
    }
    return "{\"layers\": [\n\(lines.joined(separator: ",\n"))\n]}"
  }

  private static func encoded(_ value: some Encodable) throws(NetworkError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw .malformed(source: "architecture", problem: "\(error)")
    }
  }
}
