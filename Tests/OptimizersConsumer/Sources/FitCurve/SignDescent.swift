import Optimizers

/// A rule of one's own: a step of the rate against each gradient's sign (signSGD; Bernstein and others,
/// 2018).
struct SignDescent: Optimizer {
  let name = "sign"
  let momentNames: [String] = []
  let learningRate: Double

  func update(_ block: borrowing UpdateBlock) {
    let rate = Float(block.learningRate)
    block.updateEach { parameter, gradient, _ in
      if gradient != 0 { parameter -= gradient < 0 ? -rate : rate }
    }
  }
}
