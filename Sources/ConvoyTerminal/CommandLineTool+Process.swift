import ConvoyCommandLineOptions
import ConvoyProcessLimits
import Foundation

extension CommandLineTool {
  /// Prepares this process for a run. Called before any command.
  package static func prepareProcess() {
    // The next file to be opened would get the number of a closed standard stream, and output would
    // be written to it.
    for descriptor: CInt in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
      _ = unsafe open("/dev/null", O_RDWR)
    }
    // A reader that closes the output, or a limit on file size, must not end a run before it is
    // saved: writing then fails instead of raising a signal.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    Interruption.unblockSignals()
    ResourceLimit.useOneHeapIfLimited()
    ResourceLimit.leaveTimeToSave()
  }

  /// The process's arguments, without the program's own name.
  ///
  /// - Throws: `UsageError` for an argument that is not UTF-8. Swift's own list repairs it, so that
  ///   a file of another name would be read or written.
  package static func processArguments() throws(UsageError) -> [String] {
    var arguments: [String] = []
    for (index, repaired) in CommandLine.arguments.enumerated().dropFirst() {
      guard let bytes = unsafe CommandLine.unsafeArgv[index],
        unsafe String(validatingCString: bytes) != nil
      else {
        throw .invalidValue(
          option: "Argument \(index)", expected: "text in UTF-8", found: repaired, suggestion: nil)
      }
      arguments.append(repaired)
    }
    return arguments
  }
}
