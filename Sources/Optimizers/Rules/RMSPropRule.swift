/// The moments are the mean square; the mean, if centred; and the velocity, with momentum.
struct RMSPropRule<Centred: Switch, WithMomentum: Switch>: BlockRule {
  let rate: Float
  let decay: Float
  /// 1 − decay.
  let rest: Float
  let epsilon: Float
  let momentum: Float

  init(_ optimizer: RMSProp, _ step: UpdateStep) {
    rate = Float(step.learningRate)
    decay = Float(optimizer.decay)
    rest = Float(1 - optimizer.decay)
    epsilon = Float(optimizer.epsilon)
    momentum = Float(optimizer.momentum)
  }

  static var momentCount: Int { 1 + (Centred.isOn ? 1 : 0) + (WithMomentum.isOn ? 1 : 0) }

  @inline(__always)
  func update(_ parameter: inout Lanes, along gradient: Lanes, moments: inout LaneMoments) {
    moments.first = moments.first * decay + gradient * gradient * rest
    var square = moments.first
    if Centred.isOn {
      moments.second = moments.second * decay + gradient * rest
      square -= moments.second * moments.second
      square.replace(with: 0, where: square .< 0)
    }
    let root = square.squareRoot() + epsilon
    guard WithMomentum.isOn else {
      parameter -= gradient * rate / root
      return
    }
    let previous = Centred.isOn ? moments.third : moments.second
    let velocity = previous * momentum + gradient / root
    if Centred.isOn { moments.third = velocity } else { moments.second = velocity }
    parameter -= velocity * rate
  }
}
