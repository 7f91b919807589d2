#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The number of columns that help is wrapped to.
package enum TerminalWidth {
  /// Where standard output is no terminal.
  static let fallback = 80

  /// The width of the terminal on standard output, 80 where there is none.
  package static var current: Int {
    var size = winsize()
    let status = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size)
    return status == 0 && size.ws_col > 0 ? Int(size.ws_col) : fallback
  }
}
