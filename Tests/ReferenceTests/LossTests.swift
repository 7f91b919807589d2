import ConvoyReference
import ConvoyTestSupport
import Testing

@Suite("Losses")
struct LossTests {
  @Test("gradients agree with finite differences", arguments: ReferenceLoss.allCases, [1, 3, 10])
  func gradients(loss: ReferenceLoss, classes: Int) {
    var generator = SeededGenerator(seed: UInt64(classes))
    // Up to 3 in size: some classes are inside the hinge's margin and some outside.
    let logits = generator.spacedValues(count: classes).map { 3 * $0 }
    for label in logits.indices {
      let (value, gradient) = loss.evaluate(logits: logits, label: label)
      var check = GradientCheck()
      check.compare(gradient, at: logits, size: 1 + value, name: "logit") { moved in
        loss.evaluate(logits: moved, label: label).loss
      }
      #expect(check.worst <= 1, "seed \(classes), label \(label), \(check.place)")
    }
  }

  @Test("cross-entropy of logits that predict 1/4 is log 4")
  func crossEntropyValue() {
    let (loss, gradient) = softmaxCrossEntropy(logits: [7.0, 7, 7, 7], label: 2)
    #expect(loss == Double.naturalLogarithm(4))
    #expect(gradient == [0.25, 0.25, -0.75, 0.25])
  }

  @Test("hinge: only classes within the margin count, and one exactly on it does not")
  func hingeValue() {
    // Violations: 1 − 2 + 3 = 2, 1 − 2 + 1 = 0, 1 − 2 + 1.5 = 0.5; divided by four classes.
    let (loss, gradient) = multiClassHinge(logits: [3.0, 2, 1, 1.5], label: 1)
    #expect(loss == 0.625)
    #expect(gradient == [0.25, -0.5, 0, 0.25])
  }

  @Test(
    "smoothed and weighted cross-entropy agrees with finite differences", arguments: [1, 3, 10])
  func smoothedGradients(classes: Int) {
    var generator = SeededGenerator(seed: UInt64(classes))
    let logits = generator.spacedValues(count: classes).map { 3 * $0 }
    let weights = (0..<classes).map { Double($0) / 4 + 0.5 }
    for (label, smoothing) in logits.indices.flatMap({ label in [0, 0.1, 0.9].map { (label, $0) } })
    {
      let (value, gradient) = smoothedCrossEntropy(
        logits: logits, label: label, smoothing: smoothing, weights: weights)
      var check = GradientCheck()
      check.compare(gradient, at: logits, size: 1 + value, name: "logit") { moved in
        smoothedCrossEntropy(
          logits: moved, label: label, smoothing: smoothing, weights: weights
        ).loss
      }
      #expect(check.worst <= 1, "label \(label), smoothing \(smoothing), \(check.place)")
    }
  }

  @Test("smoothed cross-entropy of equal logits is log 4 times the targets' sum")
  func smoothedValue() {
    let logits = [7.0, 7, 7, 7]
    let even = smoothedCrossEntropy(
      logits: logits, label: 2, smoothing: 0.5, weights: [1, 1, 1, 1])
    #expect(even.loss == Double.naturalLogarithm(4))
    #expect(even.gradient == [0.125, 0.125, -0.375, 0.125])
    // Targets 0.125 · weight, and 0.5 · weight more at the label: 0.25, 0, 2.5 and 0.125.
    let weighted = smoothedCrossEntropy(
      logits: logits, label: 2, smoothing: 0.5, weights: [2, 0, 4, 1])
    #expect(abs(weighted.loss - 2.875 * Double.naturalLogarithm(4)) < 1e-15)
    #expect(weighted.gradient == [0.46875, 0.71875, -1.78125, 0.59375])
  }

  @Test("mean squared error: the label's distance from 1, the others' from 0")
  func squaredErrorValue() {
    // Errors 3, 1, 1 and −2: 9 + 1 + 1 + 4 over four classes.
    let (loss, gradient) = meanSquaredError(logits: [3.0, 2, 1, -2], label: 1)
    #expect(loss == 3.75)
    #expect(gradient == [1.5, 0.5, 0.5, -1])
  }

  @Test("logits as large as ±1000 give finite losses and gradients")
  func largeLogits() {
    func check<Scalar: ReferenceScalar>(_ type: Scalar.Type) {
      let logits: [Scalar] = [1000, -1000]
      for loss in [ReferenceLoss.crossEntropy, .hinge] {
        let right = loss.evaluate(logits: logits, label: 0)
        #expect(right.loss == 0, "\(loss) in \(type)")
        #expect(right.gradient == [0, 0], "\(loss) in \(type)")
      }
      let crossEntropy = softmaxCrossEntropy(logits: logits, label: 1)
      #expect(crossEntropy.loss == 2000, "\(type)")
      #expect(crossEntropy.gradient == [1, -1], "\(type)")
      // The violation is 1 + 2000; halved for two classes.
      let hinge = multiClassHinge(logits: logits, label: 1)
      #expect(hinge.loss == 1000.5, "\(type)")
      #expect(hinge.gradient == [0.5, -0.5], "\(type)")
      // The errors are 1000 and −1001.
      let squares = meanSquaredError(logits: logits, label: 1)
      #expect(squares.loss == 1_001_000.5, "\(type)")
      #expect(squares.gradient == [1000, -1001], "\(type)")
    }
    check(Double.self)
    check(Float.self)
  }
}
