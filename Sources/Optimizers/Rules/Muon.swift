import ConvoyOptimizerLoopInterface

/// Muon (Jordan, 2024): momentum with Nesterov's look-ahead, made orthogonal, for matrices:
/// m ← momentum · m + (1 − momentum) g; O ← orthogonal((1 − momentum) g + momentum · m);
/// p ← p − rate · weightDecay · p; p ← p − rate · √max(1, rows / columns) · O.
///
/// A matrix is a `ParameterGroup` with a shape: a row for each output. A convolution's filters are rows,
/// too. All other parameters, such as biases and the parameters of normalisations, are updated by
/// `vectorRule`. A schedule or a group's factor changes both rates in proportion.
///
/// Orthogonal means five steps of the quintic Newton–Schulz iteration, with the coefficients 3.4445,
/// −4.7750 and 2.0315, on the direction over its Frobenius norm plus 1e-7. PyTorch takes the larger of
/// both, and computes these steps in bfloat16; here they are in single precision.
///
/// The moment "exp_avg" is PyTorch's momentum_buffer for matrices and AdamW's for vectors;
/// "exp_avg_sq" is 0 for matrices. A step allocates work memory for one matrix at a time: two copies
/// of it, and two squares of its shorter side.
public struct Muon: Optimizer, Equatable, Codable {
  public let learningRate: Double
  /// The share of the last direction that is kept.
  public let momentum: Double
  /// Each step takes rate · weightDecay of a parameter.
  public let weightDecay: Double
  /// The rule for parameters that are not matrices.
  public let vectorRule: AdamW

  public var name: String { "muon" }
  public var momentNames: [String] { vectorRule.momentNames }

  /// Learning rate 0.02, momentum 0.95, no weight decay; `AdamW()` for vectors.
  public init() {
    learningRate = 0.02
    momentum = 0.95
    weightDecay = 0
    vectorRule = AdamW()
  }

  /// - Parameters:
  ///   - learningRate: positive, because the rate of vectors is a multiple of it.
  ///   - momentum: the share of the last direction that is kept.
  ///   - weightDecay: each step takes rate · weightDecay of a parameter.
  ///   - vectorRule: of the parameters that are in no matrix.
  public init(
    learningRate: Double = 0.02, momentum: Double = 0.95, weightDecay: Double = 0,
    vectorRule: AdamW = AdamW()
  ) throws(HyperparameterError) {
    try HyperparameterBounds.positive.check("learningRate", learningRate)
    try HyperparameterBounds.fraction.check("momentum", momentum)
    try HyperparameterBounds.nonNegative.check("weightDecay", weightDecay)
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.vectorRule = vectorRule
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      learningRate: values.decode(Double.self, forKey: .learningRate),
      momentum: values.decode(Double.self, forKey: .momentum),
      weightDecay: values.decode(Double.self, forKey: .weightDecay),
      vectorRule: values.decode(AdamW.self, forKey: .vectorRule))
  }

  /// Updates parameters that are not matrices.
  public func update(_ block: borrowing UpdateBlock) {
    vectorRule.update(block, rateFactor: vectorRule.learningRate / learningRate)
  }
}

extension Muon: MatrixOptimizer {
  func update(_ matrix: borrowing UpdateBlock, shape: MatrixShape, threads: Int) {
    let count = Self.workCount(for: shape)
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { work in
      unsafe work.initialize(repeating: 0)
      guard let direction = work.baseAddress else { return }
      unsafe lookAhead(matrix, direction: direction)
      unsafe descend(
        matrix, along: Self.orthogonalize(direction, shape: shape, threads: threads), shape: shape)
    }
  }

  private func lookAhead(
    _ block: borrowing UpdateBlock, direction: UnsafeMutablePointer<Float>
  ) {
    let memory = block.memory
    unsafe LoopDispatch.best.lookAhead(
      BlockMemory(
        count: memory.count, parameters: memory.parameters, gradients: memory.gradients,
        first: memory.first, second: direction, third: direction),
      block.preparation(weightDecay: weightDecay), momentum: Float(momentum),
      rest: Float(1 - momentum))
  }

  private func descend(
    _ block: borrowing UpdateBlock, along orthogonal: UnsafePointer<Float>, shape: MatrixShape
  ) {
    let memory = block.memory
    let scale = max(1, Double(shape.rows) / Double(shape.columns)).squareRoot()
    unsafe LoopDispatch.best.descend(
      BlockMemory(
        count: memory.count, parameters: memory.parameters, gradients: orthogonal,
        first: memory.first, second: memory.first, third: memory.first),
      GradientPreparation(scale: 1, limit: .infinity, l2: 0, shrinkage: 1),
      rate: Float(block.learningRate * scale))
  }
}

/// The parts of a step, for a caller that keeps matrices in a layout of its own. Threads may take
/// disjoint blocks in the first and the last part.
extension Muon {
  /// The numbers of work memory that `orthogonalize` needs.
  package static func workCount(for shape: MatrixShape) -> Int {
    NewtonSchulz(shape: shape, threads: 1).workCount
  }

  /// Moves the mean of a block of a matrix, decays its parameters, and writes its direction.
  package func lookAhead(
    _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
    moments: Moments, direction: UnsafeMutablePointer<Float>, step: UpdateStep
  ) {
    guard
      let block = unsafe UpdateBlock(
        parameters, along: gradients, moments: moments, momentCount: momentCount, step: step)
    else { return }
    unsafe lookAhead(block, direction: direction)
  }

  /// Makes a whole matrix of directions orthogonal; returns where in the work memory the result is.
  ///
  /// - Parameter work: begins with the directions, row after row.
  package static func orthogonalize(
    _ work: UnsafeMutablePointer<Float>, shape: MatrixShape, threads: Int = 1
  ) -> UnsafePointer<Float> {
    unsafe NewtonSchulz(shape: shape, threads: threads).orthogonalize(work)
  }

  /// Moves the parameters of a block of a matrix.
  ///
  /// - Parameters:
  ///   - directions: the block's, made orthogonal.
  ///   - shape: of the whole matrix.
  package func descend(
    _ parameters: UnsafeMutableBufferPointer<Float>, along directions: UnsafeBufferPointer<Float>,
    moments: Moments, shape: MatrixShape, step: UpdateStep
  ) {
    guard let orthogonal = directions.baseAddress,
      let block = unsafe UpdateBlock(
        parameters, along: directions, moments: moments, momentCount: momentCount, step: step)
    else { return }
    unsafe descend(block, along: orthogonal, shape: shape)
  }
}
