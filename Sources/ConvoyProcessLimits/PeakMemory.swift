import ConvoyCProcessLimits

/// The most memory that this process has had resident so far.
package enum PeakMemory {
  /// 0 if the system does not tell.
  package static var bytes: Int { Int(clamping: convoy_peak_memory()) }
}
