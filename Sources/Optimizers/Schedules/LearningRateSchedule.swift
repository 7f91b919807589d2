/// The learning rate of each step of a run, fixed before the run begins.
///
///     let schedule = try LearningRateSchedule.oneCycle(peak: 0.01, over: 1000)
///     adam.update(
///       &parameters, along: gradients, state: &state,
///       learningRate: schedule.rate(at: state.nextStep))
///
/// Steps are counted from 1, like `OptimizerState.nextStep`; step n is step n − 1 of PyTorch's
/// schedulers. Past its end, a schedule keeps its last rate; PyTorch's schedulers do not. In the
/// formulas, s = n − 1 is the number of steps done.
public struct LearningRateSchedule: Sendable, Equatable {
  private let curve: RateCurve
  private let warmUp: WarmUp?

  private init(_ curve: RateCurve, _ warmUp: WarmUp? = nil) throws(HyperparameterError) {
    try curve.check()
    try warmUp?.check()
    self.curve = curve
    self.warmUp = warmUp
  }

  /// The learning rate of step `number`, counted from 1.
  public func rate(at number: Int) -> Double {
    precondition(number >= 1, "steps are counted from 1")
    let done = number - 1
    guard let warmUp else { return curve.rate(after: done) }
    if done < warmUp.steps { return curve.rate(after: 0) * warmUp.factor(after: done) }
    return curve.rate(after: done - warmUp.steps)
  }

  /// The same rate at every step.
  public static func constant(_ rate: Double) throws(HyperparameterError) -> Self {
    try Self(.constant(rate: rate))
  }

  /// rate · factor^⌊s / every⌋, as in PyTorch's StepLR.
  public static func steps(
    from rate: Double, every: Int, factor: Double = 0.1
  ) throws(HyperparameterError) -> Self {
    try Self(.steps(rate: rate, every: every, factor: factor))
  }

  /// rate · factorˢ, as in PyTorch's ExponentialLR.
  public static func exponential(
    from rate: Double, factor: Double
  ) throws(HyperparameterError) -> Self {
    try Self(.exponential(rate: rate, factor: factor))
  }

  /// final + (rate − final) / 2 · (1 + cos(π s / over)), half a cosine wave (Loshchilov and Hutter,
  /// 2017), as in PyTorch's CosineAnnealingLR. Step over + 1 is the first at the final rate.
  public static func cosine(
    from rate: Double, to final: Double = 0, over: Int
  ) throws(HyperparameterError) -> Self {
    try Self(.cosine(rate: rate, final: final, over: over))
  }

  /// rate · f(s / over), where f is made of straight lines from point to point: factors of the rate at
  /// shares of the run. As PyTorch's LambdaLR with NumPy's `interp`. Step over + 1 is the first at the
  /// last point's rate.
  ///
  ///     let triangle = try LearningRateSchedule.linear(
  ///       rate: 0.1,
  ///       through: [
  ///         SchedulePoint(at: 0, factor: 0.2), SchedulePoint(at: 0.25, factor: 1),
  ///         SchedulePoint(at: 1, factor: 0),
  ///       ], over: 1000)
  ///
  /// - Parameters:
  ///   - rate: the full rate.
  ///   - points: at least two, in the order of their shares, from 0 to 1, with factors of at least 0. At two
  ///     points with one share, the rate jumps to that of the second.
  ///   - over: the steps of the whole schedule.
  public static func linear(
    rate: Double, through points: [SchedulePoint], over: Int
  ) throws(HyperparameterError) -> Self {
    try Self(.linear(rate: rate, points: points, over: over))
  }

  /// One rise and one fall of the rate (Smith and Topin, 2018), each half a cosine wave. The rate
  /// rises from peak / initialDivisor to the peak at s = riseShare · over − 1, and falls to
  /// peak / initialDivisor / finalDivisor at the last step, s = over − 1.
  ///
  /// As PyTorch's OneCycleLR with `cycle_momentum=False`, whose default divisors are used here.
  public static func oneCycle(
    peak: Double, over: Int, riseShare: Double = 0.3, initialDivisor: Double = 25,
    finalDivisor: Double = 1e4
  ) throws(HyperparameterError) -> Self {
    try Self(
      .oneCycle(
        peak: peak, over: over, riseShare: riseShare, initialDivisor: initialDivisor,
        finalDivisor: finalDivisor))
  }

  /// This schedule, preceded by `steps` warm-up steps. The rate grows linearly from startFactor · r
  /// at step 1 to r, this schedule's first rate, at step steps + 1.
  ///
  /// As PyTorch's LinearLR before the schedule in a SequentialLR. Replaces an earlier warm-up.
  public func warmedUp(
    over steps: Int, from startFactor: Double
  ) throws(HyperparameterError) -> Self {
    try Self(curve, WarmUp(steps: steps, startFactor: startFactor))
  }
}

extension LearningRateSchedule: Codable {
  private enum CodingKeys: CodingKey { case curve, warmUp }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      values.decode(RateCurve.self, forKey: .curve),
      values.decodeIfPresent(WarmUp.self, forKey: .warmUp))
  }
}
