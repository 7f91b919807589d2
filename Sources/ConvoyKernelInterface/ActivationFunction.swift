/// An activation that a kernel applies element by element.
///
/// Each derivative can be told from the output y alone, so inputs are not kept; and
/// all of them are monotonic, so they may as well follow a max pooling.
/// Derivatives: identity 1; ReLU y > 0 ? 1 : 0; leaky ReLU y > 0 ? 1 : slope; sigmoid y (1 − y); tanh 1 − y².
package enum ActivationFunction: Sendable, Equatable {
  case identity
  /// max(x, 0) (Nair and Hinton, 2010); the derivative at 0 is 0, as in PyTorch.
  case relu
  /// x > 0 ? x : slope · x (Maas et al., 2013); the slope is not negative.
  case leakyRelu(slope: Float)
  /// 1 / (1 + e^−x).
  case sigmoid
  case tanh

  /// Whether zeros stay zeros, which the channels added by padding rely on.
  package var keepsZero: Bool { self != .sigmoid }
}
