import KernelInterface

/// The weights and biases of a stage, one after another in `ParameterMemory`.
struct WeightPlaces: Sendable {
  let weights: PanelLayout
  let weightsPlace: Int
  let biasesPlace: Int

  init(_ weights: PanelLayout, in places: inout Places) {
    self.weights = weights
    weightsPlace = places.take(weights.count)
    biasesPlace = places.take(weights.columns)
  }

  /// Floats from the first weight to past the last bias.
  var count: Int { biasesPlace + weights.columns - weightsPlace }

  /// Blocks of some 256 rows of a panel: small enough to share out evenly and to stay in the first
  /// cache, large enough to be worth a ticket.
  ///
  /// - Parameter rowMultiple: blocks end at multiples of this.
  func blocks(stage: Int, rowMultiple: Int) -> [ParameterBlock] {
    let rowsABlock = max(1, 256 / rowMultiple) * rowMultiple
    var blocks: [ParameterBlock] = []
    for panel in 0..<weights.panels {
      let start = weightsPlace + weights.offset(ofPanel: panel)
      let width = weights.width(ofPanel: panel)
      for row in stride(from: 0, to: weights.rows, by: rowsABlock) {
        let rows = row..<min(row + rowsABlock, weights.rows)
        blocks.append(
          ParameterBlock(
            stage: stage,
            range: start + rows.lowerBound * width..<start + rows.upperBound * width,
            part: .weights(panel: panel, rows: rows)))
      }
    }
    let biases = biasesPlace..<biasesPlace + weights.columns
    blocks.append(ParameterBlock(stage: stage, range: biases, part: .biases))
    return blocks
  }

  /// The biases as a tensor.
  func biases(name: String, count: Int) -> ParameterTensor {
    let place = biasesPlace
    return ParameterTensor(name: name, shape: [count], kind: .bias) { place + $0 }
  }
}
