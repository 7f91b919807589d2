import Foundation

/// A region of a file, mapped read-only. Its pages are read when they are used, and the system may
/// drop them again.
///
/// Safe to use: only this module reads the bytes, and they stay mapped for as long as the mapping
/// exists.
@safe final class FileMapping {
  /// The region, without the bytes before it that complete its first page.
  let bytes: UnsafeRawBufferPointer
  private let start: UnsafeMutableRawPointer
  private let size: Int
  /// Kept open, so that the size of the file can be asked for.
  private let file: FileSource

  /// Regions that are smaller are read, because a file in memory may be changed or cut by others
  /// without harm. Tests map small ones.
  @TaskLocal static var smallestSize = 256 << 20

  /// Nil for a small region, or where the system cannot map it.
  static func ofLarge(_ file: FileSource, _ region: Range<Int>) -> FileMapping? {
    region.count >= smallestSize ? FileMapping(file, region) : nil
  }

  /// Nil where the system cannot map the region: not every file system can, and an address-space
  /// limit may leave no room.
  ///
  /// - Parameter region: not empty, and within the file.
  init?(_ file: FileSource, _ region: Range<Int>) {
    let first = region.lowerBound / Int(getpagesize()) * Int(getpagesize())
    size = region.upperBound - first
    let start = unsafe mmap(
      nil, size, PROT_READ, MAP_PRIVATE, file.descriptor, off_t(first))
    guard let start = unsafe start, unsafe start != MAP_FAILED else { return nil }
    self.file = file
    unsafe self.start = unsafe start
    unsafe bytes = unsafe UnsafeRawBufferPointer(
      start: start + (region.lowerBound - first), count: region.count)
  }

  deinit { unsafe munmap(start, size) }

  /// Asks the system to read a part of the region, which will be used soon.
  func willNeed(_ part: Range<Int>) { advise(part, MADV_WILLNEED) }

  /// From here on, has the system read what is used or asked for, and nothing around it. Otherwise it
  /// reads up to megabytes around a page that is not there, for which there may be no room.
  func readOnlyAsAsked() { unsafe advise(0..<bytes.count, MADV_RANDOM) }

  /// Takes the pages of a part of the region out of the process's memory. The system keeps their
  /// contents for as long as it has room, or reads them again.
  func isDone(with part: Range<Int>) { advise(part, MADV_DONTNEED) }

  /// Advice that cannot be taken changes nothing, so errors are ignored. Pages that are partly in the
  /// part are advised on as a whole: nothing is written to a page, so that none loses anything.
  private func advise(_ part: Range<Int>, _ advice: CInt) {
    let part = unsafe part.clamped(to: 0..<bytes.count)
    guard !part.isEmpty else { return }
    let before = unsafe size - bytes.count
    let first = (before + part.lowerBound) / Int(getpagesize()) * Int(getpagesize())
    unsafe madvise(start + first, before + part.upperBound - first, advice)
  }

  /// Throws if the file is no longer as long as when it was opened.
  func requireSameSize() throws(DatasetError) {
    let size = try file.currentByteCount()
    guard size == file.byteCount else {
      throw .resized(file: file.path, expected: file.byteCount, found: size)
    }
  }
}

/// Sound, because all properties are constants and nothing writes to a mapping that is read-only.
extension FileMapping: @unchecked Sendable {}
