/// Something needs more memory than a limit leaves this process.
package struct MemoryError: Error, Sendable, Equatable, CustomStringConvertible {
  package let subject: String
  package let needed: Double
  package let limit: MemoryLimit

  package var description: String {
    "\(subject): expected at most \(MemoryLimit.text(limit.left)) of memory, what is left of "
      + "\(limit), found a need of \(MemoryLimit.text(needed))"
  }
}
