import ConvoyCProcessLimits

/// What `getrlimit` tells, in bytes; nil where there is no limit.
package enum ResourceLimit {
  static var addressSpace: UInt64? { finite(convoy_address_space_limit()) }
  static var dataSegment: UInt64? { finite(convoy_data_segment_limit()) }
  /// Of a thread's stack too.
  static var stack: UInt64? { finite(convoy_stack_limit()) }

  private static func finite(_ bytes: UInt64) -> UInt64? { bytes == .max ? nil : bytes }

  /// Leaves time to save between SIGXCPU and the hard limit on processor time, which kills: a shell's
  /// `ulimit -t` sets both to the same.
  package static func leaveTimeToSave() { convoy_warn_before_processor_time_ends(5) }

  /// Keeps the C library from reserving 64 MB of address space for the heap of each thread where
  /// address space is limited. To be called before there are threads.
  package static func useOneHeapIfLimited() {
    if addressSpace != nil { convoy_use_one_heap() }
  }
}
