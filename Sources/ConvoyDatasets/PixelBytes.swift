import Foundation

/// The pixels of an image set: bytes in memory, or in a file that is mapped.
///
/// A mapped file takes no memory of the process: the system reads its pages when they are first
/// used and keeps them while there is room. The bytes are the file's at the time. If the file is
/// replaced under its name, a mapping stays with the old one. If it is overwritten in place, the
/// pixels change; if it is cut, the next access beyond its end stops the process with SIGBUS.
/// `requireWholeFile` finds most such files in time.
package struct PixelBytes: Sendable {
  private enum Storage: Sendable {
    case memory([UInt8])
    case file(FileMapping)
  }

  private let storage: Storage
  package let count: Int

  package init(_ bytes: [UInt8]) {
    storage = .memory(bytes)
    count = bytes.count
  }

  init(_ mapping: FileMapping) {
    storage = .file(mapping)
    count = unsafe mapping.bytes.count
  }

  package var isMapped: Bool {
    switch storage {
    case .memory: false
    case .file: true
    }
  }

  /// Throws if the bytes are of a file that is no longer as long as when it was mapped.
  package func requireWholeFile() throws(DatasetError) {
    if case .file(let mapping) = storage { try mapping.requireSameSize() }
  }

  package func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    switch storage {
    case .memory(let bytes): try unsafe bytes.withUnsafeBytes(body)
    case .file(let mapping):
      // The mapping must not end before the body.
      try withExtendedLifetime(mapping) { try unsafe body(mapping.bytes) }
    }
  }

  package func withUnsafeBufferPointer<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    try unsafe withUnsafeBytes { try unsafe body($0.assumingMemoryBound(to: UInt8.self)) }
  }
}

extension PixelBytes: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { count }

  package subscript(index: Int) -> UInt8 {
    precondition(indices.contains(index), "A pixel's index is below the number of pixels.")
    return unsafe withUnsafeBytes { unsafe $0[index] }
  }

  package func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result? {
    try unsafe withUnsafeBufferPointer(body)
  }
}

extension PixelBytes: Equatable {
  /// By contents, wherever they are.
  package static func == (one: PixelBytes, other: PixelBytes) -> Bool {
    guard one.count == other.count else { return false }
    return unsafe one.withUnsafeBytes { one in
      unsafe other.withUnsafeBytes { other in
        guard let first = one.baseAddress, let second = other.baseAddress else {
          return true
        }
        return unsafe memcmp(first, second, one.count) == 0
      }
    }
  }
}
