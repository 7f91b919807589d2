import ConvoyCProcessLimits

/// The time since this process was started, its loading included.
package enum ProcessAge {
  /// Within a hundredth; 0 if the system does not tell.
  package static var seconds: Double { max(0, convoy_process_age()) }
}
