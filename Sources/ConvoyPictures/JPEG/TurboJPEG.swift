import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// libjpeg-turbo's TurboJPEG library, opened when the first JPEG picture is decoded, so that Convoy
/// builds and runs without it.
///
/// Safe to use: the functions have the signatures of TurboJPEG's header, which have not changed
/// since version 1.2 (2012), and a handle is used by one thread at a time.
@safe final class TurboJPEG: Sendable {
  typealias Handle = UnsafeMutableRawPointer

  private let initialize: @Sendable @convention(c) () -> Handle?
  private let destroy: @Sendable @convention(c) (Handle) -> CInt
  /// Handle; JPEG bytes and their count; pixels, width, bytes per row, height, format; flags.
  private let decompress:
    @Sendable @convention(c) (
      Handle, UnsafePointer<UInt8>?, CUnsignedLong, UnsafeMutablePointer<UInt8>?, CInt, CInt, CInt,
      CInt, CInt
    ) -> CInt
  /// The message of the handle, or of the thread in versions before 2.0.
  private let message: (@Sendable @convention(c) (Handle?) -> UnsafePointer<CChar>?)?
  /// Handles that no thread uses.
  private let idle = Mutex<[Decompressor]>([])

  #if canImport(Darwin)
    private static let names = [
      "/opt/homebrew/lib/libturbojpeg.dylib", "/usr/local/lib/libturbojpeg.dylib",
      "libturbojpeg.0.dylib",
    ]
  #else
    private static let names = ["libturbojpeg.so.0", "libturbojpeg.so"]
  #endif

  private static let formatRGB: CInt = 0
  private static let formatGray: CInt = 6
  private static let formatCMYK: CInt = 11
  /// The accurate transform.
  private static let accurateTransform: CInt = 4096
  /// Older versions ignore it, and report the warning at the end.
  private static let stopOnWarning: CInt = 8192

  /// Nil where the library is not installed.
  static let shared: TurboJPEG? = {
    for name in names {
      if let library = TurboJPEG(name) { return library }
    }
    return nil
  }()

  private init?(_ name: String) {
    // Never closed: the functions are used until the process ends.
    guard let library = unsafe dlopen(name, RTLD_NOW | RTLD_LOCAL),
      let initialize = unsafe dlsym(library, "tjInitDecompress"),
      let destroy = unsafe dlsym(library, "tjDestroy"),
      let decompress = unsafe dlsym(library, "tjDecompress2")
    else { return nil }
    unsafe self.initialize = unsafe unsafeBitCast(
      initialize, to: (@Sendable @convention(c) () -> Handle?).self)
    unsafe self.destroy = unsafe unsafeBitCast(
      destroy, to: (@Sendable @convention(c) (Handle) -> CInt).self)
    unsafe self.decompress = unsafe unsafeBitCast(
      decompress,
      to: (@Sendable @convention(c) (
        Handle, UnsafePointer<UInt8>?, CUnsignedLong, UnsafeMutablePointer<UInt8>?, CInt, CInt,
        CInt, CInt, CInt
      ) -> CInt).self)
    unsafe message = unsafe dlsym(library, "tjGetErrorStr2").map {
      unsafe unsafeBitCast(
        $0, to: (@Sendable @convention(c) (Handle?) -> UnsafePointer<CChar>?).self)
    }
  }

  /// Decodes the pixels of a file: grey for one component, red, green and blue for three, the four
  /// inks for four. Warnings are errors.
  ///
  /// - Parameter size: the picture's size divided by 1, 2, 4 or 8, rounded up.
  func decode(
    _ file: PictureFile, size: PictureSize, components: Int
  ) throws(PictureError) -> [UInt8] {
    let format =
      switch components {
      case 1: Self.formatGray
      case 3: Self.formatRGB
      default: Self.formatCMYK
      }
    guard let decompressor = idle.withLock({ $0.popLast() }) ?? Decompressor(self) else {
      throw .damagedJPEG(file: file.path, message: "libturbojpeg cannot be initialized")
    }
    var pixels = [UInt8](repeating: 0, count: size.width * size.height * components)
    // The library writes at most `height` rows of `width` pixels, whatever the file's header says:
    // it takes the largest scale that fits into them, or fails.
    let status = unsafe file.bytes.withUnsafeBufferPointer { bytes in
      unsafe pixels.withUnsafeMutableBufferPointer { pixels in
        unsafe decompress(
          decompressor.handle, bytes.baseAddress, CUnsignedLong(bytes.count), pixels.baseAddress,
          CInt(size.width), CInt(size.width * components), CInt(size.height), format,
          Self.accurateTransform | Self.stopOnWarning)
      }
    }
    let text =
      status == 0
      ? nil : unsafe message?(decompressor.handle).map { unsafe String(cString: $0) }
    idle.withLock { $0.append(decompressor) }
    guard status == 0 else {
      throw .damagedJPEG(file: file.path, message: text ?? "none that libturbojpeg names")
    }
    return pixels
  }

  /// Owns a handle, to be used again: a new one for each picture of 32×32 takes a fifth longer.
  ///
  /// Sendable and safe to use, because only the thread that took it from the idle ones uses it.
  @safe private final class Decompressor: @unchecked Sendable {
    let handle: Handle
    private let destroy: @Sendable @convention(c) (Handle) -> CInt

    init?(_ library: TurboJPEG) {
      guard let handle = unsafe library.initialize() else { return nil }
      unsafe self.handle = handle
      unsafe destroy = unsafe library.destroy
    }

    deinit { _ = unsafe destroy(handle) }
  }
}
