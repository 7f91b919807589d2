import Foundation

/// The program that started this process as one of several ranks, as its environment tells.
package struct Launcher: Sendable, Equatable {
  /// The launcher's name, for error messages.
  package let name: String
  package let rank: Int
  package let size: Int
  /// The ranks on this machine; nil where the launcher does not say.
  package let localSize: Int?
  /// Libraries of MPI to try, in order.
  let libraries: [String]
  /// Whether its processes can find each other: not under `srun` without a plugin of MPI.
  package private(set) var providesProcessManager = true

  #if canImport(Darwin)
    private static let openMPI = [
      "libmpi.40.dylib", "/opt/homebrew/lib/libmpi.40.dylib", "/usr/local/lib/libmpi.40.dylib",
    ]
    private static let mpich = [
      "libmpi.12.dylib", "/opt/homebrew/lib/libmpi.12.dylib", "/usr/local/lib/libmpi.12.dylib",
      "libmpi_abi.1.dylib",
    ]
  #else
    private static let openMPI = ["libmpi.so.40"]
    private static let mpich = ["libmpich.so.12", "libmpi.so.12", "libmpi_abi.so.1"]
  #endif

  /// The launcher of this process; within each other, the one that started several. Nil where the
  /// process was started by itself.
  package init?(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
    func number(_ name: String) -> Int? {
      // Slurm writes the tasks of its machines as 4(x2),3.
      environment[name].flatMap { Int($0.prefix { $0.isNumber }) }
    }
    func launcher(
      _ name: String, rank: String, size: String, localSize: String, _ libraries: [String]
    ) -> Launcher? {
      guard let rank = number(rank), let size = number(size), (0..<size).contains(rank) else {
        return nil
      }
      let local = number(localSize).flatMap { $0 > 0 ? $0 : nil }
      return Launcher(name: name, rank: rank, size: size, localSize: local, libraries: libraries)
    }
    let launchers = [
      launcher(
        "Open MPI's mpirun", rank: "OMPI_COMM_WORLD_RANK", size: "OMPI_COMM_WORLD_SIZE",
        localSize: "OMPI_COMM_WORLD_LOCAL_SIZE", Self.openMPI),
      // Within Slurm, its processes are part of a step of one task a machine.
      environment["MPI_LOCALNRANKS"] == nil
        ? nil
        : launcher(
          "MPICH's mpirun", rank: "PMI_RANK", size: "PMI_SIZE", localSize: "MPI_LOCALNRANKS",
          Self.mpich),
      launcher(
        Self.srun, rank: "SLURM_PROCID", size: "SLURM_STEP_NUM_TASKS",
        localSize: "SLURM_STEP_TASKS_PER_NODE",
        environment["PMI_SIZE"] == nil ? Self.openMPI + Self.mpich : Self.mpich + Self.openMPI),
      launcher(
        "MPICH's mpirun", rank: "PMI_RANK", size: "PMI_SIZE", localSize: "MPI_LOCALNRANKS",
        Self.mpich),
    ].compactMap(\.self)
    guard let found = launchers.first(where: { $0.size > 1 }) ?? launchers.first else {
      return nil
    }
    self = found
    if name == Self.srun {
      let type = environment["SLURM_MPI_TYPE"]
      providesProcessManager =
        type.map { $0 != "none" } ?? environment.keys.contains { $0.hasPrefix("PMI") }
    }
  }

  private static let srun = "srun"

  private init(name: String, rank: Int, size: Int, localSize: Int?, libraries: [String]) {
    self.name = name
    self.rank = rank
    self.size = size
    self.localSize = localSize
    self.libraries = libraries
  }
}
