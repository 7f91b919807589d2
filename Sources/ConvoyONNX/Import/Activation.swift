import ConvoyNeuralNetwork

/// An activation that a graph has as a product of a value and a function of it.
struct Activation {
  let layer: any Layer
  /// The factor of a node that must follow; nil if the product is all.
  private let factor: Float?

  /// Nil if the product is none of a known activation.
  ///
  /// - Parameter branches: the steps to each factor.
  init?(
    _ branches: [[GraphFlow.Step]], _ constants: GraphConstants, path: String
  ) throws(ONNXError) {
    guard branches.count == 2 else { return nil }
    var parts: [[Part]] = []
    for branch in branches {
      var steps: [Part] = []
      for step in branch {
        guard case .node(let node) = step, branch.count <= 4,
          let part = try Part(NodeReader(node: node, constants: constants, path: path))
        else { return nil }
        steps.append(part)
      }
      parts.append(steps)
    }
    if parts[1].count < parts[0].count { parts.swapAt(0, 1) }
    let found = Self.forms.first { $0.value == parts[0] && $0.function == parts[1] }
    guard let found else { return nil }
    (layer, factor) = (found.layer, found.factor)
  }

  /// A way to write an activation as a product.
  private struct Form {
    let layer: any Layer
    /// The steps to the first factor, and to the second.
    var value: [Part] = []
    let function: [Part]
    /// Of a product behind it.
    var factor: Float?
  }

  private static let root = Float(0.5).squareRoot()
  private static let forms: [Form] = [
    Form(layer: SiLU(), function: [.sigmoid]),
    Form(layer: HardSwish(), function: [.hardSigmoid(1 / 6, 0.5)]),
    Form(layer: HardSwish(), function: [.sum(3), .clip(0, 6), .product(1 / 6)]),
    Form(layer: HardSwish(), function: [.sum(3), .clip(0, 6)], factor: 1 / 6),
    Form(layer: GELU(), function: [.product(root), .erf, .sum(1)], factor: 0.5),
    Form(layer: GELU(), function: [.product(root), .erf, .sum(1), .product(0.5)]),
    Form(layer: GELU(), value: [.product(0.5)], function: [.product(root), .erf, .sum(1)]),
  ]

  /// Takes the node with the last factor, if there must be one.
  func takeFactor(
    from rest: inout ArraySlice<GraphFlow.Step>, _ constants: GraphConstants, path: String,
    _ reader: NodeReader
  ) throws(ONNXError) {
    guard let factor else { return }
    guard case .node(let node)? = rest.first,
      try Part(NodeReader(node: node, constants: constants, path: path)) == .product(factor)
    else {
      throw reader.unsupported("a product with \(factor) behind it", "none")
    }
    rest.removeFirst()
  }

  /// A step inside.
  private enum Part: Equatable {
    case sigmoid, erf
    case hardSigmoid(Float, Float)
    case clip(Float, Float)
    /// With a number.
    case sum(Float)
    case product(Float)

    /// Whether numbers are the same but for their rounding.
    static func == (one: Part, other: Part) -> Bool {
      func areClose(_ one: Float, _ other: Float) -> Bool { abs(one - other) <= 4 * other.ulp }
      return switch (one, other) {
      case (.sigmoid, .sigmoid), (.erf, .erf): true
      case (.hardSigmoid(let slope, let middle), .hardSigmoid(let slope2, let middle2)):
        areClose(slope, slope2) && areClose(middle, middle2)
      case (.clip(let least, let most), .clip(let least2, let most2)):
        areClose(least, least2) && areClose(most, most2)
      case (.sum(let number), .sum(let number2)), (.product(let number), .product(let number2)):
        areClose(number, number2)
      default: false
      }
    }

    /// Nil for any other.
    init?(_ reader: NodeReader) throws(ONNXError) {
      switch reader.node.operation {
      case "Sigmoid": self = .sigmoid
      case "Erf": self = .erf
      case "HardSigmoid":
        self = .hardSigmoid(
          try reader.float("alpha", default: 0.2), try reader.float("beta", default: 0.5))
      case "Clip":
        guard let limits = try reader.clipLimits() else { return nil }
        self = .clip(limits.least, limits.most)
      case "Add", "Mul", "Div":
        let (tensor, isSecond) = try reader.operand()
        guard let number = tensor.single else { return nil }
        switch reader.node.operation {
        case "Add": self = .sum(number)
        case "Mul": self = .product(number)
        default:
          guard isSecond, number != 0 else { return nil }
          self = .product(1 / number)
        }
      default: return nil
      }
    }
  }
}

extension NodeReader {
  /// Between which numbers a Clip node keeps its values; nil if they are tensors.
  func clipLimits() throws(ONNXError) -> (least: Float, most: Float)? {
    func limit(_ input: Int, _ attribute: String, default number: Float) throws(ONNXError) -> Float?
    {
      // Attributes before operator set 11.
      guard has(input: input) else { return try float(attribute, default: number) }
      return try floats(input: input).single
    }
    guard let least = try limit(1, "min", default: -.greatestFiniteMagnitude),
      let most = try limit(2, "max", default: .greatestFiniteMagnitude)
    else { return nil }
    return (least, most)
  }
}
