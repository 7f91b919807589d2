import ConvoyCompression
import ConvoyFileAccess
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoySafetensors
import Foundation
import Optimizers

extension TrainingSetup {
  /// Writes a checkpoint of the current state; must not be called during training. Tensors are
  /// streamed to the file without a copy in memory.
  ///
  /// - Parameters:
  ///   - bestWeights: of the best epoch, if they are kept.
  ///   - stepLosses: of the current epoch.
  /// - Throws: `FileError`, or `ModelFileError` if a number is not finite; the old file then stays.
  package func save(
    _ state: Checkpoint.State, bestWeights: WeightTensors?, stepLosses: [Float], to path: String
  ) throws {
    var tensors = unsafe streams(of: plan.tensors, parameters.values.pointer)
    for unsafe(name, moments) in unsafe trainer.optimizer.named {
      unsafe tensors += streams(
        of: plan.learnedTensors, moments, prefix: "\(Checkpoint.Name.optimizer)\(name).")
    }
    if let average = trainer.average {
      tensors += unsafe streams(
        of: plan.averagedTensors, average.memory.values.pointer, prefix: Checkpoint.Name.average)
    }
    tensors += (bestWeights?.tensors ?? []).map {
      TensorStream($0, name: Checkpoint.Name.best + $0.name)
    }
    if !stepLosses.isEmpty {
      tensors.append(
        TensorStream(
          NamedTensor(
            name: Checkpoint.Name.losses, shape: [stepLosses.count], values: stepLosses)))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let metadata = [
      Checkpoint.Key.architecture: try plan.architecture.json(),
      Checkpoint.Key.state: String(decoding: try encoder.encode(state), as: UTF8.self),
    ]
    try trainer.exclusively { try Self.write(tensors, metadata: metadata, to: path) }
  }

  /// Writes tensors, followed by a checksum of all preceding bytes.
  private static func write(
    _ tensors: [TensorStream], metadata: [String: String], to path: String
  ) throws {
    var checksum = Checksum()
    var faulty: String?
    let checked = tensors.map { tensor in
      unsafe TensorStream(name: tensor.name, type: tensor.type, shape: tensor.shape) {
        range, values in
        unsafe tensor.read(range, values)
        if unsafe !areFinite(UnsafeBufferPointer(start: values, count: range.count)) {
          faulty = faulty ?? tensor.name
        }
      }
    }
    let sum = unsafe TensorStream(name: Checkpoint.Name.checksum, shape: [2]) { range, values in
      for index in range { unsafe values[index - range.lowerBound] = checksum.halves[index] }
    }
    var file = try AtomicFile(replacing: path)
    try unsafe SafetensorsFile.encode(checked + [sum], metadata: metadata) {
      bytes throws(any Error) in
      if let faulty { throw ModelFileError.notFinite(path: path, tensor: faulty) }
      unsafe checksum.add(bytes)
      try unsafe file.append(bytes)
    }
    try file.commit()
  }

  /// Streams tensors of the network from an array in the layout of the parameters.
  private func streams(
    of tensors: [ParameterTensor], _ stored: UnsafePointer<Float>, prefix: String = ""
  ) -> [TensorStream] {
    tensors.map { tensor in
      unsafe TensorStream(
        name: prefix + tensor.name, type: tensor.elementType, shape: tensor.shape
      ) { range, values in
        unsafe tensor.read(range, from: stored, into: values)
      }
    }
  }

  /// Restores a run from a checkpoint.
  ///
  /// - Parameters:
  ///   - path: the checkpoint's path, for errors.
  ///   - epochs: in the whole run.
  ///   - keepsBest: whether the best epoch, if there is one, must have its weights.
  /// - Returns: the best epoch so far.
  /// - Throws: `ModelFileError` if the checkpoint does not fit this run, before anything is
  ///   changed.
  package func restore(
    _ checkpoint: Checkpoint, path: String, epochs: Int, keepsBest: Bool
  ) throws(ModelFileError) -> BestEpoch? {
    try checkPlace(of: checkpoint.state, path: path, epochs: epochs)
    let names = trainer.configuration.optimizer.momentNames
    if let other = checkpoint.moments.keys.sorted().first(where: { !names.contains($0) }) {
      throw .tensor(
        path: path, name: "\(Checkpoint.Name.optimizer)\(other).",
        expected: "no such state of the optimizer", found: "tensors")
    }
    let moments = try names.map { name throws(ModelFileError) in
      try (checkpoint.moments[name] ?? WeightTensors(tensors: []))
        .ordered(
          as: plan.learnedTensors, path: path, prefix: "\(Checkpoint.Name.optimizer)\(name)."
        ).tensors
    }
    let average = try trainer.average.map { _ throws(ModelFileError) in
      try (checkpoint.average ?? WeightTensors(tensors: []))
        .ordered(as: plan.averagedTensors, path: path, prefix: Checkpoint.Name.average)
    }
    if average == nil, checkpoint.average != nil {
      throw .tensor(
        path: path, name: Checkpoint.Name.average, expected: "no average of the weights",
        found: "tensors")
    }
    let best = try checkpoint.state.best.map { score throws(ModelFileError) in
      BestEpoch(
        score,
        weights: keepsBest
          ? try (checkpoint.bestWeights ?? WeightTensors(tensors: []))
            .ordered(as: plan.tensors, path: path, prefix: Checkpoint.Name.best) : nil)
    }
    try checkpoint.weights.load(into: parameters, of: plan, path: path)
    trainer.restore(
      stepNumber: checkpoint.state.stepNumber, momentTensors: moments,
      averageTensors: average?.tensors ?? [])
    return best
  }

  /// Checks that the run passes through the step of the state.
  private func checkPlace(
    of state: Checkpoint.State, path: String, epochs: Int
  ) throws(ModelFileError) {
    let (steps, sums) = (trainer.stepsAnEpoch, state.sums)
    // The file's numbers may be arbitrarily large. A run that stops within an epoch has completed it.
    guard state.epoch >= 1, state.epoch - 1 <= epochs,
      sums.steps <= (state.epoch > epochs ? 0 : steps),
      case (let before, false) = steps.multipliedReportingOverflow(by: state.epoch - 1),
      case (let last, false) = before.addingReportingOverflow(sums.steps),
      state.stepNumber == last || sums.steps == 0 && state.stepNumber <= last,
      sums.samples <= sums.steps * trainer.configuration.batchSize
    else {
      throw .metadata(
        path: path, key: Checkpoint.Key.state,
        expected: "a place in \(epochs) epochs of \(steps) steps",
        found: "epoch \(state.epoch), step \(state.stepNumber), \(sums.steps) of them in the epoch")
    }
  }
}
