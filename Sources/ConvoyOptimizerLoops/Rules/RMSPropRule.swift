import ConvoyOptimizerLoopInterface

struct RMSPropRule<Centred: Switch, WithMomentum: Switch>: BlockRule {
  let coefficients: RMSPropCoefficients

  static var momentCount: Int { 1 + (Centred.isOn ? 1 : 0) + (WithMomentum.isOn ? 1 : 0) }

  @inline(__always)
  func update(_ parameter: inout Lanes, along gradient: Lanes, moments: inout LaneMoments) {
    let c = coefficients
    moments.first = moments.first * c.decay + gradient * gradient * c.rest
    var square = moments.first
    if Centred.isOn {
      moments.second = moments.second * c.decay + gradient * c.rest
      square -= moments.second * moments.second
      square.replace(with: 0, where: square .< 0)
    }
    let root = square.squareRoot() + c.epsilon
    guard WithMomentum.isOn else {
      parameter -= gradient * c.rate / root
      return
    }
    let previous = Centred.isOn ? moments.third : moments.second
    let velocity = previous * c.momentum + gradient / root
    if Centred.isOn { moments.third = velocity } else { moments.second = velocity }
    parameter -= velocity * c.rate
  }
}
