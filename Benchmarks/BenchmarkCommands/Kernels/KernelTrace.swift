import ConvoyKernelInterface
import ConvoyTestSupport
import Synchronization

/// Which kernels a step calls, in their order.
final class KernelTrace: Sendable {
  /// Each call once. Those for different layers count as one if they are for the same shape.
  struct Counted {
    let call: KernelCall
    var count = 0
    /// Gradients in the lists that the calls walked along.
    var listed = 0
  }

  struct Entry: Equatable {
    /// Its place among the calls.
    let call: Int
    /// The first layer of the stage; nil for what is no stage's.
    let layer: Int?
  }

  private struct State {
    var calls: [Counted] = []
    var entries: [Entry] = []
    var listing: ListedWindows?
  }

  private let state = Mutex(State())

  var calls: [Counted] { state.withLock { $0.calls } }
  var entries: [Entry] { state.withLock { $0.entries } }

  func forget() { state.withLock { $0 = State() } }

  func record(_ call: KernelCall, layer: Int?, listed: Int = 0) {
    state.withLock { state in
      let place = state.calls.firstIndex { $0.call == call } ?? state.calls.count
      if place == state.calls.count { state.calls.append(Counted(call: call)) }
      state.calls[place].count += 1
      state.calls[place].listed += listed
      state.entries.append(Entry(call: place, layer: layer))
    }
  }

  /// A sample was listed. One thread lists, so the lists that are read next are these.
  func list(_ pooling: PoolingGeometry, empty: Bool) {
    state.withLock { state in
      let samples = empty ? 0 : state.listing?.samples ?? 0
      state.listing = ListedWindows(pooling: pooling, samples: samples + 1)
    }
  }

  /// What was listed last.
  var listing: ListedWindows? { state.withLock { $0.listing } }
}
