import ConvoyFileAccess
import Foundation

/// The contents of a file in the safetensors format. Tensors are of type F32 or I64.
///
/// The format, as its authors describe it at https://huggingface.co/docs/safetensors:
///
///     8 bytes   length of the header, unsigned, little-endian
///     header    a JSON object, perhaps followed by spaces
///     data      the tensors' elements, little-endian, row-major, without a gap
///
/// The header gives each tensor's `dtype`, `shape` and `data_offsets`, which count from the start
/// of the data, and maps names to texts under `__metadata__`.
package struct SafetensorsFile: Equatable, Sendable {
  static let lengthFieldSize = 8
  static let largestHeader = 100_000_000
  static let metadataKey = "__metadata__"
  /// The size of the largest file that is read: the machine's physical memory. A file that a run
  /// writes is smaller, because the run had its contents in memory.
  package static let largestFile = Int(clamping: ProcessInfo.processInfo.physicalMemory)

  /// In the order of their data.
  package var tensors: [NamedTensor]
  package var metadata: [String: String]

  package init(tensors: [NamedTensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Whether a regular file begins as one in this format does.
  package static func isOne(_ path: String) -> Bool {
    guard let start = try? FileContents.start(of: path, count: lengthFieldSize + 1),
      start.count == lengthFieldSize + 1
    else { return false }
    let length = start.prefix(lengthFieldSize).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return length <= largestHeader && start.last == UInt8(ascii: "{")
  }
}
