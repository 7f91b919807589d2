import ConvoyKernelInterface

/// Input C × H × W, output filters × ((H + 2P − D(K − 1) − 1) / S + 1) × …, rounded down:
/// output = bias + Σ over channel, kernel row and kernel column of input · filter (LeCun et al.,
/// 1989). Zero padding P on every side, stride S, kernel size K, dilation D (Yu and Koltun, 2016);
/// each may differ for rows and columns. Without biases, a zero map gives a zero output.
///
/// With `groups`, channels and filters are divided into as many groups, and a filter reads the
/// channels of its group (Krizhevsky et al., 2012). With a group for each channel the convolution
/// is depthwise (Chollet, 2017).
public struct Convolution: FreezableLayer {
  package static let typeName = "convolution"

  /// The channels of the output.
  public let filters: Int
  /// Rows and columns of a filter.
  public let kernelSize: Pair
  /// From one window to the next.
  public let stride: Pair
  /// What surrounds the map.
  public let padding: Padding
  /// From one tap of a filter to the next.
  public let dilation: Pair
  /// Parts of the channels; a filter reads one of them.
  public let groups: Int
  /// Whether each filter has a bias.
  public package(set) var hasBias: Bool
  /// Whether training changes the weights and biases.
  public package(set) var isTrainable: Bool
  /// Nil for the network's.
  public let initialization: LayerInitialization?

  /// The largest stride and dilation. Products with the sizes of maps then stay far from overflow.
  static let largestStep = 1 << 20

  /// Rows and columns of zeros around the input.
  public enum Padding: Sendable, Equatable, ExpressibleByIntegerLiteral {
    /// On each side.
    case zeros(Pair)
    /// As many as keep the size of the map. Of an odd number, the one more is below or on the
    /// right, as in PyTorch.
    case same

    public init(integerLiteral value: Int) { self = .zeros(Pair(value)) }
  }

  /// A convolution with sizes for rows and columns. Sizes out of range are found when the network
  /// meets its data.
  ///
  /// - Parameters:
  ///   - filters: the channels of the output.
  ///   - kernelSize: rows and columns of a filter, up to 1,024.
  ///   - stride: rows and columns from one output to the next.
  ///   - padding: zeros on each side, or as many as keep the size of the map.
  ///   - dilation: rows and columns from one tap of a filter to the next.
  ///   - groups: a divisor of the input's channels and of the filters.
  ///   - bias: whether each filter adds a learned number.
  ///   - isTrainable: whether training changes the weights and biases.
  ///   - initialization: of the weights; nil for the network's.
  public init(
    filters: Int, kernelSize: Pair, stride: Pair = 1, padding: Padding = 0,
    dilation: Pair = 1, groups: Int = 1, bias: Bool = true,
    isTrainable: Bool = true, initialization: LayerInitialization? = nil
  ) {
    self.filters = filters
    self.kernelSize = kernelSize
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    hasBias = bias
    self.isTrainable = isTrainable
    self.initialization = initialization
  }

  /// A convolution with the same sizes for rows and columns.
  ///
  /// - Parameters:
  ///   - filters: the channels of the output.
  ///   - kernelSize: rows and columns of a filter, up to 1,024.
  ///   - stride: rows and columns from one output to the next.
  ///   - padding: zeros on each side, or as many as keep the size of the map.
  ///   - dilation: rows and columns from one tap of a filter to the next.
  ///   - groups: a divisor of the input's channels and of the filters.
  ///   - bias: whether each filter adds a learned number.
  ///   - isTrainable: whether training changes the weights and biases.
  ///   - initialization: of the weights; nil for the network's.
  public init(
    filters: Int, kernelSize: Int, stride: Int = 1, padding: Padding, dilation: Int = 1,
    groups: Int = 1, bias: Bool = true, isTrainable: Bool = true,
    initialization: LayerInitialization? = nil
  ) {
    self.init(
      filters: filters, kernelSize: Pair(kernelSize), stride: Pair(stride), padding: padding,
      dilation: Pair(dilation), groups: groups, bias: bias, isTrainable: isTrainable,
      initialization: initialization)
  }

