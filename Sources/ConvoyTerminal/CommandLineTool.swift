import ConvoyCommandLineOptions
import ConvoyFigures
import ConvoyProcessLimits
import Foundation

/// An end that a signal asked for, which the exit code reports. Its description is not an error's;
/// an empty one is not printed.
package protocol EndingSignal: Error, CustomStringConvertible {
  var signal: CInt { get }
}

/// A program with commands: parses the command line, runs the command and reports an error in one
/// line.
package struct CommandLineTool: Sendable {
  /// As `sysexits.h` and Swift's ArgumentParser have them.
  package enum ExitCode: Int32, Sendable {
    case success = 0
    case failure = 1
    case usage = 64
    /// 128 plus the signal's number, as in shells.
    case hungUp = 129
    case interrupted = 130
    case closedPipe = 141
    case terminated = 143
    case outOfProcessorTime = 152
  }

  private let description: ToolDescription
  private let command: @Sendable (ParsedOptions, Console) throws -> Void

  /// - Parameter command: runs the options' command.
  package init(
    _ description: ToolDescription,
    command: @escaping @Sendable (ParsedOptions, Console) throws -> Void
  ) {
    self.description = description
    self.command = command
  }

  /// - Parameter arguments: without the program's own name; what it throws is reported.
  package func run(
    _ arguments: @autoclosure () throws -> [String], console: Console = .standard
  ) -> ExitCode {
    do {
      switch try description.parse(arguments(), columns: TerminalWidth.current) {
      case .help(let text): try console.output(text)
      case .version(let version): try console.print(version)
      case .command(let options):
        // Without memory for the program itself, the command would trap instead of reporting an
        // error.
        try AvailableMemory.now.check(MemoryNeed(bytes: 0), for: description.name)
        try command(options, console)
      }
      return .success
    } catch let error as UsageError {
      console.error(Self.line(error))
      return .usage
    } catch let error as any EndingSignal {
      let text = "\(error)".onOneLine
      if !text.isEmpty { console.error(text + "\n") }
      return switch error.signal {
      case SIGPIPE: .closedPipe
      case SIGTERM: .terminated
      case SIGHUP: .hungUp
      case SIGXCPU: .outOfProcessorTime
      default: .interrupted
      }
    } catch {
      console.error(Self.line(error))
      return .failure
    }
  }

  private static func line(_ error: any Error) -> String { "Error: \(error)".onOneLine + "\n" }
}
