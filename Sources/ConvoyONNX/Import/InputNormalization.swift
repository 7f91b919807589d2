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

  /// What Convoy wrote beside the graph, with more digits than that has; nil if it is anything else.
  static func stated(_ text: String?, channels: Int) -> Normalization? {
    guard let text, let json = try? JSONParser.parse(Array(text.utf8)) else { return nil }
    return Normalization(json, channels: channels)
  }

  /// - Parameter stated: it is taken if the graph has the same numbers in single precision.
  func normalization(
    stated: Normalization?, path: String
  ) throws(ONNXError) -> Normalization {
    let means = zip(shifts, factors).map { -$0 / $1 + 0 }
    let deviations = factors.map { 1 / $0 }
    func isTheGraphs(_ stated: Normalization, unit: Double) -> Bool {
      func inTheGraph(_ numbers: [Double]) -> [Float] { numbers.map { Float(unit * $0) } }
      return inTheGraph(stated.means) == inTheGraph(means)
        && inTheGraph(stated.deviations) == inTheGraph(deviations)
    }
    if let stated, stated.areFloats {
      guard isTheGraphs(stated, unit: 1) else {
        throw .unsupported(
          path: path, part: .graph, expected: "the normalization of floats in its metadata",
          found: "means \(Self.text(means)) and deviations \(Self.text(deviations))")
      }
      return stated
    }
    guard let found = Normalization(means: means, deviations: deviations) else {
      throw .unsupported(
        path: path, part: .graph,
        expected:
          "a normalization of bytes / 255 by means from 0 to 1 and deviations from 1e-06 to 1",
        found:
          "means \(Self.text(means)) and deviations \(Self.text(deviations)); see --normalization")
    }
    if let stated, isTheGraphs(stated, unit: 255) { return stated }
    return found
  }

  private static func text(_ numbers: [Double]) -> String {
    numbers.prefix(4).map { "\(Float($0))" }.joined(separator: ", ")
  }
}
