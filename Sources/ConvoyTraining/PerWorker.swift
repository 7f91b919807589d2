import ConvoyNeuralNetwork

/// A value for each worker of a team, made by the worker that first asks for its own: memory then
/// lies near the core that uses it, and workers that never run cost nothing.
///
/// Sound to share: a worker asks for its own value alone, one at a time within a run of the team,
/// and runs follow one another.
/// Safe to use: the buffer is its own, initialised with it and freed with it.
@safe final class PerWorker<Value>: @unchecked Sendable {
  private let values: UnsafeMutableBufferPointer<Value?>
  private let make: @Sendable () -> Value

  init(count: Int, make: @escaping @Sendable () -> Value) {
    unsafe values = .allocate(capacity: count)
    unsafe values.initialize(repeating: nil)
    self.make = make
  }

  deinit {
    unsafe values.deinitialize()
    unsafe values.deallocate()
  }

  subscript(worker: Int) -> Value {
    if let value = unsafe values[worker] { return value }
    let value = make()
    unsafe values[worker] = value
    return value
  }
}

/// What one worker of a team works by and in; no other worker touches any of it.
struct Worker {
  let plan: NetworkPlan
  let memory: WorkerMemory

  /// - Parameter samples: the most that a pass holds.
  init(_ plan: NetworkPlan, samples: Int) {
    self.plan = plan.separateCopy()
    memory = WorkerMemory(plan, samples: samples)
  }
}
