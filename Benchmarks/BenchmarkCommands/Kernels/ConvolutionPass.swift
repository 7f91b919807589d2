import ConvoyTestSupport

/// A pass of a convolution's stage, and which kernels it is made of.
///
/// What both gradients need, the derivative of the activation and lists or maps of output gradients,
/// belongs to the weights': the first layer needs no other. So do the biases.
struct ConvolutionPass: Equatable {
  enum Part: String, Encodable, CaseIterable {
    case forward
    case weightGradient = "weight gradient"
    case inputGradient = "input gradient"
    /// Once a step: gradients summed over groups, and weights rearranged or transformed.
    case update
  }

  let layer: Int
  let part: Part
  /// Calls in a step, by their place in the trace's.
  private(set) var calls: [Int: Int] = [:]

  /// All passes of some layers, layer by layer.
  static func all(_ trace: KernelTrace, layers: [Int]) -> [ConvolutionPass] {
    let (calls, entries) = (trace.calls.map(\.call), trace.entries)
    var passes = layers.flatMap { layer in
      Part.allCases.map { ConvolutionPass(layer: layer, part: $0) }
    }
    var isBackward = false
    var parts: [Int: Part] = [:]
    for (index, entry) in entries.enumerated() {
      // A pass begins with its samples and turns round at its losses.
      switch calls[entry.call] {
      case .normalization: isBackward = false
      case .crossEntropy, .targetCrossEntropy, .hinge, .squaredError: isBackward = true
      default: break
      }
      guard let layer = entry.layer else { continue }
      // A layer's stage calls one kernel after the other, so what follows is its own.
      let next = index + 1 < entries.count ? calls[entries[index + 1].call] : nil
      let part =
        isBackward
        ? backward(calls[entry.call], before: next, after: parts[layer] ?? .weightGradient)
        : .forward
      parts[layer] = isBackward ? part : .weightGradient
      let own = calls[entry.call].isUpdate ? .update : part
      guard let pass = passes.firstIndex(where: { $0.layer == layer && $0.part == own }) else {
        continue
      }
      passes[pass].calls[entry.call, default: 0] += 1
    }
    return passes.filter { !$0.calls.isEmpty }
  }

  /// Which gradient a call is for. The input's is made after the weights', sample by sample or some
  /// at a time; its first kernel tells.
  private static func backward(
    _ call: KernelCall, before next: KernelCall?, after previous: Part
  ) -> Part {
    switch call {
    case .activationGradient: return .weightGradient
    case .convolution, .listedInputGradient: return .inputGradient
    case .winogradInput:
      // Each tile of the weights' has its output gradient transformed beside it.
      if case .winogradOutputGradient = next { return .weightGradient }
      return .inputGradient
    case .weightGradient, .winogradOutputGradient, .winogradFilterGradient,
      .listedWeightGradient, .gradientLists:
      return .weightGradient
    default: return previous
    }
  }
}

extension KernelCall {
  fileprivate var isUpdate: Bool {
    switch self {
    case .slotSum, .filterSlotSum, .transposition, .winogradFilters: true
    default: false
    }
  }
}
