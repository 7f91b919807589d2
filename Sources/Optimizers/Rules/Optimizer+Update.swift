extension Optimizer {
  /// Takes one step.
  ///
  /// - Parameters:
  ///   - parameters: all of them, updated in place.
  ///   - gradients: as many as there are parameters.
  ///   - state: made for this optimizer and as many parameters. If another copy of it is alive, its
  ///     arrays are copied, as those of any value.
  ///   - learningRate: nil for the optimizer's own; with a schedule, `schedule.rate(at:
  ///     state.nextStep)`.
  ///   - clipping: the norm is that of all gradients.
  ///   - groups: ascending and disjoint; parameters outside all groups stay as they are. Nil for one
  ///     group of everything, decayed.
  public func update(
    _ parameters: inout [Float], along gradients: [Float], state: inout OptimizerState,
    learningRate: Double? = nil, clipping: GradientClipping = .none,
    groups: [ParameterGroup]? = nil
  ) {
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradients.withUnsafeBufferPointer { gradients in
        update(
          parameters, along: gradients, state: &state, learningRate: learningRate,
          clipping: clipping, groups: groups)
      }
    }
  }

  /// Takes one step on memory that the caller owns.
  public func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
    state: inout OptimizerState, learningRate: Double? = nil,
    clipping: GradientClipping = .none, groups: [ParameterGroup]? = nil
  ) {
    precondition(
      parameters.count == state.parameterCount && gradients.count == state.parameterCount,
      "as many parameters and gradients as the state was made for")
    takeStep(
      with: &state, learningRate: learningRate,
      gradientScale: clipping.scale(of: gradients), gradientLimit: clipping.gradientLimit
    ) { step, moments in
      guard let groups else {
        return update(parameters, along: gradients, moments: moments, step: step)
      }
      var end = 0
      for group in groups {
        precondition(end <= group.range.lowerBound, "groups are ascending and disjoint")
        end = group.range.upperBound
        update(
          parameters, along: gradients, in: group.range, moments: moments, step: group.step(step))
      }
    }
  }

  /// Counts one step and hands out what its updates of blocks need, on one thread or many:
  ///
  ///     adam.takeStep(with: &state) { step, moments in
  ///       // for each block, on any thread:
  ///       adam.update(parameters, along: gradients, in: range, moments: moments, step: step)
  ///     }
  ///
  /// - Parameter body: returns when all blocks are updated; the moments are borrowed.
  public func takeStep<Result, Failure: Error>(
    with state: inout OptimizerState, learningRate: Double? = nil, gradientScale: Double = 1,
    gradientLimit: Double = .infinity, _ body: (UpdateStep, Moments) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(state.fits(self), "the state was made for another optimizer")
    let step = UpdateStep(
      number: state.nextStep, learningRate: learningRate ?? self.learningRate,
      gradientScale: gradientScale, gradientLimit: gradientLimit)
    state.stepCount += 1
    return try state.withMoments { moments throws(Failure) in try body(step, moments) }
  }

  /// Updates a range of the parameters, so that threads may share a step.
  ///
  /// - Parameter moments: those of all parameters.
  public func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
    in range: Range<Int>, moments: Moments, step: UpdateStep
  ) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= min(parameters.count, gradients.count),
      "a range of the parameters")
    update(
      UnsafeMutableBufferPointer(rebasing: parameters[range]),
      along: UnsafeBufferPointer(rebasing: gradients[range]),
      moments: moments.advanced(by: range.lowerBound), step: step)
  }
}
