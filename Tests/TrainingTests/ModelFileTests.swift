import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTraining
import Foundation
import Testing

@Suite struct ModelFileTests {
  private static let layers: [any Layer] = [
    Convolution(filters: 3, kernelSize: 3, stride: 1, padding: 0), ReLU(), Flatten(),
    Dense(4),
  ]

  private func withModel(_ body: (TestRun, String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "convoy-model-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let run = try TestRun(
      Self.layers, on: syntheticImages(count: 20), configuration: TrainingConfiguration())
    let path = directory.appending(path: "model.safetensors").path
    try ModelFile(run.trainer.plan, run.trainer.parameters, normalization: run.normalization)
      .write(to: path)
    try body(run, path)
  }

  @Test func comesBackAsItWas() throws {
    try withModel { run, path in
      let model = try ModelFile(contentsOf: path)
      #expect(model.architecture == Network(Self.layers))
      #expect(model.inputShape == run.trainer.plan.inputShape)
      #expect(model.normalization == run.normalization)
      #expect(model.loss == .crossEntropy)
      #expect(model.weights == run.weights)

      let parameters = ParameterMemory(run.trainer.plan)
      try model.weights.load(into: parameters, of: run.trainer.plan, path: path)
      let read = Evaluator(run.trainer.plan, parameters, store: run.store, threads: 1)
      #expect(read.evaluate() == run.evaluator(threads: 1).evaluate())
    }
  }

  /// Names, shapes and order are those of a `torch.nn.Sequential` of the same layers.
  @Test func hasPyTorchsNamesAndShapes() throws {
    try withModel { _, path in
      let tensors = try SafetensorsFile(contentsOf: path).tensors
      #expect(tensors.map(\.name) == ["0.weight", "0.bias", "3.weight", "3.bias"])
      #expect(tensors.map(\.shape) == [[3, 1, 3, 3], [3], [4, 300], [4]])
    }
  }

  @Test func otherWeightsAreRefusedAndChangeNothing() throws {
    try withModel { run, path in
      let good = run.weights.tensors
      var renamed = good
      renamed[1] = NamedTensor(name: "1.bias", shape: good[1].shape, values: good[1].values)
      var reshaped = good
      reshaped[0] = NamedTensor(name: "0.weight", shape: [3, 9], values: good[0].values)
      var infinite = good
      infinite[3] = NamedTensor(name: "3.bias", shape: [4], values: [0, .infinity, 0, 0])
      let extra = good + [NamedTensor(name: "9.weight", shape: [1], values: [1])]
      for (tensors, name) in [
        (renamed, "0.bias"), (reshaped, "0.weight"), (infinite, "3.bias"), (extra, "9.weight"),
        (Array(good.dropLast()), "3.bias"),
      ] {
        let error = #expect(throws: ModelFileError.self) {
          try WeightTensors(tensors: tensors)
            .load(into: run.trainer.parameters, of: run.trainer.plan, path: path)
        }
        #expect(error?.description.hasPrefix("\(path): tensor '\(name)': expected") == true)
        #expect(run.weights.tensors == good)
      }
    }
  }

  @Test func theFingerprintTellsWeightsApart() throws {
    let weights = WeightTensors(tensors: [NamedTensor(name: "a", shape: [2], values: [1, 2])])
    let others = WeightTensors(
      tensors: [NamedTensor(name: "a", shape: [2], values: [1, 2.0000002])])
    // zlib.crc32(struct.pack("<2f", 1, 2)) in Python.
    #expect(weights.fingerprint == "2e3fa576")
    #expect(others.fingerprint != weights.fingerprint)
  }
}
