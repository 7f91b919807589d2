import ConvoyKernelInterface

/// How the convolutions of a plan are made.
package enum ConvolutionAlgorithm: String, Sendable, CaseIterable {
  /// By what is expected to take least time.
  case fastest
  /// Tap by tap.
  case direct
  /// By Winograd's algorithm wherever it is possible, whether it pays or not: all passes, or all but the
  /// weight gradient.
  case winograd
  case winogradExceptWeightGradient
}

/// The hyper-parameters of a convolution layer.
struct ConvolutionSize: Sendable {
  let filters: Int
  let window: Window
  let groups: Int
  let hasBias: Bool
  var algorithm = ConvolutionAlgorithm.fastest
  var precision = Precision.fp32

  func outputShape(for input: FeatureShape) -> FeatureShape {
    FeatureShape(
      channels: filters, height: window.rows.outputs(over: input.height),
      width: window.columns.outputs(over: input.width))
  }

  /// Whether the taps of a kernel row lie apart.
  var hasDilatedColumns: Bool { window.columns.dilation > 1 && window.columns.kernelSize > 1 }

  /// Offset of the first tap of a pooling window's last output, relative to that of its first
  /// output, in floats. The border must hold at least the zeros that the convolution reads.
  func reach(
    of pooling: Window, in input: FeatureShape, border: FeatureMap.Border
  ) -> Int {
    let map = FeatureMap(input, border: border)
    return window.rows.stride * (pooling.rows.kernelSize - 1) * map.rowStep
      + window.columns.stride * (pooling.columns.kernelSize - 1) * map.channels
  }

  /// The border of zeros that the input gradient reads around the output gradients: the most that
  /// any residue needs, and the overhang of the last tiles.
  func gradientBorder(for input: FeatureShape) -> FeatureMap.Border {
    let rows = window.rows.residues(size: input.height)
    let columns = window.columns.residues(size: input.width)
    let tile = winogradTile(input)
    func after(_ residues: [Window.Axis.Residue], _ size: Int) -> Int {
      (residues.map(\.after).max() ?? 0) + (tile?.overhang(size) ?? 0)
    }
    return FeatureMap.Border(
      top: rows.map(\.before).max() ?? 0, bottom: after(rows, input.height),
      left: columns.map(\.before).max() ?? 0, right: after(columns, input.width))
  }

  /// Whether every input has a tap of some output.
  var coversInput: Bool { window.rows.coversInput && window.columns.coversInput }
}

/// Groups: every filter reads the channels of its group alone.
extension ConvolutionSize {
  /// Whether each group is a convolution from some channels of a map to some of another: whole
  /// vectors of both.
  private func hasWideGroups(channels: Int) -> Bool {
    channels % (groups * PanelLayout.columnMultiple) == 0
      && filters % (groups * PanelLayout.columnMultiple) == 0
  }

  /// Whether every filter has channels of its own, of the map or of its spread.
  func isDepthwise(channels: Int) -> Bool { groups > 1 && !hasWideGroups(channels: channels) }

  /// Whether a map must be spread before a depthwise convolution: filters of one group read the same
  /// channels, or several.
  func needsSpreading(channels: Int) -> Bool {
    isDepthwise(channels: channels) && !(groups == channels && filters == channels)
  }

  /// The map in which filter f finds its k-th channel in plane k at channel f.
  func spread(_ input: FeatureShape) -> FeatureShape {
    FeatureShape(
      channels: input.channels / groups * PanelLayout.padded(filters), height: input.height,
      width: input.width)
  }
}

extension Window.Axis {
  /// Along one axis, input positions i with (i + padding) mod stride = residue all read the same
  /// taps of the kernel, from outputs `dilation` apart: their gradient is a convolution of stride 1
  /// (Dumoulin and Visin, 2016).
  struct Residue: Sendable {
    /// The first tap of this residue; the others follow `tapStep` apart.
    let firstTap: Int
    let taps: Int
    /// The first input position of this residue.
    let firstInput: Int
    let inputs: Int
    /// The output at which the first input's taps begin; below zero in the border.
    let firstOutput: Int
    /// Outputs needed before the first real one, and past the last.
    let before: Int
    let after: Int
  }

  private var commonDivisor: Int {
    var (one, other) = (stride, dilation)
    while other != 0 { (one, other) = (other, one % other) }
    return one
  }

  /// From one tap of a residue to the next.
  var tapStep: Int { stride / commonDivisor }
  /// From the output that one tap of a residue reads to that of the next.
  var outputDilation: Int { dilation / commonDivisor }
  /// Residues that have a tap.
  var residueCount: Int { min(tapStep, kernelSize) }
  var coversInput: Bool { commonDivisor == 1 && stride <= kernelSize }

  /// The residues along an axis of `size` inputs that have a tap and an input, in the order of their
  /// first taps. Other inputs have a zero gradient.
  func residues(size: Int) -> [Residue] {
    let outputs = outputs(over: size)
    return (0..<residueCount).compactMap { firstTap in
      let (whole, residue) = (firstTap * dilation).quotientAndRemainder(dividingBy: stride)
      let taps = (kernelSize - firstTap + tapStep - 1) / tapStep
      // Input i = q · stride + residue − before reads outputs q − whole − j · outputDilation, for
      // each tap j.
      let first = max(0, (before - residue + stride - 1) / stride)
      let last = (size - 1 + before - residue) / stride
      guard size - 1 + before >= residue, last >= first else { return nil }
      let firstOutput = first - whole - (taps - 1) * outputDilation
      return Residue(
        firstTap: firstTap, taps: taps, firstInput: first * stride + residue - before,
        inputs: last - first + 1, firstOutput: firstOutput, before: max(0, -firstOutput),
        after: max(0, last - whole - (outputs - 1)))
    }
  }
}
