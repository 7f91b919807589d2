import Foundation

/// This process as a rank of MPI.
package final class MPIProcess: MessagePassing {
  package let rank: Int
  package let size: Int
  package let localSize: Int
  /// The library and its version.
  package var library: String { mpi.name }
  private let mpi: MPILibrary
  private let signal: @Sendable () -> CInt?

  /// Joins the ranks that a launcher has started.
  ///
  /// - Parameters:
  ///   - library: of MPI; nil to look for the launcher's.
  ///   - signal: asked while this process waits for another: the signal that asks it to end, if any.
  /// - Throws: `MPIError` if there is none, the library does not belong to the launcher, or the launcher's
  ///   processes cannot find each other.
  package init(
    _ launcher: Launcher, library: String? = nil, signal: @escaping @Sendable () -> CInt?
  ) throws(MPIError) {
    self.signal = signal
    localSize = launcher.localSize ?? 1
    // MPI's own initialisation would end the process, or take it for the only one.
    guard launcher.size == 1 || launcher.providesProcessManager else {
      throw .noProcessManager(launcher)
    }
    mpi = try MPILibrary(
      firstOf: library.map { [$0] } ?? launcher.libraries, for: launcher)
    try mpi.initialize()
    (rank, size) = (mpi.rank, mpi.size)
    guard size == launcher.size, rank == launcher.rank else {
      mpi.finalize()
      throw .otherLibrary(launcher, library: mpi.name, rank: rank, size: size)
    }
  }

  /// The longest message: counts are 32-bit.
  private static let longest = 1 << 30

  package func exchange(
    _ sent: UnsafeRawBufferPointer, to receiver: Int,
    _ received: UnsafeMutableRawBufferPointer, from sender: Int
  ) {
    // Both ends know how many messages each direction takes; at least one.
    func messages(_ count: Int) -> Int { max(1, (count + Self.longest - 1) / Self.longest) }
    func piece(_ number: Int, of count: Int) -> Range<Int> {
      number * Self.longest..<min((number + 1) * Self.longest, count)
    }
    let (sends, receives) = (messages(sent.count), messages(received.count))
    for number in 0..<max(sends, receives) {
      var receiving =
        number < receives
        ? unsafe mpi.receive(
          UnsafeMutableRawBufferPointer(rebasing: received[piece(number, of: received.count)]),
          from: sender) : nil
      var sending =
        number < sends
        ? unsafe mpi.send(
          UnsafeRawBufferPointer(rebasing: sent[piece(number, of: sent.count)]), to: receiver)
        : nil
      wait(for: sender) {
        receiving?.test(mpi) != false && sending?.test(mpi) != false
      }
    }
  }

  /// Tests before a waiting process lets others use its core.
  private static let spins = 2_000

  /// Waits until `isDone`, and ends the process if it was asked to end, but its partner does not
  /// answer.
  private func wait(for partner: Int, _ isDone: () -> Bool) {
    var tests = 0
    var asked: ContinuousClock.Instant?
    while !isDone() {
      tests += 1
      guard tests > Self.spins else { continue }
      sched_yield()
      guard tests.isMultiple(of: Self.spins), let signal = signal() else { continue }
      let since = asked ?? .now
      asked = since
      guard since.duration(to: .now) > .seconds(Self.patience) else { continue }
      FileHandle.standardError.write(
        Data("rank \(rank) ends: rank \(partner) does not answer\n".utf8))
      _exit(128 + signal)
    }
  }

  package func leave() { mpi.finalize() }

  package func abort() -> Never {
    mpi.abort(code: 1)
    exit(1)
  }

  /// How long a rank that was asked to end waits for another, in seconds: longer than a step, or
  /// saving. The launcher ends it earlier if a rank is dead.
  private static let patience = 60.0
}

/// Why ranks cannot work together.
package enum MPIError: Error, CustomStringConvertible {
  case noLibrary(Launcher, reasons: [String])
  case otherLibrary(Launcher, library: String, rank: Int, size: Int)
  case threads(library: String)
  case noProcessManager(Launcher)

  package var description: String {
    switch self {
    case .noLibrary(let launcher, let reasons):
      "\(launcher.name) started \(launcher.size) processes, which need its library; found none: "
        + reasons.joined(separator: "; ")
    case .otherLibrary(let launcher, let library, let rank, let size):
      "\(launcher.name) started this as process \(launcher.rank) of \(launcher.size), but \(library) "
        + "takes it for \(rank) of \(size): it is another launcher's library"
    case .threads(let library):
      "\(library): expected to be called by one thread at a time, found by the first only"
    case .noProcessManager(let launcher):
      "\(launcher.name) started \(launcher.size) processes without a plugin of MPI, so they cannot find "
        + "each other: use srun --mpi=pmix for Open MPI's library, or srun --mpi=pmi2 for MPICH's"
    }
  }
}
