import Foundation
import Optimizers
import Safetensors
import Testing
import Training

/// A checkpoint is read back as it was written, or refused in a line that says why.
@Suite struct CheckpointFileTests {
  private let saved: SavedRun

  init() throws { saved = try SavedRun() }

  private func saveAfter(steps: Int) throws -> TrainingRun {
    let run = try saved.run()
    let progress = run.trainer.begin(1)
    try run.trainer.train(progress, upTo: steps)
    try saved.save(run, progress)
    return run
  }

  @Test func isReadBackAsItWasWritten() throws {
    let run = try saveAfter(steps: 3)
    let checkpoint = try Checkpoint(contentsOf: saved.path)
    #expect(checkpoint.weights == run.weights)
    #expect(checkpoint.moments.keys.sorted() == ["exp_avg", "exp_avg_sq"])
    #expect(checkpoint.moments["exp_avg"]?.tensors == run.trainer.momentTensors[0])
    #expect(checkpoint.stepLosses.count == 3)
    #expect(checkpoint.architecture == SavedRun.architecture)
    #expect(checkpoint.state.settings == ["seed": "9223372036854775813"])
    #expect(checkpoint.state.data == DatasetDigest(saved.dataset))
    let file = try SafetensorsFile(contentsOf: saved.path)
    #expect(file.tensors.map(\.name).contains("optimizer.exp_avg_sq.4.weight"))
    let before = try Data(contentsOf: URL(filePath: saved.path))
    try checkpoint.write(to: saved.path)
    #expect(try Data(contentsOf: URL(filePath: saved.path)) == before)
  }

  /// Any double comes back to the bit.
  @Test func sumsAreExact() throws {
    let digest = DatasetDigest(saved.dataset)
    for bits in stride(from: 1, to: UInt64(0x4100_0000_0000_0000), by: 0x000F_1415_9265_3589) {
      var sums = EpochProgress.Sums()
      sums.loss = Double(bitPattern: bits)
      sums.seconds = sums.loss
      let state = Checkpoint.State(
        settings: [:], fusesMultiplyAdd: true, data: digest, epoch: 1, stepNumber: 0, sums: sums,
        best: nil, logLength: nil)
      let text = try JSONEncoder().encode(state)
      #expect(try JSONDecoder().decode(Checkpoint.State.self, from: text) == state)
    }
  }

  /// A change of a file, and what is said of it.
  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let words: [String]
    let apply: @Sendable (inout SafetensorsFile) -> Void

    init(
      _ name: String, saying words: String...,
      apply: @escaping @Sendable (inout SafetensorsFile) -> Void
    ) {
      testDescription = name
      self.words = words
      self.apply = apply
    }

    static func state(_ old: String, _ new: String, saying words: String...) -> Damage {
      Damage(old, words: words) { file in
        let text = file.metadata["checkpoint"] ?? ""
        precondition(text.contains(old), "\(old) is in \(text)")
        file.metadata["checkpoint"] = text.replacingOccurrences(of: old, with: new)
      }
    }

    private init(
      _ name: String, words: [String], apply: @escaping @Sendable (inout SafetensorsFile) -> Void
    ) {
      testDescription = name
      self.words = words
      self.apply = apply
    }

    static func tensor(
      _ name: String, _ change: @escaping @Sendable (NamedTensor) -> NamedTensor?,
      saying words: String...
    ) -> Damage {
      Damage(name, words: ["tensor '\(name)'"] + words) { file in
        file.tensors = file.tensors.compactMap { $0.name == name ? change($0) : $0 }
      }
    }
  }

  static let damages: [Damage] = [
    Damage("a model", saying: "metadata 'checkpoint': expected a checkpoint", "found none") {
      $0.metadata = [:]
    },
    Damage("no JSON", saying: "metadata 'checkpoint': expected a checkpoint") {
      $0.metadata["checkpoint"] = "{"
    },
    .state("\"formatVersion\":1", "\"formatVersion\":2", saying: "format version 1, found 2"),
    .state("\"epoch\":1", "\"epoch\":0", saying: "counts that go together"),
    .state("\"epoch\":1", "\"epoch\":9223372036854775807", saying: "a place in the run"),
    .state("\"epoch\":1", "\"epoch\":2", saying: "a place in the run"),
    .state("\"steps\":3", "\"steps\":2", saying: "a finite loss for each"),
    .state("\"stepNumber\":3", "\"stepNumber\":4", saying: "a place in the run"),
    .state("\"stepNumber\":3", "\"stepNumber\":-3", saying: "counts that go together"),
    .state("\"samples\":48", "\"samples\":49", saying: "a place in the run"),
    .tensor("0.weight", { _ in nil }, saying: "expected shape", "found none"),
    .tensor("optimizer.exp_avg.4.weight", { _ in nil }, saying: "expected shape", "found none"),
    .tensor(
      "optimizer.exp_avg_sq.8.bias",
      { NamedTensor(name: $0.name, shape: [1, $0.values.count], values: $0.values) },
      saying: "found [1, 13]"),
    .tensor(
      "optimizer.exp_avg.8.bias",
      { NamedTensor(name: $0.name, shape: $0.shape, values: $0.values.map { _ in .nan }) },
      saying: "expected finite numbers"),
    Damage("another tensor", saying: "tensor '8.wait': expected no such tensor") {
      $0.tensors.append(NamedTensor(name: "8.wait", shape: [1], values: [0]))
    },
  ]

  @Test(arguments: damages)
  func whatIsNoCheckpointIsRefused(damage: Damage) throws {
    _ = try saveAfter(steps: 3)
    var file = try SafetensorsFile(contentsOf: saved.path)
    damage.apply(&file)
    try file.encoded().write(to: URL(filePath: saved.path))
    let fresh = try saved.run()
    let before = fresh.weights
    let error = try #require(throws: (any Error).self) { _ = try saved.restore(fresh) }
    for word in damage.words + [saved.path] {
      #expect("\(error)".contains(word), "'\(word)' in: \(error)")
    }
    #expect(fresh.weights == before)
  }

  /// What another optimizer remembers is not there.
  @Test func anotherOptimizersMomentsAreRefused() throws {
    _ = try saveAfter(steps: 2)
    let run = try saved.run(RMSProp())
    #expect(throws: ModelFileError.self) { _ = try saved.restore(run) }
  }

  /// A file that could not be read is not written.
  @Test func numbersThatAreNotFiniteAreNotWritten() throws {
    _ = try saveAfter(steps: 2)
    let before = try Data(contentsOf: URL(filePath: saved.path))
    let run = try saved.run()
    run.trainer.parameters.values.pointer[0] = .nan
    #expect(throws: ModelFileError.self) { try saved.save(run, run.trainer.begin(1)) }
    #expect(try Data(contentsOf: URL(filePath: saved.path)) == before)
  }
}
