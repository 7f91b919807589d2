import Foundation

extension Architecture: Codable {
  private enum Key: String, CodingKey { case layers }

  package init(from decoder: any Decoder) throws {
    layers = try decoder.container(keyedBy: Key.self).decode([Layer].self, forKey: .layers)
    let fields = try decoder.container(keyedBy: Layer.Key.self)
    if let other = fields.allKeys.first(where: { $0.stringValue != Key.layers.rawValue }) {
      throw DecodingError.dataCorruptedError(
        forKey: other, in: fields,
        debugDescription: "expected only \(Key.layers.rawValue), found '\(other.stringValue)'")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    try fields.encode(layers, forKey: .layers)
  }

  /// Reads an architecture from JSON.
  ///
  /// - Parameter source: what the JSON is called in an error, such as its file.
  package init(json: Data, source: String) throws(ArchitectureError) {
    do {
      self = try JSONDecoder().decode(Architecture.self, from: json)
    } catch let error as DecodingError {
      throw .malformed(source: source, problem: Self.problem(error))
    } catch {
      throw .malformed(source: source, problem: "\(error)")
    }
  }

  /// The architecture as JSON, the same bytes for equal architectures.
  package func json() throws(ArchitectureError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    } catch {
      throw .malformed(source: "architecture", problem: "\(error)")
    }
  }

  /// One line for what Foundation found wrong.
  private static func problem(_ error: DecodingError) -> String {
    let context: DecodingError.Context
    var what: String
    switch error {
    case .typeMismatch(let type, let found):
      (context, what) = (found, "expected \(Self.name(of: type)), found another kind of value")
    case .valueNotFound(let type, let found):
      (context, what) = (found, "expected \(Self.name(of: type)), found null")
    case .keyNotFound(let key, let found):
      (context, what) = (found, "expected '\(key.stringValue)', found none")
    case .dataCorrupted(let found):
      (context, what) = (found, found.debugDescription)
    @unknown default:
      return "\(error)"
    }
    if context.codingPath.isEmpty, case .dataCorrupted = error {
      what = "expected JSON, found something else (\(what))"
    }
    let place = context.codingPath.reduce(into: "") { path, key in
      if let index = key.intValue {
        path += " \(index)"
      } else {
        path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
      }
    }
    return place.isEmpty ? what : "\(place): \(what)"
  }

  private static func name(of type: Any.Type) -> String {
    switch type {
    case is Int.Type: "a whole number"
    case is Float.Type: "a number"
    case is Bool.Type: "true or false"
    case is String.Type: "a string"
    case is [Any].Type: "a list"
    default: "an object"
    }
  }
}