  /// A convolution with the same sizes for rows and columns.
  ///
  /// - Parameters:
  ///   - filters: the channels of the output.
  ///   - kernelSize: rows and columns of a filter, up to 1,024.
  ///   - stride: rows and columns from one output to the next.
  ///   - padding: zeros on each side.
  ///   - dilation: rows and columns from one tap of a filter to the next.
  ///   - groups: a divisor of the input's channels and of the filters.
  ///   - bias: whether each filter adds a learned number.
  ///   - isTrainable: whether training changes the weights and biases.
  ///   - initialization: of the weights; nil for the network's.
  public init(
    filters: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1, bias: Bool = true, isTrainable: Bool = true,
    initialization: LayerInitialization? = nil
  ) {
    self.init(
      filters: filters, kernelSize: kernelSize, stride: stride, padding: .zeros(Pair(padding)),
      dilation: dilation, groups: groups, bias: bias, isTrainable: isTrainable,
      initialization: initialization)
  }

  package init(_ fields: inout JSONFields) throws(FieldError) {
    self.init(
      filters: try fields.integer("filters"), kernelSize: try fields.pair("kernelSize"),
      stride: try fields.pair("stride", default: 1),
      padding: try fields.isText("same", in: "padding")
        ? .same : .zeros(try fields.pair("padding", default: 0, or: "\"same\"")),
      dilation: try fields.pair("dilation", default: 1),
      groups: try fields.integer("groups", default: 1),
      bias: try fields.boolean("bias", default: true),
      isTrainable: try fields.boolean("trainable", default: true),
      initialization: try fields.choiceIfPresent(
        "initialization", among: LayerInitialization.allCases))
  }

  package var fields: [String: LayerField] {
    var fields: [String: LayerField] = [
      "filters": .integer(filters), "kernelSize": .pair(kernelSize), "stride": .pair(stride),
    ]
    switch padding {
    case .zeros(let zeros): fields["padding"] = .pair(zeros)
    case .same: fields["padding"] = .text("same")
    }
    if dilation != 1 { fields["dilation"] = .pair(dilation) }
    if groups != 1 { fields["groups"] = .integer(groups) }
    if !hasBias { fields["bias"] = .boolean(false) }
    if !isTrainable { fields["trainable"] = .boolean(false) }
    if let initialization { fields["initialization"] = .text(initialization.rawValue) }
    return fields
  }

  package var summary: String {
    var words = ["convolution \(filters) \(kernelSize.sides)"]
    if stride != 1 { words.append("stride \(stride)") }
    switch padding {
    case .zeros(0): break
    case .zeros(let zeros): words.append("padding \(zeros)")
    case .same: words.append("same padding")
    }
    if dilation != 1 { words.append("dilation \(dilation)") }
    if groups != 1 { words.append("groups \(groups)") }
    if !hasBias { words.append("no bias") }
    if let initialization { words.append(initialization.rawValue) }
    if !isTrainable { words.append("frozen") }
    return words.joined(separator: " ")
  }

  package func validate() throws(LayerError) {
    try LayerError.check("filters", filters, atLeast: 1)
    // The input gradient has up to K² parts; a larger kernel could split it into parts too small to
    // pay.
    try LayerError.check("kernelSize", kernelSize, atLeast: 1, atMost: 1_024)
    try LayerError.check("stride", stride, atLeast: 1, atMost: Self.largestStep)
    try LayerError.check("dilation", dilation, atLeast: 1, atMost: Self.largestStep)
    try LayerError.check("groups", groups, atLeast: 1)
    switch padding {
    case .zeros(let zeros): try LayerError.check("padding", zeros, atLeast: 0)
    case .same:
      guard stride == 1 else {
        throw .number(expected: "stride 1 with \"same\" padding", found: "\(stride)")
      }
    }
  }

