import ConvoyKernelDispatch
import ConvoyKernelInterface
import Testing

@Suite("Numbers that are not finite")
struct FiniteTests {
  private static let ordinary: [Float] = [
    0, -0.0, 1, -3.5, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
    .leastNonzeroMagnitude, -.leastNormalMagnitude, Float(bitPattern: 0x7F7F_FFFF),
  ]

  @Test("are found wherever they are, and no other is", arguments: KernelDispatch.available)
  func found(set: InstructionSet) throws {
    let kernels = try #require(KernelDispatch.kernels(for: set))
    let faults: [Float] = [.nan, .infinity, -.infinity, .signalingNaN, -.nan]
    for count in [0, 1, 7, 15, 16, 17, 31, 32, 33, 64, 95, 200] {
      var values = (0..<count + 1).map { Self.ordinary[$0 % Self.ordinary.count] }
      // What lies past the end is not looked at.
      values[count] = .nan
      #expect(kernels.areFinite(count: count, values: values), "\(count)")
      for place in 0..<count {
        let value = values[place]
        values[place] = faults[place % faults.count]
        #expect(!kernels.areFinite(count: count, values: values), "\(place) of \(count)")
        values[place] = value
      }
    }
  }

  @Test(
    "among a network's outputs make a loss that is not finite", arguments: KernelDispatch.available)
  func losses(set: InstructionSet) throws {
    let kernels = try #require(KernelDispatch.kernels(for: set))
    let classes = 11
    for fault in [Float.nan, .infinity] {
      for place in 0..<classes {
        for label in [0, 4, 10] {
          var logits = (0..<16).map { Float($0) / 8 }
          // Infinitely right is no loss.
          if fault == .infinity, place == label { continue }
          logits[place] = fault
          var gradient = [Float](repeating: 0, count: 16)
          let losses = [
            kernels.softmaxCrossEntropy(
              classes: classes, label: label, scale: 1, logits: logits, gradient: &gradient),
            kernels.targetCrossEntropy(
              classes: classes, label: label, peak: 0.5, rest: Array(repeating: 0, count: 16),
              scale: 1, logits: logits, gradient: &gradient),
            kernels.multiClassHinge(
              classes: classes, label: label, scale: 1, logits: logits, gradient: &gradient),
            kernels.meanSquaredError(
              classes: classes, label: label, scale: 1, logits: logits, gradient: &gradient),
          ]
          for loss in losses { #expect(!loss.loss.isFinite, "\(fault) at \(place), \(label)") }
        }
      }
    }
  }
}
