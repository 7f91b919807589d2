#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A library of MPI, opened at run time, so that Convoy builds without its headers and runs without
/// it.
///
/// Three binary interfaces are known: Open MPI's, MPICH's, and that of the MPI standard, version 5.
/// A handle is a pointer in the first and the last, and a 32-bit integer in MPICH's; as an argument, both
/// are a register or a place on the stack that a `UInt` fills. Safe to use: the functions have the
/// signatures of the standard, and the caller's buffers are as long as the counts say.
@safe struct MPILibrary: Sendable {
  typealias Handle = UInt

  /// What names it: the file it was opened as.
  let file: String
  /// Its own description of itself, in one line.
  let version: String
  private let world: Handle
  private let byte: Handle
  private let ignoredStatus: UInt
  /// The level at which any thread may call, one at a time.
  private let serialized: CInt
  private let functions: Functions

  private typealias Sending =
    @Sendable @convention(c) (
      UnsafeRawPointer?, CInt, Handle, CInt, CInt, Handle, UnsafeMutablePointer<Handle>
    ) -> CInt
  private typealias Receiving =
    @Sendable @convention(c) (
      UnsafeMutableRawPointer?, CInt, Handle, CInt, CInt, Handle, UnsafeMutablePointer<Handle>
    ) -> CInt

  @safe private struct Functions: Sendable {
    let initialize: @Sendable @convention(c) (UInt, UInt, CInt, UnsafeMutablePointer<CInt>) -> CInt
    let rank: @Sendable @convention(c) (Handle, UnsafeMutablePointer<CInt>) -> CInt
    let size: @Sendable @convention(c) (Handle, UnsafeMutablePointer<CInt>) -> CInt
    /// Buffer, count, type, rank, tag, communicator, request.
    let send: Sending
    let receive: Receiving
    /// Request, whether it is done, status.
    let test:
      @Sendable @convention(c) (UnsafeMutablePointer<Handle>, UnsafeMutablePointer<CInt>, UInt) ->
        CInt
    let abort: @Sendable @convention(c) (Handle, CInt) -> CInt
    let finalize: @Sendable @convention(c) () -> CInt
    let version:
      @Sendable @convention(c) (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<CInt>) -> CInt
  }

  /// The first of several that can be opened.
  ///
  /// - Throws: `MPIError.noLibrary` with the reasons if none can.
  init(firstOf names: [String], for launcher: Launcher) throws(MPIError) {
    var reasons: [String] = []
    for name in names {
      do {
        self = try MPILibrary(name)
        return
      } catch {
        reasons.append(error.reason)
      }
    }
    throw .noLibrary(launcher, reasons: reasons)
  }

  struct OpeningError: Error {
    let reason: String
  }

  /// - Throws: `OpeningError` if it is not there, or no library of MPI.
  init(_ file: String) throws(OpeningError) {
    self.file = file
    // Open MPI opens parts of itself, which look its symbols up globally. Never closed.
    guard let library = unsafe dlopen(file, RTLD_NOW | RTLD_GLOBAL) else {
      throw OpeningError(reason: unsafe String(cString: dlerror()))
    }
    func symbol(_ name: String) throws(OpeningError) -> UnsafeMutableRawPointer {
      guard let symbol = unsafe dlsym(library, name) else {
        throw OpeningError(reason: "\(file): expected the function \(name), found none")
      }
      return unsafe symbol
    }
    functions = try unsafe Functions(
      initialize: unsafeBitCast(
        symbol("MPI_Init_thread"),
        to: (@Sendable @convention(c) (UInt, UInt, CInt, UnsafeMutablePointer<CInt>) -> CInt).self),
      rank: unsafeBitCast(
        symbol("MPI_Comm_rank"),
        to: (@Sendable @convention(c) (Handle, UnsafeMutablePointer<CInt>) -> CInt).self),
      size: unsafeBitCast(
        symbol("MPI_Comm_size"),
        to: (@Sendable @convention(c) (Handle, UnsafeMutablePointer<CInt>) -> CInt).self),
      send: unsafeBitCast(symbol("MPI_Isend"), to: Sending.self),
      receive: unsafeBitCast(symbol("MPI_Irecv"), to: Receiving.self),
      test: unsafeBitCast(
        symbol("MPI_Test"),
        to: (@Sendable @convention(c) (
          UnsafeMutablePointer<Handle>, UnsafeMutablePointer<CInt>, UInt
        )
          -> CInt).self),
      abort: unsafeBitCast(
        symbol("MPI_Abort"), to: (@Sendable @convention(c) (Handle, CInt) -> CInt).self),
      finalize: unsafeBitCast(
        symbol("MPI_Finalize"), to: (@Sendable @convention(c) () -> CInt).self),
      version: unsafeBitCast(
        symbol("MPI_Get_library_version"),
        to: (@Sendable @convention(c) (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<CInt>) ->
          CInt).self))
    version = Self.version(functions)
    if file.split(separator: "/").last?.hasPrefix("libmpi_abi") == true {
      (world, byte, ignoredStatus, serialized) = (0x101, 0x247, 0, 2048)
    } else if let world = unsafe dlsym(library, "ompi_mpi_comm_world"),
      let byte = unsafe dlsym(library, "ompi_mpi_byte")
    {
      (self.world, self.byte) = (UInt(bitPattern: world), UInt(bitPattern: byte))
      (ignoredStatus, serialized) = (0, 2)
    } else {
      (world, byte, ignoredStatus, serialized) = (0x4400_0000, 0x4c00_010d, 1, 2)
    }
  }

