/// What the arguments of one command ask for.
package enum ParsingOutcome: Equatable, Sendable {
  /// `--help` or `-h` stood somewhere; the other arguments were not looked at, so that somebody
  /// who is stuck with a wrong line can add `--help` to it.
  case helpRequested
  case options(ParsedOptions)
}
