/// How weights are averaged over the steps. The network is judged and saved by the average.
public enum WeightAveraging: Sendable, Equatable, Codable {
  /// The weights as they are.
  case none
  /// The first step copies the weights; after each further one, average ← decay · average +
  /// (1 − decay) · weights, as PyTorch's `get_ema_multi_avg_fn`.
  case exponential(decay: Double)
  /// After every `steps` steps, average ← average + rate · (weights − average), and the weights go on
  /// from there. The average begins as the initial weights (Zhang and others, 2019).
  case lookahead(steps: Int, rate: Double)
}
