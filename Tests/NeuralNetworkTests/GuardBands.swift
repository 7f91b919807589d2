import ConvoyKernelInterface
import ConvoyNeuralNetwork

/// Bands between the places of a plan's memory, filled with a number that no kernel makes: one that is
/// written shows in the band, and one that is read and used makes a NaN of the result.
struct GuardBands {
  private let guarded: [(name: String, memory: UnsafeMutablePointer<Float>, bands: [Range<Int>])]

  /// A quiet NaN with digits of its own.
  private static let guardBits: UInt32 = 0x7FC5_A5A5

  /// The memory must outlive the bands.
  init(_ plan: NetworkPlan, _ parameters: ParameterMemory) {
    guarded = [
      ("parameters", parameters.values.pointer, plan.bands.parameters),
      ("derived weights", parameters.derivedWeights.pointer, plan.bands.derivedWeights),
    ]
    fill()
  }

  init(
    _ plan: NetworkPlan, _ batch: BatchMemory, _ worker: WorkerMemory, samples: Int
  ) {
    func perSample(_ bands: [Range<Int>], _ count: Int) -> [Range<Int>] {
      bands.map { $0.lowerBound * count..<$0.upperBound * count }
    }
    guarded =
      (0..<batch.slots).map {
        ("slot \($0)", batch.slotValues.pointer + $0 * batch.slotStep, plan.bands.slot)
      } + [
        (
          "batch values", batch.values.pointer, perSample(plan.bands.batchValues, batch.samples)
        ), ("worker values", worker.values.pointer, perSample(plan.bands.workerValues, samples)),
        ("scratch", worker.scratch.pointer, plan.bands.scratch),
      ]
    fill()
  }

  private func fill() {
    for (_, memory, bands) in guarded {
      for band in bands {
        (memory + band.lowerBound).update(
          repeating: Float(bitPattern: Self.guardBits), count: band.count)
      }
    }
  }

  /// The first band that was written to, in words.
  var firstBroken: String? {
    for (name, memory, bands) in guarded {
      for band in bands {
        for place in band where memory[place].bitPattern != Self.guardBits {
          return "\(name): \(place - band.lowerBound) past a place that ends at \(band.lowerBound)"
        }
      }
    }
    return nil
  }
}
