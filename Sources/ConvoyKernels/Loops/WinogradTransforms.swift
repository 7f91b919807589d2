/// The transforms of F(4 × 4, 3 × 3), F(2 × 2, 5 × 5) and F(2 × 2, 3 × 3) along one axis (Winograd,
/// 1980; Lavin and Gray, 2016, "Fast Algorithms for Convolutional Neural Networks").
///
/// Polynomials are multiplied through their values at six points: 0, ±p, ±q and infinity; in the last
/// case, at four: 0, ±1 and infinity.
/// With p = 3/4 and q = 3/2, all coefficients of the input and output transforms are exact in
/// single precision, and rounding errors are half those of the usual 1 and 2.
enum WinogradTransform {
  private static let p: Float = 0.75
  private static let q: Float = 1.5
  private static let p2: Float = p * p
  private static let q2: Float = q * q
  private static let p3: Float = p2 * p
  private static let q3: Float = q2 * q
  private static let p4: Float = p2 * p2
  private static let q4: Float = q2 * q2
  private static let product: Float = p2 * q2
  private static let sum: Float = p2 + q2
  /// One over the product of a point's distances from the other finite points.
  private static let zeroScale: Float = 1 / product
  private static let pScale: Float = 1 / (2 * p2 * (p2 - q2))
  private static let qScale: Float = 1 / (2 * q2 * (q2 - p2))

  /// Six inputs to six components.
  @inline(__always)
  static func input<Vector: LaneVector>(_ d: Six<Vector>) -> Six<Vector> {
    let evenP = d.4.adding(d.2, times: -q2)
    let oddP = d.3.adding(d.1, times: -q2)
    let evenQ = d.4.adding(d.2, times: -p2)
    let oddQ = d.3.adding(d.1, times: -p2)
    return (
      d.4.adding(d.0, times: product).adding(d.2, times: -sum),
      evenP.adding(oddP, times: p), evenP.adding(oddP, times: -p),
      evenQ.adding(oddQ, times: q), evenQ.adding(oddQ, times: -q),
      d.5.adding(d.1, times: product).adding(d.3, times: -sum)
    )
  }

  /// Four inputs to four components.
  @inline(__always)
  static func input<Vector: LaneVector>(_ d: Four<Vector>) -> Four<Vector> {
    (d.2 - d.0, d.1 + d.2, d.2 - d.1, d.3 - d.1)
  }

  /// Six components of products to four outputs.
  @inline(__always)
  static func fourOutputs<Vector: LaneVector>(_ m: Six<Vector>) -> Four<Vector> {
    let (evenP, oddP) = (m.1 + m.2, m.1 - m.2)
    let (evenQ, oddQ) = (m.3 + m.4, m.3 - m.4)
    return (
      m.0 + evenP + evenQ,
      (oddP * p).adding(oddQ, times: q),
      (evenP * p2).adding(evenQ, times: q2),
      m.5.adding(oddP, times: p3).adding(oddQ, times: q3)
    )
  }

  /// Six components of products to two outputs.
  @inline(__always)
  static func twoOutputs<Vector: LaneVector>(_ m: Six<Vector>) -> Two<Vector> {
    (
      m.0 + (m.1 + m.2) + (m.3 + m.4),
      m.5.adding(m.1 - m.2, times: p).adding(m.3 - m.4, times: q)
    )
  }

  /// Four components of products to two outputs.
  @inline(__always)
  static func twoOutputs<Vector: LaneVector>(_ m: Four<Vector>) -> Two<Vector> {
    (m.0 + (m.1 + m.2), m.3 + (m.1 - m.2))
  }

  /// Three weights to four components.
  @inline(__always)
  static func fourComponents<Vector: LaneVector>(_ g: Three<Vector>) -> Four<Vector> {
    let even = (g.0 + g.2) * 0.5
    return (-g.0, even.adding(g.1, times: 0.5), even.adding(g.1, times: -0.5), g.2)
  }

