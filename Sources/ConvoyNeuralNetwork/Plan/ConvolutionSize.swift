/// The hyper-parameters of a convolution layer.
struct ConvolutionSize: Sendable {
  let filters: Int
  let kernelSize: Int
  let stride: Int
  let padding: Int
  let hasBias: Bool

  func outputShape(for input: FeatureShape) -> FeatureShape {
    FeatureShape(
      channels: filters, height: outputSize(input.height), width: outputSize(input.width))
  }

  private func outputSize(_ size: Int) -> Int { (size + 2 * padding - kernelSize) / stride + 1 }

  /// Offset of the first tap of a pooling window's last output, relative to that of its first
  /// output, in floats. The border must hold at least the zeros that the convolution reads.
  func reach(
    of window: Window, in input: FeatureShape, border: FeatureMap.Border
  ) -> Int {
    let map = FeatureMap(input, border: border)
    return stride * ((window.rows - 1) * map.rowStep + (window.columns - 1) * map.channels)
  }

  /// The border of zeros that the input gradient reads around the output gradients: the most that
  /// any residue needs, and the overhang of the last tiles.
  func gradientBorder(for input: FeatureShape) -> FeatureMap.Border {
    let rows = residues(size: input.height)
    let columns = residues(size: input.width)
    let added = suitsWinograd(input)
    func after(_ residues: [Residue], _ size: Int) -> Int {
      (residues.map(\.after).max() ?? 0) + (added ? Self.sticksOut(size) : 0)
    }
    return FeatureMap.Border(
      top: rows.map(\.before).max() ?? 0, bottom: after(rows, input.height),
      left: columns.map(\.before).max() ?? 0, right: after(columns, input.width))
  }

  /// Along one axis, input positions i with (i + padding) mod stride = residue all read the same
  /// taps of the kernel, residue + j · stride, from consecutive outputs: their gradient is a
  /// convolution of stride 1 (Dumoulin and Visin, 2016).
  struct Residue: Sendable {
    let residue: Int
    /// Kernel taps of this residue.
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

  /// The residues along an axis of `size` inputs that have a tap and an input. Other inputs have a
  /// zero gradient.
  func residues(size: Int) -> [Residue] {
    let outputs = outputSize(size)
    return (0..<min(stride, kernelSize)).compactMap { residue in
      let taps = (kernelSize - residue + stride - 1) / stride
      // Input i = q · stride + residue − padding reads outputs q − taps + 1 … q.
      let first = max(0, (padding - residue + stride - 1) / stride)
      let last = (size - 1 + padding - residue) / stride
      guard size - 1 + padding >= residue, last >= first else { return nil }
      let firstOutput = first - (taps - 1)
      return Residue(
        residue: residue, taps: taps, firstInput: first * stride + residue - padding,
        inputs: last - first + 1, firstOutput: firstOutput, before: max(0, -firstOutput),
        after: max(0, last - (outputs - 1)))
    }
  }
}
