extension Optimizer {
  /// Takes one step.
  ///
  /// - Parameters:
  ///   - parameters: all parameters, updated in place.
  ///   - gradients: one per parameter.
  ///   - state: created for this optimizer and this number of parameters. If another copy of the
  ///     state is alive, its arrays are copied, as with any value.
  ///   - learningRate: nil for the optimizer's own. With a schedule, pass `schedule.rate(at:
  ///     state.nextStep)`.
  ///   - clipping: clipping by norm uses the norm of all gradients.
  ///   - groups: ascending and disjoint. Parameters outside all groups are not changed. Nil for a
  ///     single group of all parameters, decayed. A `TwoPassOptimizer` takes each group as one
  ///     tensor, and `Muon` a group with a shape as a matrix.
  ///   - threads: the number of threads that share the step. The result has the same bits for any
  ///     number.
  public func update(
    _ parameters: inout [Float], along gradients: [Float], state: inout OptimizerState,
    learningRate: Double? = nil, clipping: GradientClipping = .none,
    groups: [ParameterGroup]? = nil, threads: Int = 1
  ) {
    unsafe parameters.withUnsafeMutableBufferPointer { parameters in
      unsafe gradients.withUnsafeBufferPointer { gradients in
        unsafe update(
          parameters, along: gradients, state: &state, learningRate: learningRate,
          clipping: clipping, groups: groups, threads: threads)
      }
    }
  }

  /// Takes one step on memory that the caller owns.
  public func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
    state: inout OptimizerState, learningRate: Double? = nil,
    clipping: GradientClipping = .none, groups: [ParameterGroup]? = nil, threads: Int = 1
  ) {
    precondition(state.fits(self), "the state was made for another optimizer")
    precondition(
      parameters.count == state.parameterCount && gradients.count == state.parameterCount,
      "as many parameters and gradients as the state was made for")
    let step = unsafe UpdateStep(
      number: state.nextStep, learningRate: learningRate ?? self.learningRate,
      gradientScale: clipping.scale(of: gradients, threads: threads),
      gradientLimit: clipping.gradientLimit)
    state.stepCount += 1
    unsafe state.withMoments { moments in
      guard let groups else {
        return unsafe update(
          parameters, along: gradients, in: parameters.indices, shape: nil, moments: moments,
          step: step, threads: threads)
      }
      var end = 0
      for group in groups {
        precondition(
          end <= group.range.lowerBound && group.range.upperBound <= parameters.count,
          "groups are ascending and disjoint ranges of the parameters")
        end = group.range.upperBound
        unsafe update(
          parameters, along: gradients, in: group.range, shape: group.shape, moments: moments,
          step: group.step(step), threads: threads)
      }
    }
  }

  /// Updates a range of the parameters.
  ///
  /// - Parameter moments: the moments of all parameters.
  private func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
    in range: Range<Int>, shape: MatrixShape?, moments: Moments, step: UpdateStep, threads: Int
  ) {
    func block(_ range: Range<Int>) -> UpdateBlock? {
      unsafe UpdateBlock(
        UnsafeMutableBufferPointer(rebasing: parameters[range]),
        along: UnsafeBufferPointer(rebasing: gradients[range]),
        moments: moments.advanced(by: range.lowerBound), momentCount: momentCount, step: step)
    }
    if let shape, let rule = self as? any MatrixOptimizer {
      if let matrix = block(range) { rule.update(matrix, shape: shape, threads: threads) }
      return
    }
    if let rule = self as? any TwoPassOptimizer {
      let sums = range.sumsOfBlocks(threads: threads) { range in
        guard let block = block(range) else { return TensorSums() }
        return rule.measure(block)
      }
      range.forEachBlock(threads: threads) { range in
        if let block = block(range) { rule.update(block, measured: sums) }
      }
      return
    }
    func update(_ range: Range<Int>) {
      if let block = block(range) { self.update(block) }
    }
    if threads == 1 { update(range) } else { range.forEachBlock(threads: threads, update) }
  }

  /// Updates a block of parameters in memory that the caller owns. Depends only on its arguments,
  /// so that threads may update disjoint blocks of one step at the same time.
  ///
  /// - Parameters:
  ///   - moments: the block's own; arrays that the rule does not use may be nil.
  ///   - step: which step this is, and its rate.
  package func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
    moments: Moments, step: UpdateStep
  ) {
    guard
      let block = unsafe UpdateBlock(
        parameters, along: gradients, moments: moments, momentCount: momentCount, step: step)
    else { return }
    update(block)
  }
}

/// The passes of a step over blocks in memory that the caller owns. Threads may take disjoint
/// blocks of one pass at the same time.
extension TwoPassOptimizer {
  package func measure(
    _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
    moments: Moments, step: UpdateStep
  ) -> TensorSums {
    guard
      let block = unsafe UpdateBlock(
        parameters, along: gradients, moments: moments, momentCount: momentCount, step: step)
    else { return TensorSums() }
    return measure(block)
  }

  /// - Parameter sums: of all blocks of the tensor, added in one order.
  package func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
    moments: Moments, step: UpdateStep, measured sums: TensorSums
  ) {
    guard
      let block = unsafe UpdateBlock(
        parameters, along: gradients, moments: moments, momentCount: momentCount, step: step)
    else { return }
    update(block, measured: sums)
  }
}
