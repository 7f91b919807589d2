/// The direction of Muon: the mean of the gradients, with Nesterov's look-ahead. The parameters only
/// decay.
struct MatrixDirectionRule: BlockRule {
  let momentum: Float
  /// 1 − momentum.
  let rest: Float

  /// The mean and the direction, of which the old one is not used.
  static var momentCount: Int { 2 }

  @inline(__always)
  func update(_ parameter: inout Lanes, along gradient: Lanes, moments: inout LaneMoments) {
    moments.first = moments.first * momentum + gradient * rest
    moments.second = gradient * rest + moments.first * momentum
  }
}
