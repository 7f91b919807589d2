import ConvoyNeuralNetwork
import ConvoyStrictJSON
import ConvoyTraining

/// What a foreign network takes for a pixel.
package enum PixelInput: Sendable, Equatable {
  /// Byte / 255, from 0 to 1: what PyTorch's `ToTensor` gives.
  case unit
  /// The byte, from 0 to 255.
  case bytes
  /// (byte / 255 − mean) / deviation, per channel.
  case standard(means: [Double], deviations: [Double])
}

/// How a channel of byte / 255 becomes the input of the first layer: factor · value + shift.
struct InputNormalization {
  private var factors: [Double]
  private var shifts: [Double]

  /// - Throws: `ONNXError` if numbers per channel are not one for each.
  init(_ pixels: PixelInput, channels: Int, path: String) throws(ONNXError) {
    func all(_ number: Double) -> [Double] { Array(repeating: number, count: channels) }
    switch pixels {
    case .unit: (factors, shifts) = (all(1), all(0))
    case .bytes: (factors, shifts) = (all(255), all(0))
    case .standard(let means, let deviations):
      guard means.count == channels, deviations.count == channels else {
        throw .unsupported(
          path: path, part: .graph,
          expected: "a mean and a deviation for each of \(channels) channels in --normalization",
          found: "\(means.count) and \(deviations.count)")
      }
      factors = deviations.map { 1 / $0 }
      shifts = zip(means, deviations).map { -$0 / $1 }
    }
  }

  /// Takes the first steps of a graph if they are products, sums, and products again with a number
  /// for each channel: no more than normalise.
  mutating func take(
    from steps: inout [GraphFlow.Step], _ constants: GraphConstants, _ input: FeatureShape,
    path: String
  ) throws(ONNXError) {
    var taken = 0
    for operations in [["Mul", "Div"], ["Sub", "Add"], ["Mul", "Div"]] {
      guard taken < steps.count, case .node(let node) = steps[taken],
        operations.contains(node.operation)
      else {
        // Without a shift, a second product is a layer.
        if operations.contains("Sub") { break }
        continue
      }
      let reader = NodeReader(node: node, constants: constants, path: path)
      let (tensor, isSecond) = try reader.operand()
      let single = tensor.single.map { Array(repeating: $0, count: input.channels) }
      guard isSecond || ["Add", "Mul"].contains(node.operation),
        let numbers = single ?? tensor.channels(of: input)
      else { break }
      apply(node.operation, numbers.map(Double.init))
      taken += 1
    }
    steps.removeFirst(taken)
  }

  private mutating func apply(_ operation: String, _ numbers: [Double]) {
    for (channel, number) in numbers.enumerated() {
      switch operation {
      case "Add": shifts[channel] += number
      case "Sub": shifts[channel] -= number
      case "Mul":
        factors[channel] *= number
        shifts[channel] *= number
      default:
        factors[channel] /= number
        shifts[channel] /= number
      }
    }
  }

  /// - Parameter stated: what Convoy wrote beside the graph, with more digits. It is taken if the
  ///   graph has the same numbers in single precision.
  func normalization(
    stated: String?, path: String
  ) throws(ONNXError) -> Normalization {
    let means = zip(shifts, factors).map { -$0 / $1 + 0 }
    let deviations = factors.map { 1 / $0 }
    guard let found = Normalization(means: means, deviations: deviations) else {
      throw .unsupported(
        path: path, part: .graph,
        expected:
          "a normalization of bytes / 255 by means from 0 to 1 and deviations from 1e-06 to 1",
        found:
          "means \(Self.text(means)) and deviations \(Self.text(deviations)); see --normalization")
    }
    if let stated, let json = try? JSONParser.parse(Array(stated.utf8)),
      let exact = Normalization(json, channels: factors.count),
      Self.bytes(exact.means) == Self.bytes(found.means),
      Self.bytes(exact.deviations) == Self.bytes(found.deviations)
    {
      return exact
    }
    return found
  }

  /// As the graph has them.
  private static func bytes(_ numbers: [Double]) -> [Float] { numbers.map { Float(255 * $0) } }

  private static func text(_ numbers: [Double]) -> String {
    numbers.prefix(4).map { "\(Float($0))" }.joined(separator: ", ")
  }
}
