/// Images that are read when they are needed: more than memory holds, or made by a program.
///
/// ```swift
/// /// Circles of growing size, drawn when they are asked for.
/// struct Circles: ImageSource {
///   func read(_ number: Int, into image: inout MutableSpan<UInt8>) {
///     let radius = number % 12 + 2
///     for place in image.indices {
///       let (row, column) = (place / 28 - 14, place % 28 - 14)
///       image[place] = row * row + column * column < radius * radius ? 255 : 0
///     }
///   }
/// }
/// ```
///
/// An image is asked for whenever a worker thread needs it: in each epoch, and once more where it is
/// mixed into another. Before the first epoch, all are read for their mean and deviation, unless
/// `settings.normalization` is `.unit`; up to 1,000 grey ones for the brightness of their edges; and
/// all once more for a run with a checkpoint or a log, so that it is never resumed on other data.
public protocol ImageSource: Sendable {
  /// `UInt8`, from 0 for black to 255, or `Float`, finite and of any range.
  associatedtype Value: BitwiseCopyable

  /// Writes an image. It is called from several threads at once. The same number must give the same
  /// image: then a run is the same on any number of threads, and after any interruption.
  ///
  /// - Parameters:
  ///   - number: of the image, from 0.
  ///   - image: gets height × width × channels values; zeros before.
  /// - Throws: any error. The run then ends with it after its step, and its checkpoint stays as it was.
  func read(_ number: Int, into image: inout MutableSpan<Value>) throws
}

extension ImageSource {
  /// Reads an image into raw memory.
  func read(_ number: Int, into memory: UnsafeMutableRawBufferPointer) throws {
    let values = unsafe memory.bindMemory(to: Value.self)
    var image = unsafe values.mutableSpan
    try read(number, into: &image)
  }
}
