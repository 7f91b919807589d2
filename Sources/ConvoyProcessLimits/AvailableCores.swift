import ConvoyCProcessLimits

/// The number of cores that this process may use: those it may run on, and at most the processor
/// time that its control groups allow, rounded up.
package enum AvailableCores {
  /// Determined once, because neither limit usually changes during the life of a process.
  package static let count = count(runnable: Int(convoy_runnable_cores()), ControlGroups())

  /// The cores of the machine.
  package static let online = Int(convoy_online_cores())

  /// Whether threads of the process may run on every core of the machine.
  package static let areAll = convoy_runnable_cores() >= convoy_online_cores()

  /// - Parameter runnable: cores that threads of the process may run on.
  package static func count(runnable: Int, _ groups: ControlGroups) -> Int {
    guard let quota = groups.cores, quota < Double(runnable) else { return runnable }
    return max(1, Int(quota.rounded(.up)))
  }
}
