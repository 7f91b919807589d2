import ConvoyDatasets
import ConvoyMessagePassing
import ConvoyProcessLimits
import ConvoyTraining
import Foundation
import Synchronization

/// The processes that train one network together, as a launcher of MPI has started them: `mpirun -n 4 PROGRAM`,
/// or `srun`. Each runs the whole program, and a training shares every batch between them, to the bytes that one
/// process gives.
///
/// ```swift
/// let ranks = try Ranks.launched()
/// var training = try Training(of: network, on: DataFiles("data/mnist"))
/// training.ranks = ranks
/// for try await epoch in training.epochs(3) where ranks.isFirst {
///   print(epoch.number, epoch.loss)
/// }
/// if ranks.isFirst { try training.model.write(to: "digits.safetensors") }
/// ranks.leave()
/// ```
///
/// - All processes make the same trainings and ask for the same epochs, in the same order; before the first
///   step, they compare data, settings, network and weights. Only the threads and paths may differ.
/// - Only the process of rank 0 writes a checkpoint and a log. A run is resumed by any number of processes.
/// - What keeps a run from beginning in one process is an error in all, and so is a loss that is not finite.
///   A run that is cancelled in one is cancelled in all.
/// - A file or image that fails one process while it trains ends all of them: it prints its error and asks the
///   launcher to end the others, since they wait for it.
/// - An error that the program does not catch ends all of them too, as the launcher sees a process crash.
public struct Ranks: Sendable {
  /// The process by itself.
  public static let single = Ranks(SingleProcess())

  /// Joins the other processes, or returns ``single`` where no launcher has started several. To be called at
  /// the beginning, before anything that may fail: until it has joined, some launchers leave the others
  /// waiting. A second call returns the same ranks.
  ///
  /// - Parameter library: of MPI, a path or a name; nil to look for the launcher's.
  /// - Throws: ``ConvoyError`` if there is no library, or it belongs to another launcher.
  public static func launched(library: String? = nil) throws -> Ranks {
    try joined.withLock { joined in
      if let joined { return joined }
      guard let launcher = Launcher(), launcher.size > 1 else { return single }
      let process = try ConvoyError.visibly {
        try MPIProcess(launcher, library: library) { nil }
      }
      let ranks = Ranks(process, threads: AvailableCores.share(of: launcher))
      joined = ranks
      return ranks
    }
  }

  /// A process joins once.
  private static let joined = Mutex<Ranks?>(nil)

  let process: any MessagePassing
  private let state = State()
  /// The cores that this process may use, divided by the ranks of this machine unless the launcher has
  /// divided them.
  public let threads: Int

  package init(_ process: any MessagePassing, threads: Int = AvailableCores.count) {
    self.process = process
    self.threads = threads
  }

  /// Of this process, from 0.
  public var rank: Int { process.rank }
  /// The number of processes.
  public var count: Int { process.size }
  /// Whether this is the process of rank 0, which prints and writes files.
  public var isFirst: Bool { rank == 0 }

  /// Leaves the others in order, at the end of the program; a run that has not ended is cancelled in all. A
  /// launcher takes a process that ends without it for one that has failed.
  public func leave() {
    guard let run = state.leave() else { return }
    run.exchange?.stopAndWait()
    process.leave()
  }

  /// The data that rank 0 reads, on every rank: for data that the other machines do not have. All ranks ask
  /// for it; a run that has not ended is cancelled before.
  ///
  /// - Parameter read: called by rank 0 alone.
  /// - Throws: on rank 0, what `read` throws, and errors of an ``ImageSource``; on the others ``ConvoyError``
  ///   then. Of several ranks, `SettingsError` after ``leave()``.
  public func data(_ read: () throws -> some TrainingData) throws -> SharedData {
    guard count > 1 else { return SharedData(try read().dataset()) }
    try state.begin(nil).exchange?.stopAndWait()
    return try ConvoyError.visibly {
      SharedData(try Dataset.shared(by: process) { try read().dataset() })
    }
  }
}

extension Ranks {
  /// The run that exchanges messages, of which there is one.
  private final class State: Sendable {
    struct Run { var exchange: EpochExchange? }

    private let run = Mutex<Run?>(Run())

    /// - Parameter exchange: nil for messages without a run.
    /// - Returns: the run before.
    /// - Throws: if the ranks have been left.
    func begin(_ exchange: EpochExchange?) throws(SettingsError) -> Run {
      let earlier = run.withLock { run in
        let earlier = run
        if earlier != nil { run = Run(exchange: exchange) }
        return earlier
      }
      guard let earlier else {
        throw SettingsError(
          setting: "ranks", expected: "processes that train together",
          found: "one that has left the others")
      }
      return earlier
    }

    func end(_ exchange: EpochExchange) {
      run.withLock { if $0?.exchange === exchange { $0 = Run() } }
    }

    /// - Returns: the last run; nil if the ranks have been left before.
    func leave() -> Run? {
      run.withLock { run in
        defer { run = nil }
        return run
      }
    }
  }

  /// Trains a run that all ranks begin. An earlier one ends before, on all ranks.
  ///
  /// - Parameter prepare: calls no other rank.
  func run(
    _ exchange: EpochExchange, _ prepare: () throws -> TrainingRun,
    train: (TrainingRun) throws -> RunResult
  ) throws -> RunResult {
    guard count > 1 else { return try train(prepare()) }
    let earlier = try state.begin(exchange)
    defer { state.end(exchange) }
    earlier.exchange?.stopAndWait()
    let run = try process.together(prepare)
    try process.checkSame(run)
    do {
      return try train(run)
    } catch let error where RankError.hasReachedAll(error) {
      throw error
    } catch {
      // The others wait for this process, which cannot go on.
      FileHandle.standardError.write(Data("rank \(rank): \(error)\n".utf8))
      process.abort()
    }
  }
}

/// Data that one of several processes has read for all.
public struct SharedData: TrainingData, Equatable {
  /// What the network learns from.
  public let training: Samples
  /// For judging epochs; nil for none.
  public let validation: Samples?
  /// For the test of the trained network; nil for none.
  public let test: Samples?
  let testPart: TestPart?

  init(_ dataset: Dataset) {
    training = Samples(dataset.training)
    validation = dataset.validation.map(Samples.init)
    test = dataset.test.count > 0 ? Samples(dataset.test) : nil
    testPart = dataset.testPart
  }
}
