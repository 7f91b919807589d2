import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyMessagePassing
import ConvoyProcessLimits
import ConvoyTerminal
import ConvoyTraining
import Foundation
import Synchronization

/// The ranks of a training run that a launcher has started as several processes.
enum RankOptions {
  static let descriptions: [OptionDescription] = [
    .value(
      "mpi", "library",
      help:
        "The library of MPI to use, where mpirun or srun started several processes. Without it, "
        + "the launcher's is looked for."),
    .flag(
      "data-from-rank-0",
      help:
        "Only rank 0 reads the data, and sends it to the other processes. Without it, each reads "
        + "its own copy."),
  ]

  private static let launcher = Launcher()

  /// Whether this process reports and writes files.
  static var isFirst: Bool { (launcher?.rank ?? 0) == 0 }

  /// Runs `body` as one of several processes that do the same, of which the first speaks. Another says
  /// why it fails if the launcher has not ended it by then, since it is then the only one that does.
  static func speaking(
    _ console: Console, _ body: (Console) -> CommandLineTool.ExitCode
  ) -> CommandLineTool.ExitCode {
    guard let launcher, !isFirst else { return body(console) }
    let last = Mutex("")
    let code = body(
      Console(
        output: { _ in }, error: { text in last.withLock { $0 = text } }, errorIsTerminal: false))
    if code != .success, !hasJoined.load(ordering: .relaxed) {
      sleep(3)
      console.error("rank \(launcher.rank): \(last.withLock(\.self))")
    }
    return code
  }

  private static let hasJoined = Atomic<Bool>(false)

  /// The processes that train together.
  ///
  /// - Throws: `MPIError` if they cannot.
  static func join(_ options: ParsedOptions) throws(MPIError) -> any MessagePassing {
    guard let launcher, launcher.size > 1 else { return SingleProcess() }
    let process = try MPIProcess(launcher, library: options.string("mpi")) { Interruption.pending }
    hasJoined.store(true, ordering: .relaxed)
    return process
  }

  /// Reads the data: each rank its own, or rank 0 for all. Where pictures are packed into a file, rank
  /// 0 does it before the others read.
  ///
  /// - Throws: on all ranks, if any fails.
  static func load(
    _ options: ParsedOptions, cache: String?, by ranks: any MessagePassing,
    _ read: () throws -> Dataset
  ) throws -> Dataset {
    if ranks.size > 1, options.flag("data-from-rank-0") {
      return try Dataset.shared(by: ranks, read)
    }
    guard ranks.size > 1, cache != nil else { return try ranks.together(read) }
    let first = try ranks.together { ranks.rank == 0 ? try read() : nil }
    return try ranks.together { try first ?? read() }
  }

  /// Refuses a command that would do the same in each process.
  static func checkSingle(_ command: String) throws(UsageError) {
    guard let launcher, launcher.size > 1 else { return }
    throw .invalidCombination(
      "\(command): expected a process by itself, found \(launcher.size) of \(launcher.name); only "
        + "train shares its work")
  }

  /// The default number of threads: the cores that this process may use, divided by the ranks on this
  /// machine unless the launcher has divided them.
  static var threads: Int {
    let ranks = launcher?.localSize ?? 1
    let own = AvailableCores.count / (AvailableCores.areAll ? ranks : 1)
    return max(1, min(own, AvailableCores.online / ranks))
  }

  /// What to say where the launcher gives a rank fewer cores than its share of the machine.
  static var bindingNote: String? {
    guard let launcher, !AvailableCores.areAll,
      AvailableCores.count < AvailableCores.online / (launcher.localSize ?? 1)
    else { return nil }
    let cores = AvailableCores.count == 1 ? "1 core" : "\(AvailableCores.count) cores"
    return "\(launcher.name) lets this process use \(cores) of \(AvailableCores.online); "
      + "mpirun --bind-to none, or srun --cpus-per-task, gives it more"
  }
}
