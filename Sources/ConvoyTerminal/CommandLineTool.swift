import ConvoyCommandLineOptions
import ConvoyProcessLimits
import Foundation

/// An error that stands for a signal, with which the process ends.
package protocol EndingSignal: Error, CustomStringConvertible {
  var signal: CInt { get }
}

/// A program made of commands: finds the one that is asked for, runs it, and says in one line what
/// went wrong.
package struct CommandLineTool: Sendable {
  /// As `sysexits.h` and Swift's ArgumentParser have them.
  package enum ExitCode: Int32, Sendable {
    case success = 0
    case failure = 1
    case usage = 64
    /// 128 and the signal's number, as shells have it.
    case hungUp = 129
    case interrupted = 130
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
        // Where there is no memory for the program itself, it would end in a trap.
        try AvailableMemory.now.check(MemoryNeed(bytes: 0), for: description.name)
        try command(options, console)
      }
      return .success
    } catch let error as UsageError {
      console.error(Self.line(error))
      return .usage
    } catch let error as any EndingSignal {
      console.error(Self.line(error))
      return switch error.signal {
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

extension String {
  /// With line ends and control characters, as names and files may have them, written out: so that they
  /// cannot steer the terminal.
  package var onOneLine: String {
    let scalars = unicodeScalars.map { scalar in
      let isControl = scalar.properties.generalCategory == .control
      return isControl ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return scalars.joined()
  }
}
