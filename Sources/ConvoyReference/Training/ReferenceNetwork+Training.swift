extension ReferenceNetwork {
  /// Trains for an epoch: every sample once, in mini-batches, with a step of the optimizer after
  /// each.
  ///
  /// A training of several epochs is a loop:
  ///
  /// ```swift
  /// var optimizer = ReferenceAdam<Float>()
  /// for epoch in 1...epochs {
  ///   let training = network.trainEpoch(
  ///     on: samples, batch: 64, optimizer: &optimizer, using: &generator)
  ///   print(epoch, training.loss, training.accuracy, network.evaluate(on: test).accuracy)
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - samples: what to train on.
  ///   - batch: the samples of a step; the last step of the epoch may have fewer.
  ///   - shuffle: whether the samples come in an order that the generator draws, or in their own.
  ///   - optimizer: the rule of a step, with its state.
  ///   - generator: for the order, and for what dropout keeps.
  /// - Returns: the mean loss and the accuracy of the batches as they were trained on, by a network
  ///   that changed from batch to batch.
  /// - Precondition: there is a sample, and the batch size is at least 1.
  @discardableResult
  public mutating func trainEpoch(
    on samples: ReferenceSamples<Scalar>, batch: Int = 64, shuffle: Bool = true,
    optimizer: inout some ReferenceOptimizer<Scalar>,
    using generator: inout some RandomNumberGenerator
  ) -> ReferenceEvaluation<Scalar> {
    var order = Array(0..<samples.count)
    if shuffle { order.shuffle(using: &generator) }
    var tally = ReferenceTally<Scalar>()
    for batch in samples.batches(of: batch, order: order) {
      let gradients = backward(inputs: batch.inputs, labels: batch.labels, using: &generator)
      optimizer.update(&parameters, along: gradients.parameters)
      tally.add(losses: gradients.losses, logits: gradients.logits, labels: batch.labels)
    }
    return tally.evaluation
  }
}
