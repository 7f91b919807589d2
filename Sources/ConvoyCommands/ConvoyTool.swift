import ConvoyCommandLineOptions
import ConvoyCommit
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyTerminal
import ConvoyTraining

/// The command line tool.
package enum ConvoyTool {
  /// In the order in which people use them.
  private static let commands: [any Command.Type] = [
    TrainCommand.self, FindRateCommand.self, EvaluateCommand.self, PredictCommand.self,
    CompareCommand.self, ReportCommand.self, PageCommand.self, ExportCommand.self,
    ImportCommand.self, SummaryCommand.self,
    AugmentCommand.self,
    PrepareCommand.self, ReproduceCommand.self,
  ]

  static let description = ToolDescription(
    name: "convoy",
    overview: "Trains convolutional networks on every core of a machine.",
    version: "convoy \(ConvoyVersion.number)\(commit), Swift \(compiler), "
      + "\(KernelDispatch.best.instructionSet.rawValue)",
    commands: commands.map { $0.description })

  /// In parentheses, or nothing where it is not known.
  private static var commit: String {
    // The pointer is to a constant that ends with a zero.
    let digits = unsafe String(cString: convoy_commit())
    return digits.isEmpty ? "" : " (\(digits))"
  }

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
    let arguments = Result { try arguments() }
    func run(_ console: Console) -> CommandLineTool.ExitCode {
      CommandLineTool(description, command: Self.run).run(
        try RankOptions.ranks.together {
          let arguments = try arguments.get()
          // What one process is told wrongly ends all.
          if RankOptions.ranks.size > 1 { _ = try description.parse(arguments, columns: 80) }
          return arguments
        }, console: console)
    }
    return RankOptions.joining((try? arguments.get()) ?? [], console, run)
  }

  @Sendable
  private static func run(_ options: ParsedOptions, _ console: Console) throws {
    guard let command = commands.first(where: { $0.description.name == options.command.name })
    else { preconditionFailure("The tool parses its own commands.") }
    if command != TrainCommand.self { try RankOptions.checkSingle(options.command.name) }
    try RankOptions.ranks.together { try command.init(options) }.run(console)
  }
}

/// A command of the tool.
protocol Command: SendableMetatype {
  static var description: CommandDescription { get }

  /// Reads the options.
  ///
  /// - Throws: `UsageError` for an option that is wrong, and errors of files that options name.
  init(_ options: ParsedOptions) throws

  consuming func run(_ console: Console) throws
}
