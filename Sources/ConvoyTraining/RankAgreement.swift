import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyNeuralNetwork
import Foundation

extension MessagePassing {
  /// The run that every rank has prepared, before its first step.
  ///
  /// - Throws: this rank's own error; `RankError.failed` if another's run could not be prepared, and
  ///   `differs` if it is another run.
  package func agree(
    on prepared: () throws -> TrainingRun
  ) throws -> TrainingRun {
    guard size > 1 else { return try prepared() }
    let run = Result { try prepared() }
    let words = gather(Array(RankWords(run, of: size).encoded)).map(RankWords.init)
    let own = try run.get()
    for (rank, other) in words.enumerated() {
      if let failure = other?.failure { throw RankError.failed(rank: rank, message: failure) }
    }
    for (rank, other) in words.enumerated() {
      if let other, let first = words[0], let difference = first.difference(of: other) {
        throw RankError.differs(
          rank: rank, quantity: difference.quantity, expected: difference.expected,
          found: difference.found)
      }
    }
    return own
  }
}

/// What a rank tells the others of its run.
private struct RankWords: Codable {
  /// Why it could not be prepared; nil if it was.
  var failure: String?
  /// What must agree.
  var facts: [Fact] = []

  struct Fact: Codable, Equatable {
    let quantity: String
    let value: String
  }

  init(_ run: Result<TrainingRun, any Error>, of ranks: Int) {
    switch run {
    case .success(let run): facts = run.facts.map { Fact(quantity: $0.0, value: $0.1) }
    case .failure(let error): failure = "\(error)"
    }
  }

  /// Nil if the bytes are another program's.
  init?(_ bytes: [UInt8]) {
    guard let words = try? JSONDecoder().decode(RankWords.self, from: Data(bytes)) else {
      return nil
    }
    self = words
  }

  var encoded: Data {
    do { return try JSONEncoder().encode(self) } catch {
      preconditionFailure("texts can be encoded: \(error)")
    }
  }

  func difference(
    of other: RankWords
  ) -> (quantity: String, expected: String, found: String)? {
    for fact in facts + other.facts {
      func value(_ words: RankWords) -> String {
        words.facts.first { $0.quantity == fact.quantity }?.value ?? "none"
      }
      if value(self) != value(other) { return (fact.quantity, value(self), value(other)) }
    }
    return nil
  }
}

extension TrainingRun {
  /// Options whose values may differ from machine to machine.
  private static let paths: Set<String> = [
    "cache", "data", "initial-weights", "log", "model", "output",
  ]

  /// What determines the bits of the run.
  fileprivate var facts: [(quantity: String, value: String)] {
    let options = options.filter { !Self.paths.contains($0.key) }
      .sorted { $0.key < $1.key }.map { ("option --\($0.key)", $0.value) }
    return [
      ("version of Convoy", ConvoyVersion.number),
      ("data", "\(DatasetDigest(dataset)), \(validation?.count ?? 0) for validation"),
    ] + options + [
      ("network", (try? setup.plan.architecture.json()) ?? ""),
      ("weights", "checksum \(setup.weightsChecksum)"),
      ("step", "\(setup.trainer.stepNumber)"),
      ("arithmetic", fusesMultiplyAdd ? "fused multiply-adds" : "none fused"),
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
  case noData
  case differs(rank: Int, quantity: String, expected: String, found: String)
  /// A batch is dealt by groups.
  case tooMany(ranks: Int, batchSize: Int, groups: Int)

  package var description: String {
    switch self {
    case .failed(let rank, let message): "rank \(rank): \(message)"
    case .noData: "rank 0 has no data to send"
    case .differs(let rank, let quantity, let expected, let found):
      "rank \(rank): expected the \(quantity) of rank 0, \(expected), found \(found)"
    case .tooMany(let ranks, let batchSize, let groups):
      "a batch of \(batchSize) images is dealt in \(groups) groups: expected at most \(groups) "
        + "ranks, found \(ranks)"
    }
  }
}
