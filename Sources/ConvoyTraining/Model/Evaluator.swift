import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyNeuralNetwork
import ConvoyProcessLimits

/// Evaluates a network on a set of images, in chunks that any worker may take.
///
/// Sound to share: an evaluation holds the parameters exclusively, so evaluations and training of
/// the same network wait for each other.
package struct Evaluator: Sendable {
  private let plan: NetworkPlan
  private let parameters: ParameterMemory
  private let folding: Folding?
  private let store: SampleStore
  private let team: WorkerTeam
  private let memory: PerWorker<Memory>
  private let cut: EvaluationCut
  private let views: [ImageView]
  private let ranks: any MessagePassing

  /// The memory and plan of one worker.
  private struct Memory {
    let worker: Worker
    let batch: BatchMemory
    let scratch: SampleScratch
    /// Nil where images are seen once.
    let views: ViewMemory?
  }

  /// The network with folded normalisations, made anew for each evaluation.
  private struct Folding {
    let network: FoldedNetwork
    let parameters: ParameterMemory
  }

  /// Results by sample.
  ///
  /// Sound to share: each chunk writes only its own samples, and the results are read after the
  /// team's run.
  private final class Results: @unchecked Sendable {
    let values: AlignedBuffer<LossResult>
    init(count: Int) { values = AlignedBuffer(count: count) }
  }

  /// - Parameter ranks: that share the images, and all evaluate the network.
  package init(
    _ plan: NetworkPlan, _ parameters: ParameterMemory, store: SampleStore, threads: Int,
    averaging augmentation: TestTimeAugmentation = .none,
    ranks: any MessagePassing = SingleProcess()
  ) {
    self.ranks = ranks
    let views = augmentation.views
    self.views = views
    self.plan = plan
    self.parameters = parameters
    self.store = store
    folding = FoldedNetwork(plan).map {
      Folding(network: $0, parameters: ParameterMemory($0.plan))
    }
    let plan = folding?.network.plan ?? plan
    precondition(store.map == plan.input.values, "samples lie as the network reads them")
    let cut = EvaluationCut(plan, images: store.count, threads: threads)
    self.cut = cut
    let samples = cut.chunkSize
    team = WorkerTeam(threads: cut.workers)
    memory = PerWorker(count: team.threads) {
      Memory(
        worker: Worker(plan, samples: samples),
        batch: BatchMemory(plan, samples: samples, slots: 0), scratch: store.makeScratch(),
        views: views.count > 1 ? ViewMemory(plan, samples: samples) : nil)
    }
  }

  /// The loss and accuracy on the images.
  ///
  /// - Parameters:
  ///   - keptOutputs: gets the outputs for each image; made by `makeOutputs`.
  ///   - onImages: called by workers after each chunk with the number of its images; where ranks share the
  ///     images, of this rank's chunks.
  package func evaluate(
    keeping keptOutputs: NetworkOutputs? = nil,
    onImages: @Sendable (_ images: Int) -> Void = { _ in }
  ) -> Evaluation {
    parameters.exclusively { evaluateAlone(keeping: keptOutputs, onImages) }
  }

  /// The outputs for each image. The images need no labels.
  ///
  /// - Throws: `MemoryError` if memory has no room for them.
  package func outputs() throws(MemoryError) -> NetworkOutputs {
    let outputs = try makeOutputs()
    parameters.exclusively {
      run(chunks(ofRank: 0, of: 1)) { plan, pass, sample, image in
        unsafe outputs.set(image, to: plan.outputs(pass, sample))
      }
    }
    return outputs
  }

  /// Memory for the outputs of all images.
  ///
  /// - Throws: `MemoryError` if there is no room for it.
  package func makeOutputs() throws(MemoryError) -> NetworkOutputs {
    let values = Double(store.count) * Double(plan.classes)
    try AvailableMemory.now.check(
      MemoryNeed(bytes: values * Double(MemoryLayout<Float>.stride)),
      for: "the outputs for \(store.count) images")
    return NetworkOutputs(plan, images: store.count)
  }

  private func evaluateAlone(
    keeping outputs: NetworkOutputs?, _ onImages: @Sendable (_ images: Int) -> Void
  ) -> Evaluation {
    let count = store.count
    let results = Results(count: count)
    // Outputs are kept on every rank that wants them.
    let isShared = ranks.size > 1 && outputs == nil
    let own = isShared ? chunks(ofRank: ranks.rank, of: ranks.size) : chunks(ofRank: 0, of: 1)
    run(own, onImages: onImages) { plan, pass, sample, image in
      unsafe outputs?.set(image, to: plan.outputs(pass, sample))
      unsafe results.values.pointer[image] = plan.evaluateLoss(
        pass, sample: sample, label: store.label(image), scale: 0)
    }
    if isShared { gather(results) }
    var loss = 0.0
    var correct = 0
    for sample in 0..<count {
      let result = unsafe results.values.pointer[sample]
      loss += Double(result.loss)
      if Int(result.predictedClass) == store.label(sample) { correct += 1 }
    }
    return Evaluation(
      loss: loss / Double(max(1, count)), accuracy: Double(correct) / Double(max(1, count)),
      fault: loss.isFinite ? nil : fault(in: results))
  }

  /// The chunks that a rank evaluates.
  private func chunks(ofRank rank: Int, of ranks: Int) -> Range<Int> {
    let chunks = (store.count + cut.chunkSize - 1) / cut.chunkSize
    return RankParts.share(of: chunks, rank: rank, ranks: ranks)
  }

  /// Gathers the results of all ranks.
  private func gather(_ results: Results) {
    func images(ofRank rank: Int) -> Range<Int> {
      let chunks = chunks(ofRank: rank, of: ranks.size)
      return min(
        chunks.lowerBound * cut.chunkSize, store.count)..<min(
          chunks.upperBound * cut.chunkSize, store.count)
    }
    let bytesAResult = MemoryLayout<LossResult>.stride
    let parts = RankParts(
      sizes: (0..<ranks.size).map { images(ofRank: $0).count * bytesAResult }, rank: ranks.rank)
    let bytes = AlignedBuffer<UInt8>(count: parts.byteCount)
    func place(ofRank rank: Int) -> UnsafeMutableRawPointer {
      unsafe UnsafeMutableRawPointer(bytes.pointer + parts.range(of: rank).lowerBound)
    }
    func target(ofRank rank: Int) -> UnsafeMutableRawPointer {
      unsafe UnsafeMutableRawPointer(results.values.pointer + images(ofRank: rank).lowerBound)
    }
    let own = ranks.rank
    unsafe place(ofRank: own).copyMemory(
      from: target(ofRank: own), byteCount: parts.range(of: own).count)
    unsafe ranks.allGather(parts, in: UnsafeMutableRawBufferPointer(bytes.elements))
    for other in 0..<ranks.size where other != own {
      unsafe target(ofRank: other).copyMemory(
        from: place(ofRank: other), byteCount: parts.range(of: other).count)
    }
  }

  /// Runs the network forward on the images of some chunks, and calls `body` with the pass that an
  /// image is a sample of.
  private func run(
    _ chunks: Range<Int>, onImages: @Sendable (_ images: Int) -> Void = { _ in },
    _ body: @Sendable (_ plan: NetworkPlan, _ pass: SamplePass, _ sample: Int, _ image: Int) -> Void
  ) {
    let count = store.count
    guard !chunks.isEmpty else { return }
    folding.map { $0.network.fold(parameters, into: $0.parameters) }
    let chunkSize = cut.chunkSize
    team.run(rounds: 1, phases: [chunks.count]) { ticket in
      let first = (chunks.lowerBound + ticket.chunk) * chunkSize
      let samples = min(chunkSize, count - first)
      let memory = memory[ticket.worker]
      let plan = memory.worker.plan
      let images = first..<first + samples
      store.readAhead(of: images)
      let pass = pass(images, folding?.parameters ?? parameters, in: memory)
      for (number, view) in views.enumerated() {
        write(images, seenAs: view, to: pass, in: memory)
        plan.forward(pass)
        memory.views?.add(plan, pass, view, isFirst: number == 0)
      }
      memory.views?.finish(plan, pass)
      for sample in 0..<samples { body(plan, pass, sample, first + sample) }
      onImages(samples)
    }
  }

  /// Finds the layer in which the first non-finite loss originated, by running its sample again.
  private func fault(in results: Results) -> FaultyLayer? {
    let sample = unsafe results.values.elements.firstIndex { !$0.loss.isFinite }
    return sample.map { sample in
      // The network as it is trained: what is folded has no layer of its own.
      let memory = Memory(
        worker: Worker(plan, samples: 1), batch: BatchMemory(plan, samples: 1, slots: 0),
        scratch: store.makeScratch(), views: views.count > 1 ? ViewMemory(plan, samples: 1) : nil)
      // A pass does not keep the batch's memory alive.
      defer { extendLifetime(memory) }
      let images = sample..<sample + 1
      let pass = pass(images, parameters, in: memory)
      func layer(_ view: ImageView) -> PlacedLayer {
        write(images, seenAs: view, to: pass, in: memory)
        return plan.layerThatOverflows(pass)
      }
      return flushingDenormals {
        FaultyLayer(
          views.dropFirst().reduce(layer(views[0])) { first, view in
            let layer = layer(view)
            return layer.number < first.number ? layer : first
          })
      }
    }
  }

  private func pass(
    _ images: Range<Int>, _ parameters: ParameterMemory, in memory: Memory
  ) -> SamplePass {
    unsafe SamplePass(
      parameters: parameters, batch: memory.batch, worker: memory.worker.memory,
      samples: 0..<images.count, slot: nil, training: nil)
  }

  /// Writes the input of a pass.
  private func write(
    _ images: Range<Int>, seenAs view: ImageView, to pass: SamplePass, in memory: Memory
  ) {
    let input = memory.worker.plan.input
    for (sample, image) in images.enumerated() {
      let values = unsafe pass.values(input, sample)
      let key = SampleKey.evaluated(image, variation: view.variation)
      if view.isMoved, let original = unsafe memory.views?.image.pointer {
        unsafe store.write(key, to: original, scratch: memory.scratch)
        unsafe view.move(original, to: values, input.values)
      } else {
        unsafe store.write(key, to: values, scratch: memory.scratch)
      }
    }
  }
}

