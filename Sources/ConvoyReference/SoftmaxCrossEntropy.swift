/// Softmax and the cross-entropy with one true class, in one step, for one sample (Bridle, 1990,
/// "Training Stochastic Model Recognition Algorithms as Networks…").
///
/// With m the largest of the logits x and y the label:
///
///     loss = log Σ_j e^(x[j] − m) − (x[y] − m),   gradient[c] = softmax(x)[c] − [c = y]
///
/// The loss is finite for all finite logits whose differences are: no exponent is above 0, and the
/// sum is at least 1 because the largest logit adds e^0.
package func softmaxCrossEntropy<Scalar: ReferenceScalar>(
  logits: [Scalar], label: Int
) -> (loss: Scalar, gradient: [Scalar]) {
  precondition(logits.indices.contains(label), "the label is one of the classes")
  var largest = logits[label]
  for logit in logits {
    largest = max(largest, logit)
  }
  var gradient = logits.map { Scalar.exponential($0 - largest) }
  var sum = Scalar.zero
  for power in gradient {
    sum += power
  }
  for index in gradient.indices {
    gradient[index] /= sum
  }
  gradient[label] -= 1
  return (Scalar.naturalLogarithm(sum) - (logits[label] - largest), gradient)
}
