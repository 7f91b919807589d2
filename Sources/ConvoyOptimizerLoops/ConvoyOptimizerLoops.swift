import ConvoyOptimizerLoopInterface

/// The loops of the instruction set that this folder is compiled for.
package struct CompiledLoops: LoopSet {
  package init() {}

  package func descend(
    _ block: BlockMemory, _ preparation: GradientPreparation, rate: Float
  ) {
    sweep(block, preparation, by: DescentRule(rate: rate))
  }

  package func descend(
    _ block: BlockMemory, _ preparation: GradientPreparation, rate: Float, momentum: Float,
    nesterov: Bool
  ) {
    if nesterov {
      sweep(block, preparation, by: MomentumRule<On>(rate: rate, momentum: momentum))
    } else {
      sweep(block, preparation, by: MomentumRule<Off>(rate: rate, momentum: momentum))
    }
  }

  package func rmsProp(
    _ block: BlockMemory, _ preparation: GradientPreparation, _ coefficients: RMSPropCoefficients,
    centred: Bool
  ) {
    switch (centred, coefficients.momentum > 0) {
    case (false, false):
      sweep(block, preparation, by: RMSPropRule<Off, Off>(coefficients: coefficients))
    case (true, false):
      sweep(block, preparation, by: RMSPropRule<On, Off>(coefficients: coefficients))
    case (false, true):
      sweep(block, preparation, by: RMSPropRule<Off, On>(coefficients: coefficients))
    case (true, true):
      sweep(block, preparation, by: RMSPropRule<On, On>(coefficients: coefficients))
    }
  }

  package func adam(
    _ block: BlockMemory, _ preparation: GradientPreparation, _ coefficients: AdamCoefficients
  ) {
    sweep(block, preparation, by: AdamRule(coefficients))
  }

  package func lion(
    _ block: BlockMemory, _ preparation: GradientPreparation, _ coefficients: LionCoefficients
  ) {
    sweep(block, preparation, by: LionRule(coefficients))
  }

  package func measureLamb(
    _ block: BlockMemory, _ preparation: GradientPreparation, _ coefficients: LambCoefficients
  ) -> LambSums {
    LambRule(coefficients).measure(block, preparation)
  }

  package func updateLamb(_ block: BlockMemory, _ coefficients: LambCoefficients, rate: Float) {
    LambRule(coefficients).update(block, rate: rate)
  }

  package func lookAhead(
    _ block: BlockMemory, _ preparation: GradientPreparation, momentum: Float, rest: Float
  ) {
    sweep(block, preparation, by: MatrixDirectionRule(momentum: momentum, rest: rest))
  }

  package func average(_ block: BlockMemory, share: Float) {
    let plain = GradientPreparation(scale: 1, limit: .infinity, l2: 0, shrinkage: 1)
    sweep(block, plain, by: AverageRule(share: share))
  }

  package func multiply(
    _ product: MatrixProduct, columns: Range<Int>, scratch: UnsafeMutablePointer<Float>
  ) {
    MatrixProductLoop(product).run(columns: columns, scratch: scratch)
  }

  package func sumOfSquares(of values: UnsafePointer<Float>, count: Int) -> Double {
    var sums = LaneSums()
    var index = 0
    while index < count {
      sums.addSquares(of: load(values + index, min(Lanes.scalarCount, count &- index)))
      index &+= Lanes.scalarCount
    }
    return sums.total
  }
}
