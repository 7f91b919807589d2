import NeuralNetwork

extension TrainingRun {
  /// Goes on where a checkpoint was made.
  ///
  /// - Parameters:
  ///   - path: the checkpoint's, for errors.
  ///   - keepsBest: whether the weights of the best epoch must be there, if there was one.
  /// - Returns: the best epoch so far.
  /// - Throws: `ModelFileError` if the checkpoint is not of this run, before anything is changed.
  package func restore(
    _ checkpoint: Checkpoint, path: String, keepsBest: Bool
  ) throws(ModelFileError) -> BestEpoch? {
    func refusal(_ expected: String, _ found: String) -> ModelFileError {
      .metadata(path: path, key: "checkpoint", expected: expected, found: found)
    }
    let state = checkpoint.state
    let (earlier, overflow) = trainer.stepsAnEpoch.multipliedReportingOverflow(by: state.epoch - 1)
    // A run that stops within an epoch counts as having done it.
    guard !overflow, state.sums.steps <= trainer.stepsAnEpoch,
      state.stepNumber <= earlier + state.sums.steps,
      state.stepNumber == earlier + state.sums.steps || state.sums.steps == 0,
      state.sums.samples <= state.sums.steps * trainer.configuration.batchSize
    else {
      throw refusal(
        "a place in the run, with \(trainer.stepsAnEpoch) steps an epoch",
        "epoch \(state.epoch), step \(state.stepNumber), \(state.sums.steps) of them in the epoch")
    }
    let moments = try trainer.configuration.optimizer.momentNames.map {
      name throws(ModelFileError) in
      try (checkpoint.moments[name] ?? WeightTensors(tensors: []))
        .ordered(for: plan, path: path, prefix: "optimizer.\(name).").tensors
    }
    let best = try state.best.map { score throws(ModelFileError) in
      BestEpoch(
        score,
        weights: keepsBest
          ? try (checkpoint.bestWeights ?? WeightTensors(tensors: []))
            .ordered(for: plan, path: path, prefix: "best.") : nil)
    }
    try checkpoint.weights.load(into: parameters, of: plan, path: path)
    trainer.restore(stepNumber: state.stepNumber, momentTensors: moments)
    return best
  }
}
