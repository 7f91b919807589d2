import ConvoyCommandLineOptions
import ConvoyProcessLimits
import Foundation

extension CommandLineTool {
  /// Makes of this process one that a run can rely on: before any command.
  package static func prepareProcess() {
    // A stream that was closed would hand its number to the next file that is opened, and what is
    // printed would go there.
    for descriptor: CInt in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
      _ = unsafe open("/dev/null", O_RDWR)
    }
    // A reader of the results that goes away must not end a run before it is saved; writing fails
    // instead. The same for a limit on the size of files.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    Interruption.unblockSignals()
    ResourceLimit.useOneHeapIfLimited()
    ResourceLimit.leaveTimeToSave()
  }

  /// The process's arguments, without the program's own name.
  ///
  /// - Throws: `UsageError` for one that is not UTF-8. Swift's own list has other characters in its
  ///   place, and a file of another name would be read or written.
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
