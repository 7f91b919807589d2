import ConvoyCommandLineOptions
import ConvoyTerminal

/// The command line tool.
package enum ConvoyTool {
  static let description = ToolDescription(
    name: "convoy",
    overview: "Trains convolutional networks on every core of this machine.",
    commands: [
      TrainCommand.description, EvaluateCommand.description, SummaryCommand.description,
      AugmentCommand.description, PredictCommand.description, ReproduceCommand.description,
    ])

  /// - Parameter arguments: without the program's own name.
  package static func run(
    _ arguments: @autoclosure () throws -> [String], console: Console = .standard
  ) -> CommandLineTool.ExitCode {
    CommandLineTool(description, command: run).run(try arguments(), console: console)
  }

  @Sendable
  private static func run(_ options: ParsedOptions, _ console: Console) throws {
    switch options.command.name {
    case TrainCommand.description.name:
      try TrainCommand(options).run(console)
    case EvaluateCommand.description.name:
      try EvaluateCommand(options).run(console)
    case AugmentCommand.description.name:
      try AugmentCommand(options).run(console)
    case PredictCommand.description.name:
      try PredictCommand(options).run(console)
    case ReproduceCommand.description.name:
      try ReproduceCommand(options).run(console)
    default:
      try SummaryCommand(options).run(console)
    }
  }
}
