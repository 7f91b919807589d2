/// a + b x + c x² + d x³, and how far it is from given points.
struct Polynomial {
  let points: [(x: Float, y: Float)]

  /// Points of 0.5 − x + 0.25 x² + 1.5 x³ between −1 and 1.
  init(count: Int) {
    points = (0..<count).map { place in
      let x = 2 * Float(place) / Float(count - 1) - 1
      return (x, 0.5 - x + 0.25 * x * x + 1.5 * x * x * x)
    }
  }

  private func value(_ p: [Float], at x: Float) -> Float {
    p[0] + x * (p[1] + x * (p[2] + x * p[3]))
  }

  /// The mean square of the distances.
  func loss(_ parameters: [Float]) -> Float {
    let squares = points.map { point in
      let distance = value(parameters, at: point.x) - point.y
      return distance * distance
    }
    return squares.reduce(0, +) / Float(points.count)
  }

  /// The gradient of the loss.
  func gradient(_ parameters: [Float]) -> [Float] {
    var gradient: [Float] = [0, 0, 0, 0]
    for point in points {
      var slope = 2 * (value(parameters, at: point.x) - point.y) / Float(points.count)
      for place in gradient.indices {
        gradient[place] += slope
        slope *= point.x
      }
    }
    return gradient
  }
}
