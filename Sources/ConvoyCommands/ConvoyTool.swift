import CommandLineOptions
import Foundation

/// The command line tool: finds the command, runs it, and says in one line what went wrong.
package enum ConvoyTool {
  /// As `sysexits.h` and Swift's ArgumentParser have them.
  package enum ExitCode: Int32, Sendable {
    case success = 0
    case failure = 1
    case usage = 64
    /// 128 and the signal's number, as shells have it.
    case interrupted = 130
    case terminated = 143
  }

  static let description = ToolDescription(
    name: "convoy",
    overview: "Trains convolutional networks on every core of this machine.",
    commands: [
      TrainCommand.description, EvaluateCommand.description, SummaryCommand.description,
      ReproduceCommand.description,
    ])

  /// - Parameter arguments: without the program's own name.
  package static func run(_ arguments: [String], console: Console = .standard) -> ExitCode {
    do {
      switch try description.parse(arguments, columns: TerminalWidth.current) {
      case .help(let text): try console.output(text)
      case .version(let version): try console.print(version)
      case .command(let options): try run(options, console)
      }
      return .success
    } catch let error as UsageError {
      console.error(line(error))
      return .usage
    } catch let error as RunInterrupted {
      console.error(line(error))
      return error.signal == SIGTERM ? .terminated : .interrupted
    } catch {
      console.error(line(error))
      return .failure
    }
  }

  /// One line, with the line ends and control characters of names and files written out.
  private static func line(_ error: any Error) -> String {
    let scalars = "Error: \(error)".unicodeScalars.map { scalar in
      let isControl = scalar.properties.generalCategory == .control
      return isControl ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return scalars.joined() + "\n"
  }

  private static func run(_ options: ParsedOptions, _ console: Console) throws {
    switch options.command.name {
    case TrainCommand.description.name:
      try TrainCommand(options).run(console)
    case EvaluateCommand.description.name:
      try EvaluateCommand(options).run(console)
    case ReproduceCommand.description.name:
      try ReproduceCommand(options).run(console)
    default:
      try SummaryCommand(options).run(console)
    }
  }
}
