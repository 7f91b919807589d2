import ConvoyTestSupport
import Testing

@testable import ConvoyProcessLimits

/// Machines are directories with the files that say where a process's groups are and what they limit.
@Suite struct ControlGroupsTests {
  private let root: TemporaryDirectory

  init() throws { root = try TemporaryDirectory() }

  private func groups(_ files: [String: String]) throws -> ControlGroups {
    try root.write(files.mapValues { Array($0.utf8) })
    return ControlGroups(root: root.path)
  }

  private static let version2 = """
    24 1 0:22 / /proc rw,nosuid - proc proc rw
    31 24 0:27 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate

    """

  @Test func version2CountsItsOwnGroupAndThoseAround() throws {
    let groups = try groups([
      "proc/self/cgroup": "0::/user.slice/run 1.scope\n",
      "proc/self/mountinfo": Self.version2,
      "sys/fs/cgroup/user.slice/run 1.scope/memory.max": "max\n",
      "sys/fs/cgroup/user.slice/run 1.scope/cpu.max": "150000 100000\n",
      "sys/fs/cgroup/user.slice/memory.max": "1073741824\n",
      "sys/fs/cgroup/user.slice/cpu.max": "max 100000\n",
    ])
    #expect(
      groups.memoryLimits
        == [ControlGroups.Limit(directory: "/sys/fs/cgroup/user.slice", bytes: 1 << 30)])
    #expect(groups.cores == 1.5)
  }

  /// A backslash in a path is an escape itself, and what it stands before is none.
  @Test func aBackslashBeforeDigitsIsNoSpace() throws {
    let groups = try groups([
      "proc/self/cgroup": "0::/a\n",
      "proc/self/mountinfo":
        #"31 24 0:27 / /sys/c\134040 rw shared:4 - cgroup2 cgroup2 rw"# + "\n",
      #"sys/c\040/a/cpu.max"#: "50000 100000\n",
    ])
    #expect(groups.cores == 0.5)
  }

  @Test func theLeastQuotaOfTheGroupsHolds() throws {
    let groups = try groups([
      "proc/self/cgroup": "0::/a/b\n", "proc/self/mountinfo": Self.version2,
      "sys/fs/cgroup/a/b/cpu.max": "400000 100000\n", "sys/fs/cgroup/a/cpu.max": "50000 100000\n",
      "sys/fs/cgroup/a/b/memory.max": "3000\n", "sys/fs/cgroup/a/memory.max": "2000\n",
      "sys/fs/cgroup/memory.max": "9000\n",
    ])
    #expect(groups.cores == 0.5)
    #expect(groups.memoryLimits.map(\.bytes) == [3000, 2000, 9000])
  }

  /// Hybrid, as with Docker before version 2: each controller has a hierarchy, and one is mounted whose
  /// paths are the host's.
  @Test func version1KnowsAHierarchyByItsController() throws {
    let groups = try groups([
      "proc/self/cgroup": """
      7:memory:/docker/4f/run
      3:cpu,cpuacct:/docker/4f
      1:name=systemd:/docker/4f
      0::/

      """,
      "proc/self/mountinfo": #"""
      40 30 0:33 /docker/4f /sys/fs/cgroup/cpu,cpuacct ro master:11 - cgroup cgroup rw,cpu,cpuacct
      41 30 0:34 /docker/4f /sys/fs/my\040groups/memory ro - cgroup cgroup rw,memory
      42 30 0:35 / /sys/fs/cgroup/unified ro - cgroup2 cgroup rw

      """#,
      "sys/fs/my groups/memory/memory.limit_in_bytes": "268435456\n",
      "sys/fs/my groups/memory/run/memory.limit_in_bytes": "9223372036854771712\n",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "250000\n",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    ])
    #expect(
      groups.memoryLimits == [
        ControlGroups.Limit(
          directory: "/sys/fs/my groups/memory/run", bytes: 9_223_372_036_854_771_712),
        ControlGroups.Limit(directory: "/sys/fs/my groups/memory", bytes: 1 << 28),
      ])
    #expect(groups.cores == 2.5)
  }

  /// What is mounted is then the process's own group.
  @Test(arguments: [
    ("/../../other", "/"), ("/../other", "/docker/4f"), ("/elsewhere", "/docker/4f"),
  ])
  func aPathOutsideOfWhatIsMountedIsTheHosts(path: String, mounted: String) throws {
    let groups = try groups([
      "proc/self/cgroup": "0::\(path)\n",
      "proc/self/mountinfo": "31 24 0:27 \(mounted) /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
      "sys/fs/cgroup/memory.max": "4096\n", "sys/fs/cgroup/cpu.max": "max 100000\n",
      "sys/other/memory.max": "1\n",
    ])
    #expect(groups.memoryLimits.map(\.bytes) == [4096])
    #expect(groups.cores == nil)
  }

  @Test(arguments: [
    [:],
    ["proc/self/cgroup": "0::/\n"],
    ["proc/self/cgroup": "nonsense\n:\n", "proc/self/mountinfo": "1 2 - cgroup2\nnonsense - -\n"],
    [
      "proc/self/cgroup": "4:memory:/\n3:cpu:/\n0::/\n",
      "proc/self/mountinfo": "35 31 0:32 / /cg/memory rw - cgroup cgroup rw,memory\n"
        + "36 31 0:33 / /cg/cpu rw - cgroup cgroup rw,cpu\n",
      "cg/cpu/cpu.cfs_quota_us": "-1\n", "cg/cpu/cpu.cfs_period_us": "100000\n",
      "cg/memory/memory.limit_in_bytes": "-\n",
    ],
  ])
  func withoutALimitThereIsNone(files: [String: String]) throws {
    let groups = try groups(files)
    #expect(groups.memoryLimits.isEmpty)
    #expect(groups.cores == nil)
    #expect(AvailableCores.count(runnable: 3, groups) == 3)
  }

  @Test(arguments: [
    ("10000 100000", 1), ("100000 100000", 1), ("100001 100000", 2), ("350000 100000", 4),
    ("400000 100000", 4), ("1600000 100000", 4), ("max 100000", 4), ("0 100000", 4),
  ])
  func aQuotaGivesWholeCores(quota: String, cores: Int) throws {
    let groups = try groups([
      "proc/self/cgroup": "0::/\n", "proc/self/mountinfo": Self.version2,
      "sys/fs/cgroup/cpu.max": "\(quota)\n",
    ])
    #expect(AvailableCores.count(runnable: 4, groups) == cores)
  }

  @Test func thisProcessHasACore() { #expect(AvailableCores.count >= 1) }
}
