import Foundation

/// The memory that this process may still use.
package struct AvailableMemory: Sendable, Equatable {
  package let limits: [MemoryLimit]
  /// The stack size of a thread, in bytes.
  private let stack: Double

  package init(_ limits: [MemoryLimit], stack: Double = 0) {
    self.limits = limits
    self.stack = stack
  }

  /// The memory available now.
  ///
  /// From the limits of the machine and of control groups, only this process's use is subtracted,
  /// because other processes may release memory at any time.
  package static var now: AvailableMemory {
    let use = MemoryUse.now
    var limits = [
      MemoryLimit(
        .machine, bytes: ProcessInfo.processInfo.physicalMemory, used: use.anonymous)
    ]
    if let bytes = ResourceLimit.addressSpace {
      limits.append(MemoryLimit(.addressSpace, bytes: bytes, used: use.addressSpace))
    }
    if let bytes = ResourceLimit.dataSegment {
      limits.append(MemoryLimit(.dataSegment, bytes: bytes, used: use.data))
    }
    limits += groupLimits.map {
      MemoryLimit(
        .controlGroup(directory: $0.directory), bytes: $0.bytes, used: use.anonymous)
    }
    return AvailableMemory(limits, stack: Double(ResourceLimit.stack ?? 8 << 20))
  }

  /// What is left for one of several processes that need as much. The machine and control groups are
  /// shared; limits of address space and data segment are each process's own.
  package func shared(by processes: Int) -> AvailableMemory {
    AvailableMemory(
      limits.map { limit in
        var limit = limit
        switch limit.kind {
        case .machine, .controlGroup: limit.processes = max(1, processes)
        case .addressSpace, .dataSegment: break
        }
        return limit
      }, stack: stack)
  }

  private static let groupLimits = ControlGroups().memoryLimits

  /// Whether a need exceeds no limit.
  package func hasRoom(for need: MemoryNeed) -> Bool {
    limits.allSatisfy { $0.bytes(of: need, stack: stack) <= $0.left }
  }

  /// - Parameter subject: what needs the memory, for the error.
  /// - Throws: `MemoryError` if the need exceeds a limit; of several, it reports the one that
  ///   leaves least.
  package func check(_ need: MemoryNeed, for subject: String) throws(MemoryError) {
    let exceeded = limits.filter { $0.bytes(of: need, stack: stack) > $0.left }
    guard let limit = exceeded.min(by: { $0.left < $1.left }) else { return }
    throw MemoryError(
      subject: subject, needed: limit.bytes(of: need, stack: stack), limit: limit)
  }
}

/// This process's memory use, in bytes.
private struct MemoryUse {
  var addressSpace: UInt64 = 0
  var data: UInt64 = 0
  /// Resident memory that is not backed by a file.
  var anonymous: UInt64 = 0

  /// Zero where the system does not report it.
  static var now: MemoryUse {
    var use = MemoryUse()
    let status = FileManager.default.contents(atPath: "/proc/self/status") ?? Data()
    for line in status.split(separator: UInt8(ascii: "\n"))
    where line.first == UInt8(ascii: "V") || line.first == UInt8(ascii: "R") {
      // For example "VmSize:     1234 kB".
      let fields = String(decoding: line, as: UTF8.self).utf8
        .split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      guard fields.count == 3, let kilobytes = UInt64(String(Substring(fields[1]))) else {
        continue
      }
      switch String(Substring(fields[0])) {
      case "VmSize:": use.addressSpace = kilobytes << 10
      case "VmData:": use.data = kilobytes << 10
      case "RssAnon:": use.anonymous = kilobytes << 10
      default: break
      }
    }
    return use
  }
}

/// Something needs more memory than a limit leaves this process.
package struct MemoryError: Error, Sendable, Equatable, CustomStringConvertible {
  package let subject: String
  package let needed: Double
  package let limit: MemoryLimit

  package var description: String {
    "\(subject): expected at most \(MemoryLimit.text(limit.left)) of memory, what is left of "
      + "\(limit), found a need of \(MemoryLimit.text(needed))"
  }
}

/// The memory that an operation will need. It is checked before any is allocated, because running
/// out of memory ends the process without an error.
package struct MemoryNeed: Sendable, Equatable {
  /// Bytes that will be written.
  package var resident: Double
  /// Bytes that will be allocated, written or not.
  package var reserved: Double
  /// Threads that will be started, each with its own stack.
  package var threads: Int

  /// A need of bytes that are allocated and all written.
  package init(bytes: Double, threads: Int = 0) {
    self.init(resident: bytes, reserved: bytes, threads: threads)
  }

  package init(resident: Double, reserved: Double, threads: Int = 0) {
    self.resident = resident
    self.reserved = reserved
    self.threads = threads
  }

  /// Both at once.
  package static func + (one: MemoryNeed, other: MemoryNeed) -> MemoryNeed {
    MemoryNeed(
      resident: one.resident + other.resident, reserved: one.reserved + other.reserved,
      threads: one.threads + other.threads)
  }
}
