import ConvoyAugmentation
import ConvoyKeyedRandom
import Foundation

/// The terms in plain Double arithmetic, from their definitions.
struct ReferenceAugmentation {
  let input: PixelShape
  let output: PixelShape
  let border: Border
  var elastic: (amplitude: Double, sigma: Double)?

  /// The value of each pixel before it is rounded to a byte.
  func placed(_ image: [UInt8], _ variation: Variation) -> [Double] {
    var result: [Double] = []
    let box = variation.window
    for row in 0..<output.height {
      for column in 0..<output.width {
        var (x, y) = beforeAffine(row, column, variation)
        if elastic != nil {
          x += displacement(row, column, 0, variation.elastic)
          y += displacement(row, column, 1, variation.elastic)
        }
        x = (x + 0.5) * Double(box.width) / Double(output.width) - 0.5 + Double(box.left)
        y = (y + 0.5) * Double(box.height) / Double(output.height) - 0.5 + Double(box.top)
        if variation.isFlipped { x = Double(input.width - 1) - x }
        for channel in 0..<input.channels { result.append(bilinear(image, x, y, channel)) }
      }
    }
    return result
  }

  /// Solves rotation · shear · scale · p + translation = (column, row), about the centre.
  private func beforeAffine(_ row: Int, _ column: Int, _ variation: Variation) -> (Double, Double) {
    let (centerX, centerY) = (Double(output.width - 1) / 2, Double(output.height - 1) / 2)
    let (r, s) = (variation.rotation * .pi / 180, variation.scale)
    let t = tan(variation.shear * .pi / 180)
    let (a, b) = (s * cos(r), s * (-cos(r) * t - sin(r)))
    let (c, d) = (s * sin(r), s * (-sin(r) * t + cos(r)))
    let right = Double(column) - centerX - variation.right
    let down = Double(row) - centerY - variation.down
    let determinant = a * d - b * c
    return (
      centerX + (d * right - b * down) / determinant, centerY + (a * down - c * right) / determinant
    )
  }

  /// The sum of all nodes, each times the cubic B-splines of its distances.
  private func displacement(
    _ row: Int, _ column: Int, _ direction: Int, _ random: KeyedRandom
  ) -> Double {
    guard let elastic else { return 0 }
    let spacing = sqrt(3) * elastic.sigma
    let evenWidth = output.width + output.width % 2
    let columns = Int(Double(evenWidth - 1) / spacing) + 4
    let rows = Int(Double(output.height - 1) / spacing) + 4
    let node = elastic.amplitude / (151.0 / 315) / sqrt(4 * (65_536.0 - 1) / 12)
    var sum = 0.0
    for gridRow in 0..<rows {
      let vertical = spline(Double(row) / spacing - Double(gridRow - 1))
      guard vertical > 0 else { continue }
      for gridColumn in 0..<columns {
        let bits = random[gridRow * columns + gridColumn] >> (32 * UInt64(direction))
        let bytes = (0..<4).map { Int(bits >> (8 * UInt64($0)) & 255) }
        let number = Double(bytes.reduce(-510, +)) * node
        sum += number * vertical * spline(Double(column) / spacing - Double(gridColumn - 1))
      }
    }
    return sum
  }

  private func spline(_ distance: Double) -> Double {
    let t = abs(distance)
    if t < 1 { return 2.0 / 3 - t * t + t * t * t / 2 }
    return t < 2 ? (2 - t) * (2 - t) * (2 - t) / 6 : 0
  }

  private func bilinear(_ image: [UInt8], _ x: Double, _ y: Double, _ channel: Int) -> Double {
    let (left, top) = (floor(x), floor(y))
    func pixel(_ down: Int, _ right: Int) -> Double {
      guard let row = index(Int(top) + down, input.height),
        let column = index(Int(left) + right, input.width)
      else { return 0 }
      return Double(image[(row * input.width + column) * input.channels + channel])
    }
    let (fx, fy) = (x - left, y - top)
    return (1 - fy) * ((1 - fx) * pixel(0, 0) + fx * pixel(0, 1))
      + fy * ((1 - fx) * pixel(1, 0) + fx * pixel(1, 1))
  }

  private func index(_ index: Int, _ count: Int) -> Int? {
    if (0..<count).contains(index) { return index }
    switch border {
    case .zero: return nil
    case .edge: return min(max(index, 0), count - 1)
    case .reflection: return max(count - 1 - abs(count - 1 - abs(index)), 0)
    }
  }

  /// How far a result may be from the reference. Two coefficients, a start and a displacement are
  /// rounded to 2⁻¹⁶ pixels, the displacement from sums in single precision of at most 58 pixels,
  /// with six roundings of 2⁻²⁴ each; a place that is off by one pixel each way costs at most 2 · 255.
  /// The result is rounded to a byte.
  var tolerance: Double {
    let places = Double(output.height + output.width + 2) * 0x1p-17 + 6 * 58 * 0x1p-24
    return 0.5 + 2 * 255 * places
  }
}
