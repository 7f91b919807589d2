import FileAccess
import Foundation
import ProcessLimits

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
  /// The largest file that is read: 2³¹ numbers, as many as one layer may have, or what half of the
  /// machine's memory holds, because the bytes and the numbers made of them are there at once.
  package static let largestFile = Int(
    min(
      8 << 30 + UInt64(largestHeader), ProcessInfo.processInfo.physicalMemory / 2))

  /// In the order of their data.
  package var tensors: [NamedTensor]
  package var metadata: [String: String]

  package init(tensors: [NamedTensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Reads a regular file of at most `largestFile` bytes.
  package init(contentsOf path: String) throws(SafetensorsError) {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
      do {
        // The bytes and the numbers made of them are there at once.
        try AvailableMemory.now.check(MemoryNeed(bytes: 2 * Double(status.st_size)), for: path)
      } catch {
        throw .memory(error)
      }
    }
    let data: Data
    do {
      data = try FileContents.read(path, limit: Self.largestFile)
    } catch {
      throw .unreadable(error)
    }
    try self.init(decoding: data, path: path)
  }
}
