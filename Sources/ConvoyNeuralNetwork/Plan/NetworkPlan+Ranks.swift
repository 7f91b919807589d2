import ConvoyKernelInterface

/// Rows of the batch's memory, one for each sample, of which ranks exchange some columns.
package struct BatchRows: Sendable {
  private let place: SamplePlace
  /// Floats from one sample's row to the next.
  package let step: Int
  package let columns: Range<Int>

  init(_ place: SamplePlace, step: Int, columns: Range<Int>) {
    self.place = place
    self.step = step
    self.columns = columns
  }

  package func part(_ columns: Range<Int>) -> BatchRows {
    BatchRows(place, step: step, columns: columns)
  }

  /// The first of the columns in a sample's row.
  package func pointer(_ batch: BatchMemory, sample: Int) -> MutableFloatPointer {
    unsafe batch.pointer(place, count: step, sample) + columns.lowerBound
  }
}

/// A stage whose weight gradient is made from the whole batch.
package struct WholeBatchStage: Sendable {
  package let stage: Int
  package let inputs: BatchRows
  package let outputGradients: BatchRows
}

extension NetworkPlan {
  /// What the samples have measured before a phase combines their statistics.
  package func measuredRows(at time: Int) -> BatchRows { combined(at: time).stage.measuredRows }

  package var wholeBatchStages: [WholeBatchStage] {
    stages.indices.filter(isOfWholeBatch(stage:)).map { index in
      let (input, output) = (edges.inputs[index][0], edges.edges[index + 1])
      return WholeBatchStage(
        stage: index,
        inputs: BatchRows(
          input.backwardValuesPlace, step: input.values.count, columns: 0..<input.values.count),
        outputGradients: BatchRows(
          output.gradientsPlace, step: output.gradients.count, columns: 0..<output.gradients.count))
    }
  }
}
