/// The multi-class hinge loss of one sample (Weston and Watkins, 1999, "Support Vector Machines for
/// Multi-Class Pattern Recognition"), scaled as `torch.nn.MultiMarginLoss` with p = 1 and margin 1.
///
/// With x the scores of C classes and y the label:
///
///     loss = (Σ_{j ≠ y} max(0, 1 − x[y] + x[j])) / C
///
/// Every class j that comes closer to the true one than the margin adds 1/C to gradient[j] and takes
/// 1/C from gradient[y]. At a violation of exactly 0 the derivative is 0.
package func multiClassHinge<Scalar: ReferenceScalar>(
  logits: [Scalar], label: Int
) -> (loss: Scalar, gradient: [Scalar]) {
  precondition(logits.indices.contains(label), "the label is one of the classes")
  let classes = Scalar(logits.count)
  var total = Scalar.zero
  var gradient = Array(repeating: Scalar.zero, count: logits.count)
  for index in logits.indices where index != label {
    let violation = 1 - logits[label] + logits[index]
    // True of NaN too, which the loss then is.
    if !(violation <= 0) {
      total += violation
      gradient[index] += 1 / classes
      gradient[label] -= 1 / classes
    }
  }
  return (total / classes, gradient)
}
