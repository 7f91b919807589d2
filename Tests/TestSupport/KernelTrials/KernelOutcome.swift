/// What a trial of a kernel showed.
package struct KernelOutcome: Sendable {
  package let worst: WorstError
  /// A place that was written without leave.
  package let trespass: Int?

  package var isFaultless: Bool { worst.fraction <= 1 && trespass == nil }
}

extension KernelOutcome: CustomStringConvertible {
  package var description: String {
    "\(worst)" + (trespass.map { "; wrote to \($0), which is not its own" } ?? "")
  }
}
