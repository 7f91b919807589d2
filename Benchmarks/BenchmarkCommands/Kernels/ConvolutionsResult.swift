import ConvoyTestSupport

/// How fast the convolutions of a network's step are, whatever algorithm makes them.
struct ConvolutionsResult: Encodable {
  let rows: [Row]

  struct Row: Encodable {
    let layer: Int
    let shape: String
    let pass: ConvolutionPass.Part
    /// The kernels that it is made of.
    let kernels: [String]
    /// In a step, summed over kernels: calls times the median.
    let seconds: Double
    /// Floating-point operations per second of the plain convolution, whether they are made or not;
    /// nil for what is no convolution.
    let rate: Double?
    let shareOfPeak: Double?
    /// Whether the kernels reach the result with less arithmetic.
    let savesArithmetic: Bool
  }

  /// - Parameters:
  ///   - measured: call by call, as the trace counts them.
  ///   - peak: floating-point operations per second.
  init(
    _ workload: Workload, trace: KernelTrace, measured: [KernelsResult.Row], peak: Double
  ) throws {
    let calls = trace.calls.map(\.call)
    let layers = try ConvolutionLayer.all(workload)
    rows = ConvolutionPass.all(trace, layers: layers.map(\.index)).compactMap { pass in
      guard let layer = layers.first(where: { $0.index == pass.layer }) else { return nil }
      let seconds = pass.calls.reduce(0) { $0 + Double($1.value) * measured[$1.key].seconds.median }
      let rate =
        pass.part == .update
        ? nil : Double(layer.operations) * Double(workload.batch) / seconds
      var names: [String] = []
      for place in pass.calls.keys.sorted() where !names.contains(calls[place].name) {
        names.append(calls[place].name)
      }
      return Row(
        layer: layer.index, shape: layer.shape, pass: pass.part, kernels: names, seconds: seconds,
        rate: rate, shareOfPeak: rate.map { $0 / peak },
        savesArithmetic: pass.part != .update
          && pass.calls.keys.contains { calls[$0].savesArithmetic })
    }
  }
}

extension KernelCall {
  /// Whether a convolution that calls the kernel makes less arithmetic than the plain one.
  fileprivate var savesArithmetic: Bool {
    switch self {
    case .winogradInput, .listedWeightGradient, .listedInputGradient: true
    default: false
    }
  }
}
