/// The optimizers by name.
enum OptimizerName: String, CaseIterable {
  case sgd, momentum, nesterov, rmsprop, adam, adamw
}
