/// The losses a network can be trained with.
package enum ReferenceLoss: CaseIterable, Sendable {
  case softmaxCrossEntropy
  case multiClassHinge

  /// The loss of one sample and its gradient with respect to the logits.
  package func evaluate<Scalar: ReferenceScalar>(
    logits: [Scalar], label: Int
  ) -> (loss: Scalar, gradient: [Scalar]) {
    switch self {
    case .softmaxCrossEntropy: ConvoyReference.softmaxCrossEntropy(logits: logits, label: label)
    case .multiClassHinge: ConvoyReference.multiClassHinge(logits: logits, label: label)
    }
  }
}
