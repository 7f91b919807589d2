import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFigures
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

  private static let joined = Mutex<any MessagePassing>(SingleProcess())

  /// The processes that train together; this one by itself where no launcher started several.
  static var ranks: any MessagePassing { joined.withLock(\.self) }

  /// Runs the tool; as one of several processes that train, after it has joined the others. The first
  /// of them speaks.
  ///
  /// - Parameter arguments: of the process.
  static func joining(
    _ arguments: [String], _ console: Console, _ run: (Console) -> CommandLineTool.ExitCode
  ) -> CommandLineTool.ExitCode {
    guard let launcher, launcher.size > 1 else { return run(console) }
    let console =
      isFirst ? console : Console(output: { _ in }, error: { _ in }, errorIsTerminal: false)
    guard arguments.first == TrainCommand.description.name else { return run(console) }
    do {
      // Before anything that may fail on one of them: until it has joined, some launchers leave the
      // others waiting.
      let process = try MPIProcess(launcher, library: library(arguments)) { Interruption.pending }
      joined.withLock { $0 = process }
    } catch {
      // Others say it too if the launcher has not ended them by then.
      if !isFirst { sleep(3) }
      let rank = isFirst ? "" : "rank \(launcher.rank): "
      let advice =
        switch error {
        case .noLibrary: "; --mpi names it"
        case .otherLibrary: "; --mpi names the right one"
        case .threads, .noProcessManager: ""
        }
      Console.standard.error("Error: \(rank)\("\(error)\(advice)".onOneLine)\n")
      return .failure
    }
    let code = run(console)
    // Launchers end the others when one has failed; so the first speaks before.
    ranks.leave()
    return code
  }

  private static func library(_ arguments: [String]) -> String? {
    if let joint = arguments.last(where: { $0.hasPrefix("--mpi=") }) {
      return String(joint.dropFirst("--mpi=".count))
    }
    return arguments.firstIndex(of: "--mpi").flatMap { place in
      place + 1 < arguments.count ? arguments[place + 1] : nil
    }
  }

  /// Checks that all processes have the same options, as far as these decide what they exchange or
  /// compute.
  static func checkSame(_ options: ParsedOptions) throws(RankError) {
    let own: Set<String> = ["instruction-set", "mpi", "options", "quiet", "threads"]
    let paths = TrainingSettings.paths.union(TrainOptions.otherPaths)
    var texts: [String: String] = [:]
    for (name, text) in options.texts where !own.contains(name) {
      texts["option --\(name)"] = text.isEmpty || paths.contains(name) ? "given" : text
    }
    try ranks.checkSame(texts)
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
  static var threads: Int { AvailableCores.share(of: launcher) }

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
