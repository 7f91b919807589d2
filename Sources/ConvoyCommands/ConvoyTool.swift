import ConvoyCommandLineOptions
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyTerminal
import ConvoyTraining

/// The command line tool.
package enum ConvoyTool {
  static let description = ToolDescription(
    name: "convoy",
    overview: "Trains convolutional networks on every core of this machine.",
    version: "convoy \(ConvoyVersion.number), Swift \(compiler), "
      + "\(KernelDispatch.best.instructionSet.rawValue)",
    commands: [
      TrainCommand.description, EvaluateCommand.description, SummaryCommand.description,
      AugmentCommand.description, PredictCommand.description, ReproduceCommand.description,
      PageCommand.description, PrepareCommand.description,
    ])

  /// The version of Swift that the tool is built with.
  private static var compiler: String {
    #if compiler(>=6.5)
      "6.5 or newer"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

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
    case PageCommand.description.name:
      try PageCommand(options).run(console)
    case PrepareCommand.description.name:
      try PrepareCommand(options).run(console)
    case ReproduceCommand.description.name:
      try ReproduceCommand(options).run(console)
    default:
      try SummaryCommand(options).run(console)
    }
  }
}
