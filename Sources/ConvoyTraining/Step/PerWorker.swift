import ConvoyNeuralNetwork

/// A value per worker of a team, created by the worker itself on first use. Its memory is then near
/// that worker's core, and workers that never run cost nothing.
///
/// Sound to share: a worker accesses only its own value, sequentially within a run of the team, and
/// runs are sequential. Safe to use: it owns the buffer, which is initialised and freed with it.
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

/// The plan and memory of one worker, which no other worker touches.
final class Worker {
  let plan: NetworkPlan
  let memory: WorkerMemory

  /// - Parameter samples: the most samples per pass.
  init(_ plan: NetworkPlan, samples: Int) {
    self.plan = plan.separateCopy()
    memory = WorkerMemory(plan, samples: samples)
  }
}
