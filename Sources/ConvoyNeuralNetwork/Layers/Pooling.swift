/// A square window that slides over each channel: C × H × W becomes
/// C × ((H − K) / S + 1) × ((W − K) / S + 1), rounded down, with kernel size K and stride S.
protocol PoolingLayer: Layer {
  var kernelSize: Int { get }
  var stride: Int { get }

  /// - Parameter stride: the kernel size where none is given, so that windows do not overlap.
  init(kernelSize: Int, stride: Int?)
}

extension PoolingLayer {
  var window: Window { Window(kernelSize: kernelSize, stride: stride) }

  package init(_ fields: inout JSONFields) throws(FieldError) {
    let kernelSize = try fields.integer("kernelSize")
    self.init(
      kernelSize: kernelSize, stride: try fields.integer("stride", default: kernelSize))
  }

  package var fields: [String: LayerField] {
    ["kernelSize": .integer(kernelSize), "stride": .integer(stride)]
  }

  package var summary: String {
    "\(Self.typeName) \(kernelSize)×\(kernelSize)"
      + (stride == kernelSize ? "" : " stride \(stride)")
  }

  package func validate() throws(LayerError) {
    // The place of a maximum in its window is kept as a float, exact up to 2²⁴.
    try LayerError.check("kernelSize", kernelSize, atLeast: 1, atMost: 4_096)
    try LayerError.check("stride", stride, atLeast: 1)
  }

  package func outputShape(
    for input: FeatureShape, branches: [FeatureShape]
  ) throws(LayerError) -> FeatureShape {
    let (rows, columns) = try window.positions(over: input)
    return FeatureShape(channels: input.channels, height: rows, width: columns)
  }
}

/// The largest value of each window.
package struct MaxPooling: PoolingLayer {
  package static let typeName = "maxPooling"

  package let kernelSize: Int
  package let stride: Int

  package init(kernelSize: Int, stride: Int? = nil) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
  }

  package func add(to plan: inout PlanBuilder) {
    guard !plan.join(maxPooling: window) else { return }
    plan.append(PoolingOperation(kind: .max, window: window))
  }
}

/// The mean of each window.
package struct AveragePooling: PoolingLayer {
  package static let typeName = "averagePooling"

  package let kernelSize: Int
  package let stride: Int

  package init(kernelSize: Int, stride: Int? = nil) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
  }

  package func add(to plan: inout PlanBuilder) {
    plan.append(PoolingOperation(kind: .average, window: window))
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
package struct GlobalAveragePooling: GlobalPoolingLayer {
  package static let typeName = "globalAveragePooling"
  static let kind = PoolingStage.Kind.average
  package init() {}
}

/// The largest value of each channel.
package struct GlobalMaxPooling: GlobalPoolingLayer {
  package static let typeName = "globalMaxPooling"
  static let kind = PoolingStage.Kind.max
  package init() {}
}