  package func validate(reading input: PlacedLayer.Input) throws(LayerError) {
    guard initialization != .dirac || groups == 1 else {
      throw .doesNotFit(problem: "dirac needs a convolution without groups")
    }
    guard initialization == .whitening else { return }
    guard input.isTheNetworks else {
      throw .doesNotFit(problem: "whitening is for the network's own input")
    }
    guard groups == 1, dilation == 1, kernelSize.isEqual else {
      throw .doesNotFit(
        problem: "whitening needs a square kernel without groups and dilation")
    }
    let (patch, shape) = (input.shape.channels * kernelSize.product, input.shape)
    guard filters == 2 * patch else {
      throw .doesNotFit(
        problem: "whitening needs 2 · \(shape.channels) · \(kernelSize)² = \(2 * patch) filters, "
          + "found \(filters)")
    }
    guard kernelSize.rows <= shape.height, kernelSize.columns <= shape.width else {
      throw .doesNotFit(
        problem: "whitening needs a kernel within the input, found \(kernelSize.sides)")
    }
    guard patch <= LayerInitialization.largestPatch else {
      throw .doesNotFit(
        problem: "whitening takes patches of at most \(LayerInitialization.largestPatch) numbers, "
          + "found \(patch)")
    }
  }

  package func outputShape(
    for input: FeatureShape, branches: [FeatureShape]
  ) throws(LayerError) -> FeatureShape {
    let (rows, columns) = try window.positions(over: input)
    for (count, name) in [(input.channels, "channels of its input"), (filters, "filters")]
    where count % groups != 0 {
      throw .doesNotFit(problem: "its \(groups) groups do not divide the \(count) \(name)")
    }
    // The input gradient reads the output's with a border.
    let border = size.gradientBorder(for: input)
    try LayerError.check(sizes: [
      filters, rows + border.top + border.bottom, columns + border.left + border.right,
    ])
    try LayerError.check(sizes: [filters, input.channels / groups, window.taps])
    if size.needsSpreading(channels: input.channels) {
      let (spread, border) = (size.spread(input), size.inputBorder(for: input))
      try LayerError.check(sizes: [
        spread.channels, spread.height + border.top + border.bottom,
        spread.width + border.left + border.right,
      ])
    }
    return FeatureShape(channels: filters, height: rows, width: columns)
  }

  package func cost(for input: FeatureShape, output: FeatureShape) -> LayerCost {
    let weights = filters * (input.channels / groups) * window.taps
    return LayerCost(
      weights: weights, biases: hasBias ? filters : 0,
      multiplyAdds: weights * output.height * output.width)
  }

  /// One part for each pair of row and column residues of the stride.
  package func inputGradientParts(for input: FeatureShape) -> Int {
    window.rows.residues(size: input.height).count
      * window.columns.residues(size: input.width).count
  }

  package func add(to plan: inout PlanBuilder) {
    let channels = plan.flow.shape.channels
    var size = size
    size.algorithm = plan.convolutions
    size.precision = plan.precision
    if size.needsSpreading(channels: channels) {
      plan.append(
        SpreadOperation(
          spread: ChannelSpread(
            groups: groups, planes: channels / groups, filters: filters / groups,
            planeStep: PanelLayout.padded(filters))), shape: size.spread(plan.flow.shape))
    }
    plan.append(
      ConvolutionOperation(
        size: size, isDepthwise: size.isDepthwise(channels: channels), isTrainable: isTrainable,
        initialization: initialization))
  }

  private var window: Window {
    func axis(_ number: KeyPath<Pair, Int>) -> Window.Axis {
      var axis = Window.Axis(
        kernelSize: kernelSize[keyPath: number], stride: stride[keyPath: number],
        dilation: kernelSize[keyPath: number] > 1 ? dilation[keyPath: number] : 1)
      switch padding {
      case .zeros(let zeros):
        (axis.before, axis.after) = (zeros[keyPath: number], zeros[keyPath: number])
      case .same:
        axis.before = (axis.reach - 1) / 2
        axis.after = axis.reach - 1 - axis.before
      }
      return axis
    }
    return Window(rows: axis(\.rows), columns: axis(\.columns))
  }

  private var size: ConvolutionSize {
    ConvolutionSize(filters: filters, window: window, groups: groups, hasBias: hasBias)
  }
}
