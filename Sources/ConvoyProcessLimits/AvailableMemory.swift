import Foundation

/// The memory that this process may still use.
package struct AvailableMemory: Sendable, Equatable {
  package let limits: [MemoryLimit]
  /// Bytes of a thread's stack.
  private let stack: Double

  package init(_ limits: [MemoryLimit], stack: Double = 0) {
    self.limits = limits
    self.stack = stack
  }

  /// What the system says now.
  ///
  /// Of the machine's memory and of a control group's only what this process uses is taken off: what
  /// others use may be given back at any time.
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

  private static let groupLimits = ControlGroups().memoryLimits

  /// - Parameter subject: what needs the memory, for the error.
  /// - Throws: `MemoryError` with the limit that leaves least, if the need is more than any leaves.
  package func check(_ need: MemoryNeed, for subject: String) throws(MemoryError) {
    let exceeded = limits.filter { $0.bytes(of: need, stack: stack) > $0.left }
    guard let limit = exceeded.min(by: { $0.left < $1.left }) else { return }
    throw MemoryError(
      subject: subject, needed: limit.bytes(of: need, stack: stack), limit: limit)
  }
}

/// What this process has of memory, in bytes.
private struct MemoryUse {
  var addressSpace: UInt64 = 0
  var data: UInt64 = 0
  /// In memory, and in no file.
  var anonymous: UInt64 = 0

  /// Zero where the system does not tell.
  static var now: MemoryUse {
    var use = MemoryUse()
    let status = FileManager.default.contents(atPath: "/proc/self/status") ?? Data()
    for line in String(decoding: status, as: UTF8.self).split(separator: "\n") {
      // As "VmSize:     1234 kB".
      let fields = line.split { $0 == " " || $0 == "\t" }
      guard fields.count == 3, let kilobytes = UInt64(fields[1]) else { continue }
      switch fields[0] {
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

/// The memory that some work is going to take, told before any of it is asked for: the system gives no
/// second chance to say so.
package struct MemoryNeed: Sendable, Equatable {
  /// Bytes that are going to be written.
  package var resident: Double
  /// Bytes that are going to be asked for, written or not.
  package var reserved: Double
  /// Threads that are going to be started, each with a stack of its own.
  package var threads: Int

  /// Bytes that are asked for to be written.
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
