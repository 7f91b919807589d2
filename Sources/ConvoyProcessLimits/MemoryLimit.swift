/// A limit on the memory of this process, and how much of it the process uses.
package struct MemoryLimit: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// The machine's physical memory.
    case machine
    /// RLIMIT_AS: all that is mapped, written or not.
    case addressSpace
    /// RLIMIT_DATA: all that is mapped and may be written.
    case dataSegment
    case controlGroup(directory: String)
  }

  package let kind: Kind
  package let bytes: UInt64
  package let used: UInt64
  /// Those that have equal parts of it: ranks on one machine.
  package var processes = 1

  package init(_ kind: Kind, bytes: UInt64, used: UInt64) {
    self.kind = kind
    self.bytes = bytes
    self.used = used
  }

  package var left: Double { max(0, Double(bytes) / Double(processes) - Double(used)) }

  /// For memory that estimates leave out: texts, tables and what libraries allocate.
  private static let reserve = 16.0 * 1_048_576

  /// The bytes that a need takes of this limit, plus a reserve.
  ///
  /// - Parameter stack: the stack size of a thread, in bytes.
  func bytes(of need: MemoryNeed, stack: Double) -> Double {
    switch kind {
    case .machine, .controlGroup: need.resident + Self.reserve
    case .addressSpace, .dataSegment: need.reserved + Double(need.threads) * stack + Self.reserve
    }
  }
}

extension MemoryLimit: CustomStringConvertible {
  package var description: String {
    let size = Self.text(Double(bytes))
    let part = processes > 1 ? "one of \(processes) equal parts of " : ""
    return part + whole(size)
  }

  private func whole(_ size: String) -> String {
    switch kind {
    case .machine: "this machine's \(size) of memory"
    case .addressSpace: "the address-space limit of \(size) (ulimit -v)"
    case .dataSegment: "the data-segment limit of \(size) (ulimit -d)"
    case .controlGroup(let directory): "the control group's memory limit of \(size) (\(directory))"
    }
  }

  static func text(_ bytes: Double) -> String {
    if bytes < 999.5e6 { return "\(Int((bytes / 1e6).rounded())) MB" }
    return "\((bytes / 1e8).rounded() / 10) GB"
  }
}
