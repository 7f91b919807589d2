import ConvoyKernelInterface
import ConvoyProcessLimits
import Foundation

/// What a measurement depends on beside what is measured: stands in every output.
package struct Conditions: Encodable, Sendable {
  let commit: String
  let compiler: String
  let processor: String
  /// Cores that this process may use.
  let cores: Int
  let instructionSet: String
  /// Processes that ran or wanted to, over the minute before the measurement.
  let loadAverage: Double

  /// Above a table.
  var description: String {
    "commit \(commit), \(compiler), \(processor), \(instructionSet), "
      + "\(cores) \(cores == 1 ? "core" : "cores") for this process"
      + (loadAverage < 0.5
        ? ""
        : "\nOther processes ran on this machine (load average \(Text.number(loadAverage, digits: 2))"
          + " before): figures and ratios are not those of a quiet one.")
  }

  /// What the compiler tells of itself when it compiles this line.
  private static var compilerVersion: String {
    #if compiler(>=6.4)
      "Swift 6.4 or later"
    #elseif compiler(>=6.3.2)
      "Swift 6.3.2 or a later 6.3"
    #elseif compiler(>=6.3.1)
      "Swift 6.3.1"
    #elseif compiler(>=6.3)
      "Swift 6.3"
    #else
      "Swift before 6.3"
    #endif
  }
}

extension Conditions {
  /// Those of now.
  init(_ kernels: any KernelSet) {
    var load = [0.0]
    let loads = unsafe getloadavg(&load, 1)
    self.init(
      commit: Commit.current, compiler: Self.compilerVersion, processor: Processor.name,
      cores: AvailableCores.count, instructionSet: kernels.instructionSet.rawValue,
      loadAverage: loads == 1 ? load[0] : 0)
  }
}
