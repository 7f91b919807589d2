/// Softmax and the cross-entropy with one true class, in one step, for one sample (Bridle, 1990,
/// "Training Stochastic Model Recognition Algorithms as Networks…").
///
/// With m the largest of the logits x and y the label:
///
///     loss = log Σ_j e^(x[j] − m) − (x[y] − m),   gradient[c] = softmax(x)[c] − [c = y]
///
/// [c = y] is 1 where c is y, else 0. The loss is finite if the logits and their differences are: no
/// exponent is above 0, and the sum is at least 1 because the largest logit adds e^0.
///
/// - Precondition: the label is one of the classes.
public func softmaxCrossEntropy<Scalar: ReferenceScalar>(
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

/// The cross-entropy of one sample with a smoothed label (Szegedy et al., 2016, "Rethinking the
/// Inception Network for Computer Vision") and a weight for each class, as
/// `torch.nn.CrossEntropyLoss` with `label_smoothing` and `weight`, before it divides a batch's sum by
/// the sum of its labels' weights.
///
/// With CE(c) the cross-entropy of class c, w the weights, y the label, C classes and smoothing ε:
///
///     loss = (1 − ε) w[y] CE(y) + ε/C Σ_c w[c] CE(c)
///
/// The gradient is the same sum of gradients.
///
/// - Precondition: there is a weight for each class, and the label is one of them.
public func smoothedCrossEntropy<Scalar: ReferenceScalar>(
  logits: [Scalar], label: Int, smoothing: Scalar, weights: [Scalar]
) -> (loss: Scalar, gradient: [Scalar]) {
  precondition(weights.count == logits.count, "a weight for each class")
  precondition(logits.indices.contains(label), "the label is one of the classes")
  var loss = Scalar.zero
  var gradient = Array(repeating: Scalar.zero, count: logits.count)
  for (index, weight) in weights.enumerated() {
    var share = weight * smoothing / Scalar(logits.count)
    if index == label {
      share += weight * (1 - smoothing)
    }
    let ofClass = softmaxCrossEntropy(logits: logits, label: index)
    loss += share * ofClass.loss
    for place in gradient.indices {
      gradient[place] += share * ofClass.gradient[place]
    }
  }
  return (loss, gradient)
}

/// The mean squared error of one sample's outputs x against the one-hot vector of its label y, as
/// `torch.nn.MSELoss`:
///
///     loss = Σ_c (x[c] − [c = y])² / C,   gradient[c] = 2 (x[c] − [c = y]) / C
///
/// - Precondition: the label is one of the classes.
public func meanSquaredError<Scalar: ReferenceScalar>(
  logits: [Scalar], label: Int
) -> (loss: Scalar, gradient: [Scalar]) {
  precondition(logits.indices.contains(label), "the label is one of the classes")
  let classes = Scalar(logits.count)
  var total = Scalar.zero
  var gradient = logits
  gradient[label] -= 1
  for index in gradient.indices {
    total += gradient[index] * gradient[index]
    gradient[index] *= 2 / classes
  }
  return (total / classes, gradient)
}

/// The multi-class hinge loss of one sample (Weston and Watkins, 1999, "Support Vector Machines for
/// Multi-Class Pattern Recognition"), scaled as `torch.nn.MultiMarginLoss` with p = 1 and margin 1.
///
/// With x the scores of C classes and y the label:
///
///     loss = (Σ_{j ≠ y} max(0, 1 − x[y] + x[j])) / C
///
/// Every class j inside the margin adds 1/C to gradient[j] and subtracts 1/C from gradient[y]. At a
/// violation of exactly 0 the derivative is 0.
///
/// - Precondition: the label is one of the classes.
public func multiClassHinge<Scalar: ReferenceScalar>(
  logits: [Scalar], label: Int
) -> (loss: Scalar, gradient: [Scalar]) {
  precondition(logits.indices.contains(label), "the label is one of the classes")
  let classes = Scalar(logits.count)
  var total = Scalar.zero
  var gradient = Array(repeating: Scalar.zero, count: logits.count)
  for index in logits.indices where index != label {
    let violation = 1 - logits[label] + logits[index]
    // Also true of NaN, so that the loss becomes NaN.
    if !(violation <= 0) {
      total += violation
      gradient[index] += 1 / classes
      gradient[label] -= 1 / classes
    }
  }
  return (total / classes, gradient)
}

/// The losses that a network can be trained with, with the names of the command line's `--loss`.
public enum ReferenceLoss: String, CaseIterable, Sendable {
  /// See ``softmaxCrossEntropy(logits:label:)``.
  case crossEntropy = "cross-entropy"

  /// See ``multiClassHinge(logits:label:)``.
  case hinge

  /// See ``meanSquaredError(logits:label:)``.
  case meanSquaredError = "mean-squared-error"

  /// The loss of one sample and its gradient with respect to the logits.
  public func evaluate<Scalar: ReferenceScalar>(
    logits: [Scalar], label: Int
  ) -> (loss: Scalar, gradient: [Scalar]) {
    switch self {
    case .crossEntropy: ConvoyReference.softmaxCrossEntropy(logits: logits, label: label)
    case .hinge: ConvoyReference.multiClassHinge(logits: logits, label: label)
    case .meanSquaredError: ConvoyReference.meanSquaredError(logits: logits, label: label)
    }
  }
}
