/// How well a network does on some samples.
public struct ReferenceEvaluation<Scalar: ReferenceScalar>: Equatable, Sendable {
  /// The mean loss.
  public let loss: Scalar

  /// The share of samples whose class has the largest output, from 0 to 1.
  public let accuracy: Double
}

extension ReferenceNetwork {
  /// The mean loss and the accuracy on samples, without training.
  ///
  /// - Parameters:
  ///   - samples: what to judge the network by.
  ///   - batch: the samples that pass at once. Results depend on it only through batch normalisation.
  /// - Precondition: there is a sample.
  public func evaluate(
    on samples: ReferenceSamples<Scalar>, batch: Int = 64
  ) -> ReferenceEvaluation<Scalar> {
    var tally = ReferenceTally<Scalar>()
    for batch in samples.batches(of: batch, order: Array(0..<samples.count)) {
      let logits = forward(batch.inputs)
      let losses = zip(logits, batch.labels).map { logits, label in
        loss.evaluate(logits: logits.values, label: label).loss
      }
      tally.add(losses: losses, logits: logits, labels: batch.labels)
    }
    return tally.evaluation
  }

  /// The class that the network takes a sample for: that of the largest output, among equal ones the
  /// first.
  public func predict(_ input: ReferenceTensor<Scalar>) -> Int {
    forward([input])[0].largestPlace
  }

  /// The probability of each class, by softmax of the outputs.
  public func probabilities(of input: ReferenceTensor<Scalar>) -> [Scalar] {
    ReferenceActivation<Scalar>.softmax.forward(forward([input])[0]).values
  }
}

extension ReferenceTensor {
  /// Where the largest value is; among equal ones, the first.
  fileprivate var largestPlace: Int {
    values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
  }
}

/// Losses and right answers, added up batch by batch.
struct ReferenceTally<Scalar: ReferenceScalar> {
  private var loss = Scalar.zero
  private var right = 0
  private var count = 0

  mutating func add(losses: [Scalar], logits: [ReferenceTensor<Scalar>], labels: [Int]) {
    for sample in labels.indices {
      loss += losses[sample]
      if logits[sample].largestPlace == labels[sample] { right += 1 }
    }
    count += labels.count
  }

  var evaluation: ReferenceEvaluation<Scalar> {
    precondition(count > 0, "there is a sample")
    return ReferenceEvaluation(
      loss: loss / Scalar(count), accuracy: Double(right) / Double(count))
  }
}