/// How an evaluation is cut into chunks.
struct EvaluationCut {
  /// At most as many samples as fit in half the second cache or, where the weights do not fit in it, as
  /// many as bring weights and values into balance: each chunk reads the weights from a more distant one.
  let chunkSize: Int
  /// Worker threads: at most one per chunk. `WorkerTeam` caps them at the available cores.
  let workers: Int

  init(_ plan: NetworkPlan, images: Int, threads: Int) {
    let sample = max(1, plan.bytesASample)
    let cache = NetworkPlan.secondCacheBytes
    let cached = cache / 2 / sample
    let weights = plan.parameterBytes > Double(cache) ? Int(2 * plan.parameterBytes) : 0
    // The same on all ranks, whatever their threads; of few images, chunks for many.
    let balanced = min(weights / sample, images / 64)
    chunkSize = max(1, min(32, max(cached, balanced)))
    workers = max(1, min(threads, (images + chunkSize - 1) / chunkSize))
  }
}

/// The result of an evaluation on a set of images.
package struct Evaluation: Sendable, Equatable {
  /// The mean over the samples.
  package let loss: Double
  /// The share of samples whose label has the largest output.
  package let accuracy: Double
  /// Where the first non-finite loss originated; nil if all losses are finite.
  package let fault: FaultyLayer?

  package init(loss: Double, accuracy: Double, fault: FaultyLayer? = nil) {
    self.loss = loss
    self.accuracy = accuracy
    self.fault = fault
  }
}
