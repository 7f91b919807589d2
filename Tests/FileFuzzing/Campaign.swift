import Foundation

/// Mutants of a format, one after another. It takes a process of its own, whose memory and time it
/// limits.
package struct Campaign: Sendable, Codable {
  package let format: FileFormat
  package let first: Int
  package let count: Int
  /// A file that holds the number of the mutant at work, and in the end what was found.
  package let report: String

  /// Far more than the largest thing that a mutant may ask for, networks of 64 MiB, and far less than
  /// what a wrong size would.
  private static let mostMemory = 256 << 20
  /// For a single mutant; they take less than a millisecond.
  private static let mostSeconds: UInt32 = 60

  package init(_ format: FileFormat, first: Int, count: Int, report: String) {
    self.format = format
    self.first = first
    self.count = count
    self.report = report
  }

  /// Runs all of them, or up to the first that is not as it must be.
  package func run() throws {
    let mutant = try format.mutants()
    let check = try format.check()
    for seed in try format.seeds {
      try Violation.require(try check(seed), "a sound file of \(format) was refused")
    }
    let memoryBefore = try Self.peakMemory()
    try limitMemory()
    let file = try FileHandle(forWritingTo: URL(filePath: report))
    func write(_ text: String) throws {
      try file.seek(toOffset: 0)
      try file.write(contentsOf: Data("\(text)\n".utf8))
    }

    var accepted = 0
    var slowest = Duration.zero
    for number in first..<first + count {
      try write("mutant \(number) stopped the process")
      alarm(Self.mostSeconds)
      let start = ContinuousClock.now
      do {
        if try check(mutant(number)) { accepted += 1 }
      } catch {
        try write("mutant \(number): \(error)")
        throw error
      }
      slowest = max(slowest, .now - start)
    }
    alarm(0)
    let growth = try Self.peakMemory() - memoryBefore
    try write(
      "\(count) mutants, \(accepted) accepted, \(count - accepted) refused, slowest "
        + "\(Int(slowest / .milliseconds(1))) ms, memory grew by \(growth >> 10) KiB")
    try Violation.require(growth <= Self.mostMemory, "memory grew by \(growth) bytes")
    // A campaign that only ever took one way would prove little.
    try Violation.require(
      count < 1_000 || (accepted > count / 100 && accepted < count * 99 / 100),
      "\(accepted) of \(count) mutants accepted")
  }

  /// The most memory that was in use at a time, in bytes.
  private static func peakMemory() throws -> Int {
    #if canImport(Glibc)
      // Not from getrusage, which counts what the process was before it became this program.
      let lines = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        .split(separator: "\n")
      let peak = lines.first { $0.hasPrefix("VmHWM:") }?.split(separator: " ").dropFirst().first
      guard let kilobytes = peak.flatMap({ Int($0) }) else {
        throw Violation("/proc/self/status has no peak")
      }
      return kilobytes << 10
    #else
      var usage = rusage()
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #endif
  }

  /// From here on what is asked for is counted, used or not: an allocation beyond the limit fails, and
  /// ends the process.
  private func limitMemory() throws {
    #if canImport(Glibc)
      let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        .split(separator: " ").first.flatMap { Int($0) }
      guard let pages else { throw Violation("/proc/self/statm has no size") }
      let size = rlim_t(pages * Int(sysconf(Int32(_SC_PAGESIZE))) + 2 * Self.mostMemory)
      var limit = rlimit(rlim_cur: size, rlim_max: size)
      try Violation.require(
        setrlimit(.init(RLIMIT_AS.rawValue), &limit) == 0, "the memory cannot be limited")
    #endif
  }
}
