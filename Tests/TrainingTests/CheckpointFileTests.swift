import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTestSupport
import ConvoyTraining
import Foundation
import Optimizers
import Testing

/// A checkpoint is read back as it was written, or refused in a line that says why.
@Suite struct CheckpointFileTests {
  private let saved: SavedRun

  init() throws { saved = try SavedRun() }

  private func saveAfter(steps: Int) throws -> TrainingSetup {
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
    #expect(checkpoint.stepLosses.count == 3)
    #expect(checkpoint.architecture == SavedRun.architecture)
    #expect(checkpoint.state.settings == SavedRun.settings)
    #expect(checkpoint.state.data == DatasetDigest(saved.dataset))
    let file = try SafetensorsFile(contentsOf: saved.path)
    #expect(file.tensors.map(\.name).contains("optimizer.exp_avg_sq.4.weight"))
    let before = try Data(contentsOf: URL(filePath: saved.path))
    let again = try saved.run()
    try saved.save(again, saved.restore(again))
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
        settings: TrainingSettings(), fusesMultiplyAdd: true, data: digest, epoch: 1, stepNumber: 0,
        sums: sums,
        best: nil, log: nil)
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
    .state(
      "\"formatVersion\":9", "\"formatVersion\":5",
      saying: "format version 9, the only one read, found 5"),
    .state("\"length\":7", "\"length\":-7", saying: "a length and a checksum of the log"),
    .state("\"0123cdef\"", "\"0123cde\"", saying: "a length and a checksum of the log"),
    .state("\"0123cdef\"", "\"0123cdeF\"", saying: "a length and a checksum of the log"),
    .state("\"checksum\":\"0123cdef\",", "", saying: "a checkpoint that convoy train wrote"),
    .state("\"epoch\":1", "\"epoch\":0", saying: "counts that go together"),
    .state("\"epoch\":1", "\"epoch\":9223372036854775807", saying: "a place in 3 epochs"),
    .state("\"epoch\":1", "\"epoch\":2", saying: "a place in 3 epochs of 7 steps"),
    .state("\"epoch\":1", "\"epoch\":4", saying: "a place in 3 epochs of 7 steps"),
    // Seven steps in each epoch before: with three more they are one too many for an integer.
    .state(
      "\"epoch\":1", "\"epoch\":1317624576693539402", saying: "a place in 3 epochs of 7 steps"),
    .state("\"steps\":3", "\"steps\":2", saying: "a finite loss for each"),
    .state("\"stepNumber\":3", "\"stepNumber\":4", saying: "a place in 3 epochs"),
    .state("\"stepNumber\":3", "\"stepNumber\":-3", saying: "counts that go together"),
    .state("\"samples\":48", "\"samples\":49", saying: "a place in 3 epochs"),
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
      $0.tensors.insert(NamedTensor(name: "8.wait", shape: [1], values: [0]), at: 0)
    },
    Damage("another moment", saying: "tensor 'optimizer.exp_max.': expected no such state") {
      $0.tensors.insert(
        NamedTensor(name: "optimizer.exp_max.0.weight", shape: [1], values: [0]), at: 0)
    },
    Damage("no checksum", saying: "tensor 'checksum': expected shape [2], behind all others") {
      $0.tensors.removeLast()
    },
    Damage("a checksum before the end", saying: "tensor 'checksum': expected shape [2], behind") {
      $0.tensors.append($0.tensors.removeFirst())
    },
  ]

  @Test(arguments: damages)
  func whatIsNoCheckpointIsRefused(damage: Damage) throws {
    _ = try saveAfter(steps: 3)
    var file = try SafetensorsFile(contentsOf: saved.path)
    damage.apply(&file)
    let bytes = [UInt8](file.encoded())
    let isSealed = file.tensors.last?.name == "checksum"
    try (isSealed ? sealed(bytes) : bytes).write(to: saved.path)
    let fresh = try saved.run()
    let before = fresh.weights
    let error = try #require(throws: (any Error).self) { _ = try saved.restore(fresh) }
    for word in damage.words + [saved.path] {
      #expect("\(error)".contains(word), "'\(word)' in: \(error)")
    }
    #expect(fresh.weights == before)
  }

  /// A bit in any place: of the header's length, of a text, of a name, of a number, of the checksum.
  @Test func aChangedBitIsRefused() throws {
    _ = try saveAfter(steps: 3)
    let sound = [UInt8](try Data(contentsOf: URL(filePath: saved.path)))
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<400 {
      let (byte, bit) = (
        generator.integer(in: 0...sound.count - 1), generator.integer(in: 0...7)
      )
      var damaged = sound
      damaged[byte] ^= 1 << bit
      try damaged.write(to: saved.path)
      let error = #expect(throws: (any Error).self, "bit \(bit) of byte \(byte)") {
        try Checkpoint(contentsOf: saved.path)
      }
      #expect(
        error is SafetensorsError || error is ModelFileError || error is NetworkError,
        "bit \(bit) of byte \(byte): \(error.map { "\($0)" } ?? "none")")
    }
    try sound.write(to: saved.path)
    #expect(throws: Never.self) { try Checkpoint(contentsOf: saved.path) }
  }

  @Test func damageIsToldByTheChecksum() throws {
    _ = try saveAfter(steps: 3)
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: saved.path)))
    bytes[bytes.count - 20] ^= 1
    try bytes.write(to: saved.path)
    let error = try #require(throws: ModelFileError.self) { try Checkpoint(contentsOf: saved.path) }
    #expect(
      error.description.contains(
        /run\.ckpt: damaged: expected checksum [0-9a-f]{8}, found [0-9a-f]{8}$/))
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
