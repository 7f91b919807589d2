/// A network, with its batch, is too large for the machine.
package struct MemoryError: Error, Sendable, Equatable, CustomStringConvertible {
  package let needed: Double
  package let available: Double

  package var description: String {
    "--model, --batch: expected what fits in this machine's \(Self.gigabytes(available)) GB of "
      + "memory, found a need of \(Self.gigabytes(needed)) GB"
  }

  private static func gigabytes(_ bytes: Double) -> String {
    let tenths = (bytes / 1e8).rounded()
    return "\(tenths / 10)"
  }
}
