import ConvoyCProcessLimits

/// The cores that this process may use: those it may run on, and no more than the processor time that
/// its control groups leave it, rounded up.
package enum AvailableCores {
  /// Asked once: neither changes in the usual life of a process.
  package static let count = count(runnable: Int(convoy_runnable_cores()), ControlGroups())

  /// - Parameter runnable: cores that threads of the process may run on.
  package static func count(runnable: Int, _ groups: ControlGroups) -> Int {
    guard let quota = groups.cores, quota < Double(runnable) else { return runnable }
    return max(1, Int(quota.rounded(.up)))
  }
}
