import Synchronization

/// Images that are read when they are needed: made, or from where a caller keeps them.
///
/// A reading that fails leaves zeros, and its error to be found by `requireReadings`: images are needed
/// in loops that cannot fail.
///
/// Safe to use: `read` gets memory of `imageSize` bytes that lives longer than the call.
@safe package final class ImageReader: Sendable {
  /// Writes an image.
  package typealias Reading =
    @Sendable (_ number: Int, _ image: UnsafeMutableRawBufferPointer) throws -> Void

  let count: Int
  /// In bytes.
  let imageSize: Int
  private let read: Reading
  private let failure = Mutex<(any Error)?>(nil)

  /// - Parameters:
  ///   - imageSize: in bytes.
  ///   - read: writes an image over zeros. It is called from any thread, several at once, and gives the
  ///     same image for the same number.
  package init(
    count: Int, imageSize: Int,
    read: @escaping Reading
  ) {
    self.count = count
    self.imageSize = imageSize
    unsafe self.read = unsafe read
  }

  /// Calls `body` with the bytes of an image, in memory that is free after it.
  func withImage<Result>(
    _ number: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    try unsafe withUnsafeTemporaryAllocation(byteCount: imageSize, alignment: 16) { memory in
      _ = unsafe memory.initializeMemory(as: UInt8.self, repeating: 0)
      do {
        try unsafe read(number, memory)
      } catch {
        failure.withLock { $0 = $0 ?? error }
        _ = unsafe memory.initializeMemory(as: UInt8.self, repeating: 0)
      }
      return try unsafe body(UnsafeBufferPointer(memory.bindMemory(to: UInt8.self)))
    }
  }

  var hasFailed: Bool { failure.withLock { $0 != nil } }

  func requireReadings() throws {
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
