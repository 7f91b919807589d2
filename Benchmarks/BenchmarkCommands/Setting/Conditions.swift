import ConvoyKernelInterface
import ConvoyProcessLimits
import Foundation

/// The conditions of a measurement, which every output includes.
package struct Conditions: Encodable, Sendable {
  let commit: String
  let compiler: String
  let processor: String
  /// Cores that this process may use.
  let cores: Int
  let instructionSet: String
  /// The load average of the last minute before the measurement.
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

  /// The version of the compiler, as far as conditional compilation reveals it.
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
  /// The current conditions.
  init(_ kernels: any KernelSet) {
    var load = [0.0]
    let loads = unsafe getloadavg(&load, 1)
    self.init(
      commit: Commit.current, compiler: Self.compilerVersion, processor: Processor.name,
      cores: AvailableCores.count, instructionSet: kernels.instructionSet.rawValue,
      loadAverage: loads == 1 ? load[0] : 0)
  }
}
