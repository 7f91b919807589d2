struct MomentumRule<Nesterov: Switch>: BlockRule {
  let rate: Float
  let momentum: Float

  static var momentCount: Int { 1 }

  @inline(__always)
  func update(_ parameter: inout Lanes, along gradient: Lanes, moments: inout LaneMoments) {
    moments.first = moments.first * momentum + gradient
    let direction = Nesterov.isOn ? gradient + moments.first * momentum : moments.first
    parameter -= direction * rate
  }
}
