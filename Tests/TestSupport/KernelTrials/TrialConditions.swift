/// What a kernel's geometry leaves open of a trial: the numbers in its maps, and how many of the stored
/// channels are the layer's own.
package struct TrialConditions: Sendable, CustomStringConvertible {
  package var seed: UInt64
  /// Whether the memory is aligned as a network's, or lies as it comes.
  package var isAligned: Bool
  /// Channels that are the layer's own; nil for all that are stored. The others are added: zero, and to
  /// stay zero.
  package var inputChannels: Int?
  /// The same of outputs, and of both sides of a pooling.
  package var outputChannels: Int?
  /// Rows and columns of zeros that the input has on each side.
  package var padding = 0
  /// How many of the windows in lists have a gradient that is not zero, on average.
  package var listedShare: Double

  package init(seed: UInt64, isAligned: Bool = false, listedShare: Double = 0.5) {
    self.seed = seed
    self.isAligned = isAligned
    self.listedShare = listedShare
  }

  package var description: String {
    func channels(_ count: Int?) -> String { count.map { "\($0)" } ?? "all" }
    return "seed \(seed), \(channels(inputChannels)) of the input channels, "
      + "\(channels(outputChannels)) of the output channels, padding \(padding)"
  }

  /// - Parameter part: of the trial, where several parts make their numbers on their own.
  func generator(part: UInt64 = 0) -> SeededGenerator { SeededGenerator(seed: seed ^ part << 32) }

  func memory(pattern: Float = GuardedMemory.notANumber) -> GuardedMemory {
    GuardedMemory(pattern: pattern, isAligned: isAligned)
  }
}
