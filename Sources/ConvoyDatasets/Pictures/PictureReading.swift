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

  /// Calls `read` for each file, several at a time.
  func run(
    _ what: String,
    _ read: @escaping @Sendable (_ number: Int, _ path: String) throws(PictureError) -> Void
  ) -> Failures {
    let failures = Mutex(Failures())
    let done = Counter()
    let count: @Sendable () -> Int = { done.value }
    observer.duringReading(what, total: files.count, done: count) {
      DispatchQueue.concurrentPerform(iterations: files.count) { number in
        let path = files[number]
        do throws(PictureError) {
          try read(number, path)
        } catch {
          let isMeant =
            PictureFolder.isNamedAsPicture(path)
            || !PictureFolder.hasEnding(path) && !error.isUnknownKind
          failures.withLock { $0.errors[number] = .some(isMeant ? error : nil) }
        }
        done.increment()
      }
    }
    return failures.withLock { $0 }
  }

  private final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .relaxed) }
    func increment() { count.add(1, ordering: .relaxed) }
  }
}

extension PictureError {
  fileprivate var isUnknownKind: Bool {
    if case .unknownKind = self { true } else { false }
  }
}

/// The headers of many pictures: the sizes and colours that there are.
struct PictureSurvey: Sendable {
  private(set) var sizes: [PictureSize: Int] = [:]
  private(set) var hasColor = false

  init(of files: [String], observer: any PictureObserver) {
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

/// Memory for the images of a set, which several threads fill.
///
/// Sound to share: each file's bytes are written by the one call that reads the file, and are read
/// after all calls have returned. Safe to use: it owns the memory, and checks every place in it.
@safe final class ImageBytes: @unchecked Sendable {
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let imageSize: Int

  init(images: Int, imageSize: Int) {
    unsafe bytes = .allocate(capacity: images * imageSize)
    self.imageSize = imageSize
  }

  deinit { unsafe bytes.deallocate() }

  func set(_ number: Int, to image: [UInt8]) {
    precondition(image.count == imageSize, "An image fills its place.")
    let first = number * imageSize
    _ = unsafe UnsafeMutableBufferPointer(rebasing: bytes[first..<first + imageSize])
      .initialize(from: image)
  }

  /// The images of these numbers, which were all set.
  func array(of numbers: [Int]) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: numbers.count * imageSize) { target, filled in
      for (place, number) in numbers.enumerated() {
        let source = unsafe bytes[number * imageSize..<(number + 1) * imageSize]
        _ = unsafe UnsafeMutableBufferPointer(
          rebasing: target[place * imageSize..<(place + 1) * imageSize]
        ).initialize(fromContentsOf: source)
      }
      filled = numbers.count * imageSize
    }
  }
}
