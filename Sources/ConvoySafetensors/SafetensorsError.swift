import ConvoyFileAccess
import ConvoyProcessLimits
import ConvoyStrictJSON

/// Why the tensors of a file could not be read.
package enum SafetensorsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The part of a file that an error speaks of.
  package enum Place: Equatable, Sendable, CustomStringConvertible {
    case lengthField
    /// The offset counts from the start of the file.
    case header(byte: Int)
    case metadata
    case tensor(String)
    case data

    package var description: String {
      switch self {
      case .lengthField: "header length"
      case .header(let byte): "header, byte \(byte)"
      case .metadata: "metadata"
      case .tensor(let name): "tensor \(quoted(name))"
      case .data: "data"
      }
    }
  }

  /// The file could not be read at all.
  case unreadable(FileError)
  /// The contents would not fit in memory.
  case memory(MemoryError)
  /// The file has the first bytes of another format.
  case otherFormat(path: String, found: String)
  /// The file breaks a rule of the format.
  case malformed(path: String, place: Place, expected: String, found: String)
  /// The file may be right, but the tensor's elements are of another type.
  case unsupportedElementType(path: String, tensor: String, found: String)

  package var description: String {
    switch self {
    case .unreadable(let error):
      error.description
    case .memory(let error):
      error.description
    case .otherFormat(let path, let found):
      "\(path): expected a safetensors file, found \(found)"
    case .malformed(let path, let place, let expected, let found):
      "\(path): \(place): expected \(expected), found \(found)"
    case .unsupportedElementType(let path, let tensor, let found):
      "\(path): tensor \(quoted(tensor)): expected element type F32 or I64, found \(quoted(found))"
        + (["F16", "BF16", "F64"].contains(found) ? "; PyTorch's model.float() makes it F32" : "")
    }
  }
}
