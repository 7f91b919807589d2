import Foundation

/// The peak resident memory of this process.
enum PeakMemory {
  /// In bytes.
  static var current: Int {
    #if os(Linux)
      // On Linux, getrusage includes the memory of the process before exec, when it was a copy of
      // its parent.
      let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
      let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
      if let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({
        Int($0)
      }) {
        return kibibytes * 1024
      }
      return maximumResidentSize * 1024
    #else
      return maximumResidentSize
    #endif
  }

  /// In bytes on macOS, in kibibytes elsewhere.
  private static var maximumResidentSize: Int {
    var usage = rusage()
    #if canImport(Glibc)
      unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    return usage.ru_maxrss
  }
}
