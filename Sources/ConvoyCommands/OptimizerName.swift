import Optimizers

/// The optimizers by name, each with its own sensible rate.
enum OptimizerName: String, CaseIterable {
  case sgd, momentum, rmsprop, adam

  /// - Parameter learningRate: nil for the optimizer's own.
  func optimizer(learningRate: Double?) -> any Optimizer {
    func at(_ usual: Double) -> Double { learningRate ?? usual }
    return switch self {
    case .sgd: StochasticGradientDescent(learningRate: at(0.05))
    case .momentum: Momentum(learningRate: at(0.02))
    case .rmsprop: RMSProp(learningRate: at(0.001))
    case .adam: Adam(learningRate: at(0.001))
    }
  }

  /// For help: each optimizer's own rate.
  static var rates: String {
    allCases.map { "\($0.rawValue) \($0.optimizer(learningRate: nil).learningRate)" }
      .joined(separator: ", ")
  }
}
