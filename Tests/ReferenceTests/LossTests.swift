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

  @Test("logits as large as ±1000 give finite losses and gradients")
  func largeLogits() {
    func check<Scalar: ReferenceScalar>(_ type: Scalar.Type) {
      let logits: [Scalar] = [1000, -1000]
      for loss in ReferenceLoss.allCases {
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
    }
    check(Double.self)
    check(Float.self)
  }
}
