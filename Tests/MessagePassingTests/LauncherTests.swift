import ConvoyMessagePassing
import Testing

/// What launchers tell in the environment of the processes they start.
@Suite struct LauncherTests {
  private func expect(
    _ environment: [String: String], _ name: String, rank: Int, size: Int, localSize: Int?,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let launcher = try #require(Launcher(environment), sourceLocation: location)
    #expect(launcher.name == name, sourceLocation: location)
    #expect((launcher.rank, launcher.size) == (rank, size), sourceLocation: location)
    #expect(launcher.localSize == localSize, sourceLocation: location)
  }

  @Test func launchersAreToldByTheirVariables() throws {
    try expect(
      [
        "OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_LOCAL_SIZE": "2",
      ], "Open MPI's mpirun", rank: 3, size: 4, localSize: 2)
    try expect(
      ["PMI_SIZE": "3", "PMI_RANK": "1", "MPI_LOCALNRANKS": "3"], "MPICH's mpirun", rank: 1,
      size: 3, localSize: 3)
    try expect(
      [
        "SLURM_STEP_NUM_TASKS": "8", "SLURM_PROCID": "5", "SLURM_STEP_TASKS_PER_NODE": "4(x2)",
        "PMI_SIZE": "8", "PMI_RANK": "5",
      ], "srun", rank: 5, size: 8, localSize: 4)
  }

  /// MPICH's mpirun starts its processes by a step of Slurm with one task a machine.
  @Test func aLauncherWithinAnotherIsTheOneThatCounts() throws {
    try expect(
      [
        "SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0", "SLURM_STEP_TASKS_PER_NODE": "1",
        "PMI_SIZE": "6", "PMI_RANK": "4", "MPI_LOCALNRANKS": "6",
      ], "MPICH's mpirun", rank: 4, size: 6, localSize: 6)
  }

  /// A script that Slurm runs has an allocation, but is a single process.
  @Test func aProcessByItselfHasNoLauncher() {
    #expect(Launcher(["SLURM_NTASKS": "8", "SLURM_PROCID": "0"]) == nil)
    #expect(Launcher(["PATH": "/bin"]) == nil)
    #expect(Launcher(["OMPI_COMM_WORLD_SIZE": "many", "OMPI_COMM_WORLD_RANK": "0"]) == nil)
    // Left over, or wrong.
    #expect(Launcher(["OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "1"]) == nil)
    #expect(Launcher(["PMI_SIZE": "0", "PMI_RANK": "0"]) == nil)
    #expect(Launcher(["PMI_SIZE": "2"]) == nil)
  }

  /// Without a plugin, `srun` starts processes of which a library of MPI knows nothing.
  @Test(arguments: [
    ([:], false), (["SLURM_MPI_TYPE": "none"], false), (["SLURM_MPI_TYPE": "pmix"], true),
    (["PMIX_RANK": "1"], true), (["PMI_FD": "11"], true),
  ])
  func srunNeedsAPlugin(environment: [String: String], isAble: Bool) throws {
    let task = ["SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "1"]
    let launcher = try #require(Launcher(task.merging(environment) { $1 }))
    #expect(launcher.providesProcessManager == isAble)
  }

  @Test func noCoresAreDividedByNothing() throws {
    try expect(
      [
        "OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_LOCAL_SIZE": "0",
      ],
      "Open MPI's mpirun", rank: 0, size: 1, localSize: nil)
  }

  @Test func ofNestedLaunchersTheOneThatStartedSeveralCounts() throws {
    try expect(
      [
        "OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0", "PMI_SIZE": "2", "PMI_RANK": "1",
      ], "MPICH's mpirun", rank: 1, size: 2, localSize: nil)
  }

  @Test func aLibraryThatIsMissingIsNamed() throws {
    let launcher = try #require(Launcher(["PMI_SIZE": "3", "PMI_RANK": "1"]))
    let error = #expect(throws: MPIError.self) {
      try MPIProcess(launcher, library: "libnone.so.9") { nil }
    }
    let text = try #require(error.map { "\($0)" })
    #expect(
      text.hasPrefix("MPICH's mpirun started 3 processes, which need its library; found none:"))
    #expect(text.contains("libnone.so.9") && !text.contains("--"))
  }

  /// A library of something else has none of the functions.
  @Test func aLibraryOfSomethingElseIsRefused() throws {
    let launcher = try #require(Launcher(["PMI_SIZE": "3", "PMI_RANK": "1"]))
    #if os(Linux)
      let error = #expect(throws: MPIError.self) {
        try MPIProcess(launcher, library: "libz.so.1") { nil }
      }
      #expect("\(try #require(error))".contains("expected the function MPI_"))
    #endif
  }
}
