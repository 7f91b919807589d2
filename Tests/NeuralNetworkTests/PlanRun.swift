import ConvoyKernelInterface
import ConvoyKeyedRandom
import ConvoyNeuralNetwork

/// A plan with parameters, run forward and backward over one batch as a trainer would.
struct PlanRun {
  let plan: NetworkPlan
  let parameters: ParameterMemory
  private let guards: GuardBands

  /// - Parameter plan: made with guard bands, if anyone is to be found who reaches too far.
  init(plan: NetworkPlan) {
    self.plan = plan
    parameters = ParameterMemory(plan)
    guards = GuardBands(plan, parameters)
  }

  struct Result {
    let losses: [Double]
    /// The same, of passes that search each sample for an overflow after the step.
    var repeatedLosses: [Double] = []
    /// By learned tensor, in the files' layout; the mean over the batch.
    let gradients: [[Double]]
    /// Gradients other than zero, those of added channels included.
    let storedGradients: Int
    /// Memory that belongs to nobody and was written to, in words.
    let brokenGuard: String?
  }

  static let seed: UInt64 = 5
  static let epoch = 2

  /// - Parameters:
  ///   - images: in channel, row, column order.
  ///   - groupSize: samples of a group; the last may have fewer.
  ///   - chunkSize: samples of a pass, where groups are summed apart; else a pass is a group.
  func run(
    images: [[Double]], labels: [Int], groupSize: Int, chunkSize: Int? = nil
  ) -> Result {
    let count = images.count
    let chunkSize = chunkSize ?? groupSize
    func pieces(_ size: Int) -> [Range<Int>] {
      stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    }
    let groups = pieces(groupSize)
    let batch = BatchMemory(plan, samples: count, slots: groups.count)
    let worker = WorkerMemory(plan, samples: chunkSize)
    let bands = GuardBands(plan, batch, worker, samples: chunkSize)
    var losses: [Double] = []
    let numbers = Array(0..<count)
    // A pass does not keep the batch's memory alive.
    defer { extendLifetime(batch) }
    numbers.withUnsafeBufferPointer { numbers in
      for phase in plan.phases {
        switch phase {
        case .passes(let times):
          for (number, samples) in pieces(chunkSize).enumerated() {
            let pass = SamplePass(
              parameters: parameters, batch: batch, worker: worker, samples: samples,
              slot: chunkSize == groupSize ? GradientSlot(number) : nil,
              training: numbers.baseAddress.map {
                SamplePass.TrainingKey(seed: Self.seed, epoch: Self.epoch, sampleNumbers: $0)
              })
            if times.lowerBound == 0 { write(images, to: pass) }
            plan.run(times, pass) {
              for (place, sample) in samples.enumerated() {
                let result = plan.evaluateLoss(
                  pass, sample: place, label: labels[sample], scale: 1 / Float(count))
                losses.append(Double(result.loss))
              }
            }
          }
        case .statistics(let time):
          for piece in 0..<plan.statisticsPieces(at: time) {
            plan.combineStatistics(
              at: time, piece: piece, parameters: parameters, batch: batch, samples: count)
          }
        case .groupSums:
          for (group, samples) in groups.enumerated() {
            for piece in 0..<plan.groupSumPieces {
              plan.sumGroup(
                SamplePass(
                  sumOf: group, samples: samples, parameters: parameters, batch: batch,
                  worker: worker), piece: piece)
            }
          }
        }
      }
    }
    let gradients = ParameterMemory(plan)
    let gradientBands = GuardBands(plan, gradients)
    for block in plan.blocks where block.isLearned {
      plan.gradient(
        of: block, batch: batch, samples: count, slots: groups.count,
        into: gradients.values.pointer + block.range.lowerBound)
    }
    let broken = guards.firstBroken ?? bands.firstBroken ?? gradientBands.firstBroken
    for place in plan.bands.parameters.joined() { gradients.values.pointer[place] = 0 }
    let repeated = repeatedLosses(images: images, labels: labels, batch, worker)
    return Result(
      losses: losses, repeatedLosses: repeated,
      gradients: plan.learnedTensors.map { $0.read(from: gradients).map(Double.init) },
      storedGradients: gradients.values.elements.count { $0 != 0 }, brokenGuard: broken)
  }

  private func repeatedLosses(
    images: [[Double]], labels: [Int], _ batch: BatchMemory, _ worker: WorkerMemory
  ) -> [Double] {
    Array(labels.indices).withUnsafeBufferPointer { numbers in
      labels.indices.map { sample in
        let pass = SamplePass(
          parameters: parameters, batch: batch, worker: worker, samples: sample..<sample + 1,
          slot: nil,
          training: numbers.baseAddress.map {
            SamplePass.TrainingKey(seed: Self.seed, epoch: Self.epoch, sampleNumbers: $0)
          })
        write(images, to: pass)
        _ = plan.layerThatOverflows(pass)
        return Double(
          plan.evaluateLoss(pass, sample: 0, label: labels[sample], scale: 1).loss)
      }
    }
  }

  private func write(_ images: [[Double]], to pass: SamplePass) {
    for (place, sample) in pass.samples.enumerated() {
      for (index, value) in images[sample].enumerated() {
        pass.values(plan.input, place)[plan.input.values.offset(of: index)] = Float(value)
      }
    }
  }
}

extension NetworkPlan {
  /// With the frozen ones.
  var parameterTensors: [ParameterTensor] { tensors.filter(\.isParameter) }

  /// Of `parameterTensors`: weights of the size that training begins with, and biases too.
  var startingValues: [[Float]] {
    parameterTensors.enumerated().map { index, tensor in
      let random = KeyedRandom(seed: 8, purpose: .initialization, index)
      let (start, scale): (Double, Double) =
        switch tensor.kind {
        case .weight(let fanIn, _): (0, (1 / Double(fanIn)).squareRoot())
        case .constant(let value): (Double(value), 0.3)
        case .mean, .variance, .count: (0, 0)
        }
      return (0..<tensor.count).map { Float(start + random.normal($0) * scale) }
    }
  }
}
