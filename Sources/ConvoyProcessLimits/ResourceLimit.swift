import ConvoyCProcessLimits

/// The limits of `getrlimit`, in bytes; nil for no limit.
package enum ResourceLimit {
  static var addressSpace: UInt64? { finite(convoy_address_space_limit()) }
  static var dataSegment: UInt64? { finite(convoy_data_segment_limit()) }
  /// Also the stack size of a thread.
  static var stack: UInt64? { finite(convoy_stack_limit()) }

  private static func finite(_ bytes: UInt64) -> UInt64? { bytes == .max ? nil : bytes }

  /// Leaves time to save between SIGXCPU and SIGKILL at the hard limit on processor time: a shell's
  /// `ulimit -t` sets the soft and the hard limit to the same value.
  package static func leaveTimeToSave() { convoy_warn_before_processor_time_ends(5) }

  /// If address space is limited, keeps the C library from reserving 64 MB of it for each thread's
  /// heap. Must be called before any thread starts.
  package static func useOneHeapIfLimited() {
    if addressSpace != nil { convoy_use_one_heap() }
  }
}
