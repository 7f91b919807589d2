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

  /// Nil where the process was started by itself.
  package init?(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
    func number(_ names: String...) -> Int? {
      // Slurm writes the tasks of its machines as 4(x2),3.
      names.lazy.compactMap { environment[$0]?.prefix { $0.isNumber } }.first.flatMap { Int($0) }
    }
    if let size = number("OMPI_COMM_WORLD_SIZE"), let rank = number("OMPI_COMM_WORLD_RANK") {
      self.init(
        name: "Open MPI's mpirun", rank: rank, size: size,
        localSize: number("OMPI_COMM_WORLD_LOCAL_SIZE"),
        libraries: Self.openMPI)
    } else if let size = number("PMI_SIZE"), let rank = number("PMI_RANK"),
      let local = number("MPI_LOCALNRANKS")
    {
      // Within Slurm, its processes are part of a step of one task a machine.
      self.init(
        name: "MPICH's mpirun", rank: rank, size: size, localSize: local, libraries: Self.mpich)
    } else if let size = number("SLURM_STEP_NUM_TASKS"), let rank = number("SLURM_PROCID") {
      self.init(
        name: "srun", rank: rank, size: size, localSize: number("SLURM_STEP_TASKS_PER_NODE"),
        libraries: environment["PMI_SIZE"] == nil
          ? Self.openMPI + Self.mpich : Self.mpich + Self.openMPI)
    } else if let size = number("PMI_SIZE"), let rank = number("PMI_RANK") {
      self.init(
        name: "MPICH's mpirun", rank: rank, size: size, localSize: nil, libraries: Self.mpich)
    } else {
      return nil
    }
  }

  private init(name: String, rank: Int, size: Int, localSize: Int?, libraries: [String]) {
    self.name = name
    self.rank = rank
    self.size = size
    self.localSize = localSize
    self.libraries = libraries
  }
}
