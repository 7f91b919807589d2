import ConvoyPictures
import Dispatch
import Synchronization

/// Reads many picture files on all cores.
struct PictureReading: Sendable {
  /// The files that were not read.
  struct Failures: Sendable {
    /// By file number. Nil for a file that is not meant as a picture.
    var errors: [Int: PictureError?] = [:]

    /// In the order of the files.
    var unreadable: [PictureError] { errors.sorted { $0.key < $1.key }.compactMap(\.value) }
  }

  let files: [String]
  let observer: any PictureObserver
  /// Whether each file is meant as a picture, whatever its name is.
  var areAllMeant = false

  /// Calls `read` for each file, several at a time, until the observer is asked to stop.
  func run(
    _ what: String,
    _ read: @escaping @Sendable (_ number: Int, _ path: String) throws(PictureError) -> Void
  ) -> Failures {
    var failures = Failures()
    let done = Counter()
    let count: @Sendable () -> Int = { done.value }
    observer.duringReading(what, total: files.count, done: count) {
      failures = run(files.indices, done, read)
    }
    return failures
  }

  private func run(
    _ numbers: Range<Int>, _ done: Counter,
    _ read: @Sendable (_ number: Int, _ path: String) throws(PictureError) -> Void
  ) -> Failures {
    let failures = Mutex(Failures())
    DispatchQueue.concurrentPerform(iterations: numbers.count) { iteration in
      let number = numbers.lowerBound + iteration
      let path = files[number]
      if observer.isStopped { return }
      do throws(PictureError) {
        try read(number, path)
      } catch {
        let isMeant =
          areAllMeant || PictureFolder.isNamedAsPicture(path)
          || error.isOfPNGOrJPEG || !PictureFolder.hasEnding(path) && !error.isUnknownKind
        failures.withLock { $0.errors[number] = .some(isMeant ? error : nil) }
      }
      done.increment()
    }
    return failures.withLock { $0 }
  }

  /// The images of a group of files.
  struct Decoded {
    /// Of those that were read, in the order of the files.
    let pixels: [UInt8]
    let numbers: [Int]
    let unreadable: [PictureError]
  }

  /// Decodes the files a group at a time, and calls `use` with the images of each, in order.
  ///
  /// - Parameter skipping: whether files are left out that cannot be read for what is in them.
  func decode(
    _ what: String, as format: PictureFormat, inGroupsOf size: Int, skipping: Bool,
    _ use: (Decoded) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    var failure: DatasetError?
    let done = Counter()
    let count: @Sendable () -> Int = { done.value }
    observer.duringReading(what, total: files.count, done: count) {
      for first in stride(from: 0, to: files.count, by: max(1, size)) where failure == nil {
        do throws(DatasetError) {
          let group = first..<min(files.count, first + size)
          try use(try decode(group, as: format, skipping: skipping, done))
        } catch {
          failure = error
        }
      }
    }
    if let failure { throw failure }
  }

  /// Decodes straight into the memory of the result; what was not read is closed up.
  private func decode(
    _ group: Range<Int>, as format: PictureFormat, skipping: Bool, _ done: Counter
  ) throws(DatasetError) -> Decoded {
    var failures = Failures()
    var numbers: [Int] = []
    let imageSize = format.shape.pixelCount
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: group.count * imageSize) {
      memory, count in
      unsafe UnsafeMutableRawBufferPointer(memory).adviseHugePages()
      let places = unsafe ImagePlaces(memory: memory, imageSize: imageSize)
      failures = run(group, done) { (number, path) throws(PictureError) in
        places.set(number - group.lowerBound, to: try format.image(at: path))
      }
      // Places that were not filled must not be moved.
      if observer.isStopped { return }
      numbers = group.filter { failures.errors[$0] == nil }
      for (place, number) in numbers.enumerated() {
        places.move(number - group.lowerBound, to: place)
      }
      count = numbers.count * imageSize
    }
    guard !observer.isStopped else { throw .stopped }
    let unreadable = failures.unreadable
    // What is left out must not depend on the machine.
    let faults = skipping ? unreadable.filter { !$0.isOfContents } : unreadable
    guard faults.isEmpty else { throw .unreadablePictures(faults, of: files.count) }
    return Decoded(pixels: pixels, numbers: numbers, unreadable: unreadable)
  }

  private final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .relaxed) }
    func increment() { count.add(1, ordering: .relaxed) }
  }
}

extension PictureError {
  /// Whether the file begins as PNG and JPEG pictures do, which no other file does by chance.
  fileprivate var isOfPNGOrJPEG: Bool {
    switch self {
    case .missingLibrary, .damagedJPEG: true
    case .unsupportedFeature(_, let kind, _), .truncated(_, let kind, _, _),
      .damaged(_, let kind, _, _, _):
      kind == .png || kind == .jpeg
    default: false
    }
  }

  fileprivate var isUnknownKind: Bool {
    if case .unknownKind = self { true } else { false }
  }
}

/// The headers of many pictures: the sizes and colours that there are.
struct PictureSurvey: Sendable {
  private(set) var sizes: [PictureSize: Int] = [:]
  private(set) var hasColor = false

  /// - Throws: `DatasetError.stopped`.
  init(of files: [String], observer: any PictureObserver) throws(DatasetError) {
    let survey = Mutex((sizes: [PictureSize: Int](), hasColor: false))
    // Files that cannot be read are reported when they are decoded.
    _ = PictureReading(files: files, observer: observer).run("looking at pictures") {
      (_, path) throws(PictureError) in
      let header = try PictureHeader(path: path)
      survey.withLock {
        $0.sizes[header.size, default: 0] += 1
        $0.hasColor = $0.hasColor || header.isColoured
      }
    }
    guard !observer.isStopped else { throw .stopped }
    (sizes, hasColor) = survey.withLock { $0 }
  }

  /// The sizes with the numbers of their pictures, the most frequent first.
  var description: String {
    let sorted = sizes.sorted {
      ($1.value, $0.key.height, $0.key.width) < ($0.value, $1.key.height, $1.key.width)
    }
    let some = sorted.prefix(3).map { size, count in
      "\(size.height)x\(size.width) (\(count) picture\(count == 1 ? "" : "s"))"
    }
    let others = sorted.count - some.count
    return some.joined(separator: ", ") + (others > 0 ? " and \(others) other sizes" : "")
  }
}

/// Places for images in memory, which several threads fill.
///
/// Sound to share: each image's bytes are written by the one call that reads its file, and are moved
/// after all calls have returned. Safe to use: every place is checked to be in the memory, which its
/// owner keeps meanwhile.
@safe private struct ImagePlaces: @unchecked Sendable {
  private let memory: UnsafeMutableBufferPointer<UInt8>
  private let imageSize: Int

  init(memory: UnsafeMutableBufferPointer<UInt8>, imageSize: Int) {
    unsafe self.memory = memory
    self.imageSize = imageSize
  }

  private func place(_ number: Int) -> UnsafeMutableBufferPointer<UInt8> {
    let first = number * imageSize
    return unsafe UnsafeMutableBufferPointer(rebasing: memory[first..<first + imageSize])
  }

  func set(_ number: Int, to image: [UInt8]) {
    precondition(image.count == imageSize, "An image fills its place.")
    _ = unsafe place(number).initialize(from: image)
  }

  /// Moves an image that was set to an earlier place.
  func move(_ number: Int, to earlier: Int) {
    guard number > earlier else { return }
    _ = unsafe place(earlier).initialize(fromContentsOf: place(number))
  }
}
