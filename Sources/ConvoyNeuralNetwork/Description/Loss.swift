/// A loss of one's own, for each sample by itself. It is compared with nothing but the sample's label.
///
/// ```swift
/// /// Σ over other classes of max(0, 1 − output[label] + output[class])².
/// struct SquaredHinge: Loss {
///   let name = "squared hinge"
///
///   func evaluate(
///     outputs: Span<Float>, label: Int, gradient: inout MutableSpan<Float>
///   ) -> Float {
///     var loss: Float = 0
///     for index in outputs.indices where index != label {
///       let excess = max(0, 1 - outputs[label] + outputs[index])
///       loss += excess * excess
///       gradient[index] = 2 * excess
///       gradient[label] -= 2 * excess
///     }
///     return loss
///   }
/// }
/// ```
///
/// It is called from several threads at once, and the same arguments must give the same bits: then
/// a run is the same on any number of threads.
public protocol Loss: Sendable {
  /// What checkpoints and model files call it. It should name its hyper-parameters too: a run goes on,
  /// and a model is judged, only with a loss of the same name.
  var name: String { get }

  /// The loss of a sample and its gradient. Training minimises the mean over each batch.
  ///
  /// - Parameters:
  ///   - outputs: of the network's last layer, by class.
  ///   - label: from 0, below the number of outputs.
  ///   - gradient: gets ∂loss / ∂output, by class; zeros before.
  /// - Returns: the loss. If it is not finite, the run ends with an error.
  func evaluate(
    outputs: Span<Float>, label: Int, gradient: inout MutableSpan<Float>
  ) -> Float
}
