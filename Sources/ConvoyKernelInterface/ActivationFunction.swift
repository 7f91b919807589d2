/// An elementwise activation.
///
/// Each derivative is a function of the output y alone, so inputs are not kept; all are monotonic,
/// so they commute with max pooling.
///
/// Derivatives: identity 1; ReLU y > 0 ? 1 : 0; leaky ReLU y > 0 ? 1 : slope;
/// sigmoid y (1 − y); tanh 1 − y².
package enum ActivationFunction: Sendable, Equatable {
  case identity
  /// max(x, 0) (Nair and Hinton, 2010); the derivative at 0 is 0, as in PyTorch.
  case relu
  /// x > 0 ? x : slope · x (Maas et al., 2013); the slope is not negative.
  case leakyRelu(slope: Float)
  /// 1 / (1 + e^−x).
  case sigmoid
  case tanh

  /// Whether zero maps to zero, so that padding channels stay zero.
  package var keepsZero: Bool { self != .sigmoid }
}
