/// A tensor that a step updates, as a run of blocks.
package struct UpdatedTensor: Sendable {
  /// Among the plan's `updatedBlocks`.
  package fileprivate(set) var blocks: Range<Int>
  /// If it is one of the plan's `matrices`: a row for each output. Nil for anything else.
  package let matrix: ParameterTensor?
}

extension NetworkPlan {
  /// The weights of convolutions and dense layers that are learned, but for the last layer's.
  package var matrices: [ParameterTensor] {
    tensors.filter(\.isMatrix).dropLast().filter(\.isLearned)
  }

  package var updatedTensors: [UpdatedTensor] {
    let blocks = updatedBlocks
    let matrices = matrices
    var updated: [UpdatedTensor] = []
    for (index, block) in blocks.enumerated() where block.isLearned {
      // Only weights have several blocks, one after another.
      if index > 0, block.isDecayed, blocks[index - 1].isDecayed,
        blocks[index - 1].stage == block.stage
      {
        updated[updated.count - 1].blocks = updated[updated.count - 1].blocks.lowerBound..<index + 1
        continue
      }
      let names = block.isDecayed ? tensorNames(ofStage: block.stage) : []
      updated.append(
        UpdatedTensor(
          blocks: index..<index + 1, matrix: matrices.first { names.contains($0.name) }))
    }
    return updated
  }
}

extension ParameterTensor {
  fileprivate var isMatrix: Bool { if case .weight = kind { true } else { false } }
}
