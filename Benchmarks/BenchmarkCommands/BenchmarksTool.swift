import ConvoyCommandLineOptions
import ConvoyTerminal

/// The benchmarks' command line tool.
package enum BenchmarksTool {
  static let description = ToolDescription(
    name: "benchmarks",
    overview: "Measures how fast Convoy is, beside other frameworks and beside itself.",
    commands: [
      ScalingCommand.description, KernelsCommand.description, ChoicesCommand.description,
      PeersCommand.description, CostCommand.description, ClusterCommand.description,
      ContestantCommand.description,
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
    case ScalingCommand.description.name: try ScalingCommand(options).run(console)
    case KernelsCommand.description.name: try KernelsCommand(options).run(console)
    case ChoicesCommand.description.name: try ChoicesCommand(options).run(console)
    case PeersCommand.description.name: try PeersCommand(options).run(console)
    case CostCommand.description.name: try CostCommand(options).run(console)
    case ClusterCommand.description.name: try ClusterCommand(options).run(console)
    default: try ContestantCommand(options).run(console)
    }
  }
}
