import ConvoyStrictJSON

/// Why a well-formed safetensors file is not the model that was asked for.
package enum ModelFileError: Error, Sendable, Equatable, CustomStringConvertible {
  case tensor(path: String, name: String, expected: String, found: String)
  case metadata(path: String, key: String, expected: String, found: String)
  /// The bytes are not those that were written, by their checksum.
  case damaged(path: String, expected: String, found: String)

  static func notFinite(path: String, tensor: String) -> ModelFileError {
    .tensor(path: path, name: tensor, expected: "finite numbers", found: "NaN or infinity")
  }

  package var description: String {
    switch self {
    case .tensor(let path, let name, let expected, let found):
      "\(path): tensor \(quoted(name)): expected \(expected), found \(found)"
    case .metadata(let path, let key, let expected, let found):
      "\(path): metadata '\(key)': expected \(expected), found \(found)"
    case .damaged(let path, let expected, let found):
      "\(path): damaged: expected checksum \(expected), found \(found)"
    }
  }
}
