import ConvoyCProcessLimits

/// The time since this process was started, its loading included.
package enum ProcessAge {
  /// Within a hundredth; nil if the system does not tell.
  package static var seconds: Double? {
    let age = convoy_process_age()
    return age < 0 ? nil : age
  }
}
