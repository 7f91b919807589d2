import ConvoyKernelInterface

/// The targets that cross-entropy compares a network's outputs with, by label, where labels are
/// smoothed (Szegedy et al., 2016) or classes have weights. As PyTorch's CrossEntropyLoss, before it
/// divides a batch's sum by the sum of its labels' weights.
///
/// With smoothing ε and C classes of weights w, the target of each class c is ε / C · w[c], plus
/// (1 − ε) · w[c] where it is the label.
package struct CrossEntropyTargets: Sendable, Equatable {
  /// By class.
  package let weights: [Double]
  /// By class: its target where another class is the label.
  let rest: [Float]
  /// By class: what is added to its target where it is the label.
  let peaks: [Float]

  /// - Parameters:
  ///   - smoothing: from 0 up to but not including 1.
  ///   - weights: finite and at least 0, one for each class; nil for 1.
  package init(classes: Int, smoothing: Double, weights: [Double]? = nil) {
    let weights = weights ?? Array(repeating: 1, count: classes)
    precondition((0..<1).contains(smoothing), "a smoothed label keeps a part")
    precondition(weights.count == classes, "a weight for each class")
    self.weights = weights
    rest = weights.map { Float(smoothing / Double(classes) * $0) }
    peaks = weights.map { Float((1 - smoothing) * $0) }
  }
}

/// The label of the sample that is mixed into another. Safe to use: its memory outlives it.
@safe package struct MixedLabel {
  let label: Int
  /// Its part of the target; the sample's own label keeps the rest.
  let share: Float
  /// Memory for a target per class.
  let targets: MutableFloatPointer

  package init(_ label: Int, share: Float, targets: MutableFloatPointer) {
    self.label = label
    self.share = share
    unsafe self.targets = unsafe targets
  }
}

extension CrossEntropyTargets {
  /// The targets of a mixed sample without its own label's peak: the other label has its share of a
  /// peak.
  func rest(with other: MixedLabel) -> FloatPointer {
    for (index, target) in rest.enumerated() { unsafe other.targets[index] = target }
    unsafe other.targets[other.label] += other.share * peaks[other.label]
    return unsafe FloatPointer(other.targets)
  }
}
