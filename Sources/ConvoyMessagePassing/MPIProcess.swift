import Foundation

/// This process as a rank of MPI.
package final class MPIProcess: MessagePassing {
  package let rank: Int
  package let size: Int
  /// The library and its version.
  package var library: String { functions.name }
  private let functions: MPILibrary
  private let signal: @Sendable () -> CInt?

  /// Joins the ranks that a launcher has started.
  ///
  /// - Parameters:
  ///   - library: of MPI; nil to look for the launcher's.
  ///   - signal: asked while this process waits for another: the signal that asks it to end, if any.
  /// - Throws: `MPIError` if there is none, or it is another's than the launcher.
  package init(
    _ launcher: Launcher, library: String? = nil, signal: @escaping @Sendable () -> CInt?
  ) throws(MPIError) {
    self.signal = signal
    functions = try MPILibrary(
      firstOf: library.map { [$0] } ?? launcher.libraries, for: launcher)
    try functions.initialize()
    (rank, size) = (functions.rank, functions.size)
    guard size == launcher.size else {
      functions.finalize()
      throw .otherLibrary(launcher, library: functions.name, found: size)
    }
  }

  /// The longest message: counts are 32-bit.
  private static let longest = 1 << 30

  package func exchange(
    _ sent: UnsafeRawBufferPointer, to receiver: Int,
    _ received: UnsafeMutableRawBufferPointer, from sender: Int
  ) {
    var start = 0
    repeat {
      func piece(of count: Int) -> Range<Int> {
        min(start, count)..<min(start + Self.longest, count)
      }
      var receiving = unsafe functions.receive(
        UnsafeMutableRawBufferPointer(rebasing: received[piece(of: received.count)]), from: sender)
      var sending = unsafe functions.send(
        UnsafeRawBufferPointer(rebasing: sent[piece(of: sent.count)]), to: receiver)
      wait(for: sender) { receiving.test(functions) && sending.test(functions) }
      start += Self.longest
    } while start < max(sent.count, received.count)
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

  package func leave() { functions.finalize() }

  package func abort() -> Never {
    functions.abort(code: 1)
    exit(1)
  }

  /// How long a rank that was asked to end waits for another, in seconds.
  private static let patience = 2.0
}

/// Why ranks cannot work together.
package enum MPIError: Error, CustomStringConvertible {
  case noLibrary(Launcher, reasons: [String])
  case otherLibrary(Launcher, library: String, found: Int)
  case threads(library: String)

  package var description: String {
    switch self {
    case .noLibrary(let launcher, let reasons):
      "\(launcher.name) started \(launcher.size) processes, which need its library; found none: "
        + reasons.joined(separator: "; ") + "; --mpi names it"
    case .otherLibrary(let launcher, let library, let found):
      "\(launcher.name) started \(launcher.size) processes, but \(library) finds \(found): it is "
        + "another's library; --mpi names the right one"
    case .threads(let library):
      "\(library): expected to be called by one thread at a time, found by the first only"
    }
  }
}
