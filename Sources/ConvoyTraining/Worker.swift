import ConvoyNeuralNetwork

/// What one worker of a team works by and in; no other worker touches any of it.
struct Worker {
  let plan: NetworkPlan
  let memory: WorkerMemory

  /// - Parameter samples: the most that a shard holds.
  init(_ plan: NetworkPlan, samples: Int) {
    self.plan = plan.separateCopy()
    memory = WorkerMemory(plan, samples: samples)
  }
}
