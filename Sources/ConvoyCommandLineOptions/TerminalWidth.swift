#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The number of columns of the terminal that is written to.
package enum TerminalWidth {
  /// Where there is no terminal.
  package static let fallback = 80

  /// The width of the terminal on standard output, to which help is wrapped.
  package static var current: Int { columns(of: STDOUT_FILENO) }

  /// The same; nil where standard output is no terminal, and lines may have any length.
  package static var ofTerminal: Int? { terminal(STDOUT_FILENO) }

  /// The width of the terminal on standard error.
  package static var ofErrors: Int { columns(of: STDERR_FILENO) }

  private static func columns(of descriptor: CInt) -> Int { terminal(descriptor) ?? fallback }

  private static func terminal(_ descriptor: CInt) -> Int? {
    var size = winsize()
    let status = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size)
    return status == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
  }
}
