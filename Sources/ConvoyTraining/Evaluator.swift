import ConvoyKernelInterface
import ConvoyNeuralNetwork

/// Runs a network forward over a set of images, in chunks that any worker may take.
///
/// Sound to share: evaluations of the same parameters wait for one another, as they wait for training.
package struct Evaluator: Sendable {
  private let plan: NetworkPlan
  private let parameters: ParameterMemory
  private let store: SampleStore
  private let team: WorkerTeam
  private let memory: PerWorker<Memory>
  private let cut: EvaluationCut

  /// What a worker computes in.
  private struct Memory {
    let worker: Worker
    let batch: BatchMemory
  }

  /// Results by sample.
  ///
  /// Sound to share: each chunk writes its own samples' alone, and they are read after the team's run.
  private final class Results: @unchecked Sendable {
    let values: AlignedBuffer<LossResult>
    init(count: Int) { values = AlignedBuffer(count: count) }
  }

  package init(
    _ plan: NetworkPlan, _ parameters: ParameterMemory, store: SampleStore, threads: Int
  ) {
    self.plan = plan
    self.parameters = parameters
    self.store = store
    let cut = EvaluationCut(plan, images: store.count, threads: threads)
    self.cut = cut
    let samples = cut.chunkSize
    team = WorkerTeam(threads: cut.workers)
    memory = PerWorker(count: team.threads) {
      Memory(
        worker: Worker(plan, samples: samples),
        batch: BatchMemory(plan, samples: samples, slots: 0))
    }
  }

  package func evaluate() -> Evaluation { parameters.exclusively(evaluateAlone) }

  private func evaluateAlone() -> Evaluation {
    let count = store.count
    let results = Results(count: count)
    let chunkSize = cut.chunkSize
    team.run(rounds: 1, phases: [(count + chunkSize - 1) / chunkSize]) { ticket in
      let first = ticket.chunk * chunkSize
      let samples = min(chunkSize, count - first)
      let memory = memory[ticket.worker]
      let plan = memory.worker.plan
      let pass = unsafe SamplePass(
        parameters: parameters, batch: memory.batch, worker: memory.worker.memory,
        samples: 0..<samples, group: nil, training: nil)
      for sample in 0..<samples {
        unsafe store.write(.evaluated(first + sample), to: pass.values(plan.input, sample))
      }
      plan.forward(pass)
      for sample in 0..<samples {
        unsafe results.values.pointer[first + sample] = plan.evaluateLoss(
          pass, sample: sample, label: store.label(first + sample), scale: 0)
      }
    }
    var loss = 0.0
    var correct = 0
    for sample in 0..<count {
      let result = unsafe results.values.pointer[sample]
      loss += Double(result.loss)
      if Int(result.predictedClass) == store.label(sample) { correct += 1 }
    }
    return Evaluation(
      loss: loss / Double(max(1, count)), accuracy: Double(correct) / Double(max(1, count)))
  }
}

/// How an evaluation is cut into chunks.
struct EvaluationCut {
  /// As many samples as stay in a second-level cache.
  let chunkSize: Int
  /// No more than there are chunks; and no more will run than there are cores.
  let workers: Int

  init(_ plan: NetworkPlan, images: Int, threads: Int) {
    chunkSize = max(1, min(32, 512 * 1024 / max(1, plan.bytesASample)))
    workers = max(1, min(threads, (images + chunkSize - 1) / chunkSize))
  }
}

/// How well a network does on a set of images.
package struct Evaluation: Sendable, Equatable {
  /// The mean over the samples.
  package let loss: Double
  /// The share of samples whose label has the largest output.
  package let accuracy: Double

  package init(loss: Double, accuracy: Double) {
    self.loss = loss
    self.accuracy = accuracy
  }
}
