import ConvoyMessagePassing
import ConvoyProcessLimits

extension AvailableCores {
  /// The cores that this process may use, divided by the ranks on this machine unless the launcher has
  /// divided them; at least one.
  package static func share(of launcher: Launcher?) -> Int {
    let ranks = launcher?.localSize ?? 1
    let own = count / (areAll ? ranks : 1)
    return max(1, min(own, online / ranks))
  }
}