  private static func version(_ functions: Functions) -> String {
    // The standard's MPI_MAX_LIBRARY_VERSION_STRING is 8,192 in its own interface, and less in
    // others.
    var text = [CChar](repeating: 0, count: 8_193)
    var count: CInt = 0
    _ = unsafe functions.version(&text, &count)
    let bytes = text.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
    // Open MPI adds how it was built.
    let line = String(decoding: bytes, as: UTF8.self).split(separator: ",").first.map(String.init)
    return line?.replacing("\t", with: " ").split(separator: " ", omittingEmptySubsequences: true)
      .joined(separator: " ") ?? "MPI"
  }

  /// Joins the other ranks.
  ///
  /// - Throws: `MPIError.threads` if only one thread might call.
  func initialize() throws(MPIError) {
    var provided: CInt = 0
    _ = unsafe functions.initialize(0, 0, serialized, &provided)
    guard provided >= serialized else { throw .threads(library: name) }
  }

  var name: String { "\(version) (\(file))" }

  var rank: Int {
    var rank: CInt = 0
    _ = unsafe functions.rank(world, &rank)
    return Int(rank)
  }

  var size: Int {
    var size: CInt = 1
    _ = unsafe functions.size(world, &size)
    return Int(size)
  }

  /// A message under way. Safe to use: its buffer outlives it, as its maker promises.
  @safe struct Request {
    /// A pointer or, in its first half, an integer.
    fileprivate var handle: Handle = 0
    private(set) var isDone = false

    fileprivate init() {}

    /// - Returns: whether it is done.
    mutating func test(_ library: MPILibrary) -> Bool {
      if isDone { return true }
      var flag: CInt = 0
      _ = unsafe library.functions.test(&handle, &flag, library.ignoredStatus)
      isDone = flag != 0
      return isDone
    }
  }

  // The library ends all ranks if a call fails.

  /// Begins to send at most 2³¹ − 1 bytes, which stay where they are until the request is done.
  func send(_ bytes: UnsafeRawBufferPointer, to receiver: Int) -> Request {
    var request = Request()
    _ = unsafe functions.send(
      bytes.baseAddress, CInt(bytes.count), byte, CInt(receiver), 0, world, &request.handle)
    return request
  }

  /// Begins to receive as many bytes as are sent, at most 2³¹ − 1.
  func receive(_ bytes: UnsafeMutableRawBufferPointer, from sender: Int) -> Request {
    var request = Request()
    _ = unsafe functions.receive(
      bytes.baseAddress, CInt(bytes.count), byte, CInt(sender), 0, world, &request.handle)
    return request
  }

  func finalize() { _ = functions.finalize() }

  func abort(code: CInt) { _ = functions.abort(world, code) }
}
