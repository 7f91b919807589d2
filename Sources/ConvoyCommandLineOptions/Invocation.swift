/// What a whole command line asks of a tool.
package enum Invocation: Equatable, Sendable {
  /// Print this text and succeed.
  case help(String)
  /// Print this version and succeed.
  case version(String)
  /// Run the options' command.
  case command(ParsedOptions)
}
