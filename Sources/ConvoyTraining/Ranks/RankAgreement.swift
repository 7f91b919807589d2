import ConvoyCompression
import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyNeuralNetwork
import Foundation

extension MessagePassing {
  /// Does what may fail on any rank, and goes on if it fails on none.
  ///
  /// - Parameter body: calls no other rank.
  /// - Throws: this rank's own error; `RankError.failed` if another's `body` failed.
  package func together<Result>(_ body: () throws -> Result) throws -> Result {
    guard size > 1 else { return try body() }
    let result = Swift.Result { try body() }
    // A failure is a byte and its message, which may be empty.
    var failure: [UInt8] = []
    if case .failure(let error) = result { failure = [1] + "\(error)".utf8 }
    let failures = allGather(failure)
    let own = try result.get()
    if let rank = failures.firstIndex(where: { !$0.isEmpty }) {
      throw RankError.failed(
        rank: rank, message: String(decoding: failures[rank].dropFirst(), as: UTF8.self))
    }
    return own
  }

  /// Goes on if every rank has the same of each quantity.
  ///
  /// - Throws: `RankError.differs` on all ranks.
  package func checkSame(_ values: [String: String]) throws(RankError) {
    guard size > 1 else { return }
    try checkSame(values.sorted { $0.key < $1.key }.map { RankFact($0.key, $0.value) })
  }

  /// Goes on if every rank has prepared the same run.
  ///
  /// - Throws: `RankError.differs` on all ranks.
  package func checkSame(_ run: TrainingRun) throws(RankError) {
    guard size > 1 else { return }
    try checkSame(run.facts)
  }

  /// Goes on if every rank has the same weights, which it updated by itself.
  ///
  /// - Throws: `RankError.differs` on all ranks.
  func checkSameWeights(_ setup: TrainingSetup) throws(RankError) {
    guard size > 1 else { return }
    try checkSame([
      RankFact("weights after step \(setup.trainer.stepNumber)", setup.weightsChecksum)
    ])
  }

  private func checkSame(_ facts: [RankFact]) throws(RankError) {
    let all = allGather(Array(RankFact.encoded(facts))).map(RankFact.decoded)
    for (rank, other) in all.enumerated() {
      guard let first = all[0], let other else {
        throw .differs(
          rank: rank, quantity: "version of Convoy", expected: ConvoyVersion.number,
          found: "another")
      }
      for fact in first + other {
        func value(_ facts: [RankFact]) -> String {
          facts.first { $0.quantity == fact.quantity }?.value ?? "none"
        }
        if value(first) != value(other) {
          throw .differs(
            rank: rank, quantity: fact.quantity, expected: value(first), found: value(other))
        }
      }
    }
  }
}

/// What ranks must agree on.
private struct RankFact: Codable {
  let quantity: String
  let value: String

  init(_ quantity: String, _ value: String) {
    self.quantity = quantity
    self.value = value
  }

  static func encoded(_ facts: [RankFact]) -> Data {
    do { return try JSONEncoder().encode(facts) } catch {
      preconditionFailure("texts can be encoded: \(error)")
    }
  }

  /// Nil if the bytes are another program's.
  static func decoded(_ bytes: [UInt8]) -> [RankFact]? {
    try? JSONDecoder().decode([RankFact].self, from: Data(bytes))
  }
}

extension TrainingRun {
  /// Options whose values may differ from machine to machine.
  private static let paths = TrainingSettings.paths.union(["model"])

  /// What determines the bits of the run.
  fileprivate var facts: [RankFact] {
    let options = options.filter { !Self.paths.contains($0.key) }
      .sorted { $0.key < $1.key }.map { RankFact("option --\($0.key)", $0.value) }
    return [
      RankFact("version of Convoy", ConvoyVersion.number),
      RankFact("data", "\(DatasetDigest(dataset))"),
      RankFact("validation images", validation.map { "\(DatasetDigest.Part($0))" } ?? "none"),
      RankFact("class names", (dataset.classNames ?? []).joined(separator: ", ")),
    ] + options + [
      RankFact("network", (try? setup.plan.architecture.json()) ?? ""),
      RankFact("weights", "checksum \(setup.weightsChecksum)"),
      RankFact("step", "\(setup.trainer.stepNumber)"),
      RankFact("arithmetic", fusesMultiplyAdd ? "fused multiply-adds" : "none fused"),
    ]
  }
}

extension TrainingSetup {
  fileprivate var weightsChecksum: String {
    var checksum = Checksum()
    unsafe checksum.add(UnsafeRawBufferPointer(parameters.values.elements))
    return checksum.text
  }
}

/// Why ranks cannot train together.
package enum RankError: Error, CustomStringConvertible {
  case failed(rank: Int, message: String)
  case differs(rank: Int, quantity: String, expected: String, found: String)
  /// A batch is dealt by groups.
  case tooMany(ranks: Int, batchSize: Int, groups: Int)

  package var description: String {
    switch self {
    case .failed(let rank, let message): "rank \(rank): \(message)"
    case .differs(let rank, let quantity, let expected, let found):
      "rank \(rank): expected the \(quantity) of rank 0, \(expected), found \(found)"
    case .tooMany(let ranks, let batchSize, let groups):
      "a batch of \(batchSize) images is dealt in \(groups) group\(groups == 1 ? "" : "s"): expected at "
        + "most as many processes, found \(ranks)"
    }
  }
}

extension RankError {
  /// Whether an error of a run has come to all ranks, so that none waits for this one.
  package static func hasReachedAll(_ error: any Error) -> Bool {
    error is NonFiniteError || error is RunInterruption || error is RankError
  }
}
