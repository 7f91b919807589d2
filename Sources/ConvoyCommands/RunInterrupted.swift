import Foundation

/// A run that a signal ended between two steps.
struct RunInterrupted: Error, Equatable, CustomStringConvertible {
  let signal: CInt
  let epoch: Int
  /// Since training began.
  let step: Int
  /// Where the run can be taken up again, if it can.
  let checkpoint: String?

  var description: String {
    let place =
      "\(signal == SIGTERM ? "terminated" : "interrupted") in epoch \(epoch), after step \(step)"
    guard let checkpoint else {
      return "\(place); nothing was saved, as --checkpoint was not given"
    }
    return "\(place); saved to \(checkpoint), go on with: convoy train --resume \(checkpoint)"
  }
}
