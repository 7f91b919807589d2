import Foundation

/// The contents of a file in the safetensors format, of which this project uses the F32 tensors.
///
/// The format, as its authors describe it at https://huggingface.co/docs/safetensors:
///
///     8 bytes   length of the header, unsigned, little-endian
///     header    a JSON object, perhaps followed by spaces
///     data      the tensors' elements, little-endian, row-major, without a gap
///
/// The header gives each tensor's `dtype`, `shape` and `data_offsets`, which count from the start
/// of the data, and under `__metadata__` texts by name.
package struct SafetensorsFile: Equatable, Sendable {
  static let lengthFieldSize = 8
  static let largestHeader = 100_000_000
  static let metadataKey = "__metadata__"
  static let elementType = "F32"
  /// The largest file that is read: what the machine's memory holds. What a run writes is smaller,
  /// because the run had it in memory.
  package static let largestFile = Int(clamping: ProcessInfo.processInfo.physicalMemory)

  /// In the order of their data.
  package var tensors: [NamedTensor]
  package var metadata: [String: String]

  package init(tensors: [NamedTensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }
}
