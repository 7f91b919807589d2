/// A window that slides over each channel: C × H × W becomes
/// C × ((H + 2P − K) / S + 1) × ((W + 2P − K) / S + 1), rounded down, with kernel size K, stride S
/// and padding P; each may differ for rows and columns.
protocol PoolingLayer: Layer {
  static var kind: PoolingStage.Kind { get }
  /// What lies around a padded map.
  static var paddingValue: Float { get }

  var kernelSize: Pair { get }
  var stride: Pair { get }
  var padding: Pair { get }

  /// - Parameter stride: the kernel size where none is given, so that windows do not overlap.
  init(_ kernelSize: Pair, stride: Pair?, padding: Pair)
}

extension PoolingLayer {
  /// Without padding, which is a node of its own.
  var window: Window { Window(kernelSize: kernelSize, stride: stride) }

  package init(_ fields: inout JSONFields) throws(FieldError) {
    let kernelSize = try fields.pair("kernelSize")
    self.init(
      kernelSize, stride: try fields.pair("stride", default: kernelSize),
      padding: try fields.pair("padding", default: 0))
  }

  package var fields: [String: LayerField] {
    var fields: [String: LayerField] = ["kernelSize": .pair(kernelSize), "stride": .pair(stride)]
    if padding != 0 { fields["padding"] = .pair(padding) }
    return fields
  }

  package var summary: String {
    "\(Self.typeName) \(kernelSize.sides)" + (stride == kernelSize ? "" : " stride \(stride)")
      + (padding == 0 ? "" : " padding \(padding)")
  }

  package func validate() throws(LayerError) {
    // The place of a maximum in its window is kept as a float, exact up to 2²⁴.
    try LayerError.check("kernelSize", kernelSize, atLeast: 1, atMost: 4_096)
    try LayerError.check("stride", stride, atLeast: 1, atMost: Convolution.largestStep)
    // Every window then has a value.
    try LayerError.check("padding", padding.rows, atLeast: 0, atMost: kernelSize.rows / 2)
    try LayerError.check("padding", padding.columns, atLeast: 0, atMost: kernelSize.columns / 2)
  }

  package func outputShape(
    for input: FeatureShape, branches: [FeatureShape]
  ) throws(LayerError) -> FeatureShape {
    let padded = padding == 0 ? input : paddedShape(input)
    let (rows, columns) = try window.positions(over: padded)
    return FeatureShape(channels: input.channels, height: rows, width: columns)
  }

  private func paddedShape(_ input: FeatureShape) -> FeatureShape {
    guard !input.isFlat else { return input }
    return FeatureShape(
      channels: input.channels, height: input.height + 2 * padding.rows,
      width: input.width + 2 * padding.columns)
  }

  package func add(to plan: inout PlanBuilder) {
    if padding != 0 {
      plan.append(
        PaddingOperation(value: Self.paddingValue, rows: padding.rows, columns: padding.columns),
        shape: paddedShape(plan.flow.shape))
    }
    if Self.kind == .max, plan.join(maxPooling: window) { return }
    plan.append(PoolingOperation(kind: Self.kind, window: window))
  }
}

/// The largest value of each window. Padding is never the largest.
public struct MaxPooling: PoolingLayer {
  package static let typeName = "maxPooling"
  static let kind = PoolingStage.Kind.max
  /// Not infinity, which would look like an overflow.
  static let paddingValue = -Float.greatestFiniteMagnitude

  /// Rows and columns of a window.
  public let kernelSize: Pair
  /// From one window to the next.
  public let stride: Pair
  /// Rows and columns around the map, which are never the largest.
  public let padding: Pair

  /// - Parameters:
  ///   - kernelSize: rows and columns of a window.
  ///   - stride: from one window to the next; nil for the kernel size, so that windows do not overlap.
  ///   - padding: rows and columns on each side, at most half of the window's.
  public init(_ kernelSize: Pair, stride: Pair? = nil, padding: Pair = 0) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
    self.padding = padding
  }

  /// - Parameters:
  ///   - kernelSize: rows and columns of a window.
  ///   - stride: from one window to the next; nil for the kernel size, so that windows do not overlap.
  ///   - padding: rows and columns on each side, at most half of the window's.
  public init(_ kernelSize: Int, stride: Int? = nil, padding: Int = 0) {
    self.init(Pair(kernelSize), stride: stride.map { Pair($0) }, padding: Pair(padding))
  }
}

/// The mean of each window, its padding of zeros included.
public struct AveragePooling: PoolingLayer {
  package static let typeName = "averagePooling"
  static let kind = PoolingStage.Kind.average
  static let paddingValue: Float = 0

  /// Rows and columns of a window.
  public let kernelSize: Pair
  /// From one window to the next.
  public let stride: Pair
  /// Rows and columns of zeros around the map, which count.
  public let padding: Pair

  /// - Parameters:
  ///   - kernelSize: rows and columns of a window.
  ///   - stride: from one window to the next; nil for the kernel size, so that windows do not overlap.
  ///   - padding: rows and columns on each side, at most half of the window's.
  public init(_ kernelSize: Pair, stride: Pair? = nil, padding: Pair = 0) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
    self.padding = padding
  }

  /// - Parameters:
  ///   - kernelSize: rows and columns of a window.
  ///   - stride: from one window to the next; nil for the kernel size, so that windows do not overlap.
  ///   - padding: rows and columns on each side, at most half of the window's.
  public init(_ kernelSize: Int, stride: Int? = nil, padding: Int = 0) {
    self.init(Pair(kernelSize), stride: stride.map { Pair($0) }, padding: Pair(padding))
  }
}

/// A pooling whose window is the whole map: C × H × W becomes C × 1 × 1, and so a vector (Lin, Chen
/// and Yan, 2014).
protocol GlobalPoolingLayer: Layer {
  static var kind: PoolingStage.Kind { get }

  init()
}

extension GlobalPoolingLayer {
  package init(_ fields: inout JSONFields) { self.init() }

  package func outputShape(
    for input: FeatureShape, branches: [FeatureShape]
  ) throws(LayerError) -> FeatureShape {
    guard !input.isFlat else {
      throw .doesNotFit(problem: "it needs a map, before any flatten or dense")
    }
    // The place of a maximum is kept as a float.
    guard input.height * input.width <= 1 << 24 else {
      throw .doesNotFit(problem: "expected at most \(1 << 24) pixels")
    }
    return FeatureShape(features: input.channels)
  }

  package func add(to plan: inout PlanBuilder) {
    plan.append(
      PoolingOperation(kind: Self.kind, window: Window(over: plan.flow.shape), isGlobal: true))
  }
}

/// The mean of each channel.
public struct GlobalAveragePooling: GlobalPoolingLayer {
  package static let typeName = "globalAveragePooling"
  static let kind = PoolingStage.Kind.average
  /// It has no parameters.
  public init() {}
}

/// The largest value of each channel.
public struct GlobalMaxPooling: GlobalPoolingLayer {
  package static let typeName = "globalMaxPooling"
  static let kind = PoolingStage.Kind.max
  /// It has no parameters.
  public init() {}
}