  /// Three weights to six components.
  @inline(__always)
  static func filter<Vector: LaneVector>(_ g: Three<Vector>) -> Six<Vector> {
    let evenP = g.0.adding(g.2, times: p2) * pScale
    let evenQ = g.0.adding(g.2, times: q2) * qScale
    return (
      g.0 * zeroScale,
      evenP.adding(g.1, times: p * pScale), evenP.adding(g.1, times: -p * pScale),
      evenQ.adding(g.1, times: q * qScale), evenQ.adding(g.1, times: -q * qScale),
      g.2
    )
  }

  /// Five weights to six components.
  @inline(__always)
  static func filter<Vector: LaneVector>(_ g: Five<Vector>) -> Six<Vector> {
    let evenP = g.0.adding(g.2, times: p2).adding(g.4, times: p4) * pScale
    let oddP = g.1.adding(g.3, times: p2)
    let evenQ = g.0.adding(g.2, times: q2).adding(g.4, times: q4) * qScale
    let oddQ = g.1.adding(g.3, times: q2)
    return (
      g.0 * zeroScale,
      evenP.adding(oddP, times: p * pScale), evenP.adding(oddP, times: -p * pScale),
      evenQ.adding(oddQ, times: q * qScale), evenQ.adding(oddQ, times: -q * qScale),
      g.4
    )
  }

  /// The transpose of `fourOutputs`: four output gradients to six components.
  @inline(__always)
  static func outputGradient<Vector: LaneVector>(_ y: Four<Vector>) -> Six<Vector> {
    let evenP = y.0.adding(y.2, times: p2)
    let oddP = (y.1 * p).adding(y.3, times: p3)
    let evenQ = y.0.adding(y.2, times: q2)
    let oddQ = (y.1 * q).adding(y.3, times: q3)
    return (y.0, evenP + oddP, evenP - oddP, evenQ + oddQ, evenQ - oddQ, y.3)
  }

  /// The transpose of `twoOutputs`: two output gradients to six components.
  @inline(__always)
  static func outputGradient<Vector: LaneVector>(_ y: Two<Vector>) -> Six<Vector> {
    (
      y.0, y.0.adding(y.1, times: p), y.0.adding(y.1, times: -p), y.0.adding(y.1, times: q),
      y.0.adding(y.1, times: -q), y.1
    )
  }

  /// The transpose of `filter` of three weights: six components to their gradients.
  @inline(__always)
  static func threeFilterGradients<Vector: LaneVector>(_ u: Six<Vector>) -> Three<Vector> {
    let (evenP, oddP) = (u.1 + u.2, u.1 - u.2)
    let (evenQ, oddQ) = (u.3 + u.4, u.3 - u.4)
    return (
      (u.0 * zeroScale).adding(evenP, times: pScale).adding(evenQ, times: qScale),
      (oddP * (p * pScale)).adding(oddQ, times: q * qScale),
      u.5.adding(evenP, times: p2 * pScale).adding(evenQ, times: q2 * qScale)
    )
  }

  /// The transpose of `filter` of five weights: six components to their gradients.
  @inline(__always)
  static func fiveFilterGradients<Vector: LaneVector>(_ u: Six<Vector>) -> Five<Vector> {
    let (evenP, oddP) = (u.1 + u.2, u.1 - u.2)
    let (evenQ, oddQ) = (u.3 + u.4, u.3 - u.4)
    return (
      (u.0 * zeroScale).adding(evenP, times: pScale).adding(evenQ, times: qScale),
      (oddP * (p * pScale)).adding(oddQ, times: q * qScale),
      (evenP * (p2 * pScale)).adding(evenQ, times: q2 * qScale),
      (oddP * (p3 * pScale)).adding(oddQ, times: q3 * qScale),
      u.5.adding(evenP, times: p4 * pScale).adding(evenQ, times: q4 * qScale)
    )
  }
}

// Transforms are inlined and pass vectors in tuples, which stay in registers; arrays of vectors passed
// through memory. Transforms of maps hold a whole tile so, those of filters keep columns in memory.
typealias Two<Vector> = (Vector, Vector)
typealias Three<Vector> = (Vector, Vector, Vector)
typealias Four<Vector> = (Vector, Vector, Vector, Vector)
typealias Five<Vector> = (Vector, Vector, Vector, Vector, Vector)
typealias Six<Vector> = (Vector, Vector, Vector, Vector, Vector, Vector)
