struct DescentRule: BlockRule {
  let rate: Float

  static var momentCount: Int { 0 }

  @inline(__always)
  func update(_ parameter: inout Lanes, along gradient: Lanes, moments _: inout LaneMoments) {
    parameter -= gradient * rate
  }
}
