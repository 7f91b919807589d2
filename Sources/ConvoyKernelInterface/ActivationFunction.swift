/// An elementwise activation.
///
/// Most derivatives are functions of the output y alone, so inputs are not kept; these functions
/// are monotonic, so they commute with max pooling. The others fall and rise, and their derivatives
/// need the input x.
///
/// Derivatives: identity 1; ReLU y > 0 ? 1 : 0; ReLU6 0 < y < 6 ? 1 : 0; leaky ReLU y > 0 ? 1 : slope; ELU y > 0 ? 1 : y + α;
/// sigmoid y (1 − y); tanh 1 − y²; GELU Φ(x) + x φ(x); SiLU s (1 + x (1 − s)) with s the sigmoid of x;
/// hard swish x ≤ −3 ? 0 : x < 3 ? x / 3 + 1/2 : 1.
package enum ActivationFunction: Sendable, Equatable {
  case identity
  /// max(x, 0) (Nair and Hinton, 2010); the derivative at 0 is 0, as in PyTorch.
  case relu
  /// min(max(x, 0), 6) (Krizhevsky, 2010); the derivative at 0 and at 6 is 0, as in PyTorch.
  case relu6
  /// x > 0 ? x : slope · x (Maas et al., 2013); the slope is not negative.
  case leakyRelu(slope: Float)
  /// x > 0 ? x : α (e^x − 1) (Clevert, Unterthiner and Hochreiter, 2016); α is not negative.
  case elu(alpha: Float)
  /// 1 / (1 + e^−x).
  case sigmoid
  case tanh
  /// x / (1 + e^−x) (Elfwing, Uchibe and Doya, 2018).
  case silu
  /// x · min(max(x + 3, 0), 6) / 6 (Howard et al., 2019).
  case hardSwish
  /// x Φ(x), with Φ the cumulative normal distribution and φ its density (Hendrycks and Gimpel,
  /// 2016).
  case gelu
  /// factor · x, with the factor for derivative.
  case scaled(by: Float)

  /// Whether zero maps to zero, so that padding channels stay zero.
  package var keepsZero: Bool { self != .sigmoid }

  /// Whether the function is monotonic and its derivative a function of the output.
  package var derivesFromOutput: Bool {
    switch self {
    case .identity, .relu, .relu6, .leakyRelu, .elu, .sigmoid, .tanh: true
    case .silu, .hardSwish, .gelu, .scaled: false
    }
  }
}
