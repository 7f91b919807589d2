import ConvoyFigures
import ConvoyTerminal
import ConvoyTraining
import Foundation

/// A run that ended between two steps, because a signal or a closed standard output asked for it.
struct InterruptedCommand: EndingSignal, Equatable {
  let signal: CInt
  private let run: RunInterruption
  /// Whether it is a run of --seeds, which takes no checkpoint.
  private let isOneOfSeveral: Bool

  init(_ run: RunInterruption, by signal: CInt, isOneOfSeveral: Bool = false) {
    self.run = run
    self.signal = signal
    self.isOneOfSeveral = isOneOfSeveral
  }

  var description: String {
    let place = "\(Self.word(of: signal)) in epoch \(run.epoch), after step \(run.step)"
    guard let checkpoint = run.checkpoint else {
      if let model = run.model {
        return "\(place); model written to \(model.onOneLine); to resume a run, give --checkpoint"
      }
      return isOneOfSeveral
        ? "\(place); of this seed nothing was saved"
        : "\(place); nothing was saved, as --checkpoint was not given"
    }
    return "\(place); saved to \(checkpoint), resume with: "
      + "convoy train --resume \(Self.shellWord(checkpoint))"
  }

  static func word(of signal: CInt) -> String {
    switch signal {
    case SIGPIPE: "standard output was closed"
    case SIGTERM: "terminated"
    case SIGHUP: "hung up"
    case SIGXCPU: "out of processor time"
    default: "interrupted"
    }
  }

  /// A path quoted as one word for a shell, and not taken for an option.
  static func shellWord(_ path: String) -> String {
    quoted(path.hasPrefix("-") ? "./\(path)" : path)
  }

  /// A text as one word for a shell.
  static func quoted(_ text: String) -> String {
    let plain = /[A-Za-z0-9_\/.,:@%+=-]+/
    if text.wholeMatch(of: plain) != nil { return text }
    guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return "'\(text.replacing("'", with: #"'\''"#))'"
    }
    // Error messages contain no control characters, so these are written as escapes in `$'…'`.
    let scalars = text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "'", "\\": "\\\(scalar)"
      case _ where scalar.properties.generalCategory == .control:
        String(scalar).utf8.map { "\\" + octal($0) }.joined()
      default: String(scalar)
      }
    }
    return "$'\(scalars.joined())'"
  }

  private static func octal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 8)
    return String(repeating: "0", count: 3 - digits.count) + digits
  }
}

/// A signal that came while pictures were packed into a file.
struct InterruptedPacking: EndingSignal, Equatable {
  let signal: CInt

  var description: String {
    "\(InterruptedCommand.word(of: signal)) while pictures were packed; the file is as it was"
  }
}
