import ConvoyProcessLimits
import Testing

@Suite struct AvailableMemoryTests {
  private static let megabyte = UInt64(1_000_000)
  private static let group = MemoryLimit.Kind.controlGroup(directory: "/cg/run")

  private func memory(
    _ limits: (MemoryLimit.Kind, bytes: UInt64, used: UInt64)...
  ) -> AvailableMemory {
    AvailableMemory(
      limits.map { MemoryLimit($0, bytes: $1 * Self.megabyte, used: $2 * Self.megabyte) },
      stack: 8 * Double(Self.megabyte))
  }

  private func error(_ memory: AvailableMemory, _ need: MemoryNeed) -> String? {
    do {
      try memory.check(need, for: "net.json")
      return nil
    } catch {
      return error.description
    }
  }

  /// The reserve is 16 MiB, which print as 17 MB.
  @Test func namesTheLimitThatLeavesLeast() {
    let memory = memory(
      (.machine, 24_000, 100), (.addressSpace, 2_000, 300), (.dataSegment, 1_500, 100),
      (Self.group, 1_000, 100))
    #expect(error(memory, MemoryNeed(bytes: 880e6)) == nil)
    #expect(
      error(memory, MemoryNeed(bytes: 1_200e6))
        == "net.json: expected at most 900 MB of memory, what is left of the control group's memory "
        + "limit of 1.0 GB (/cg/run), found a need of 1.2 GB")
    #expect(error(memory, MemoryNeed(bytes: 3_000e6))?.contains("(/cg/run)") == true)
    #expect(
      error(memory, MemoryNeed(resident: 1e6, reserved: 1_600e6))
        == "net.json: expected at most 1.4 GB of memory, what is left of the data-segment limit of "
        + "1.5 GB (ulimit -d), found a need of 1.6 GB")
    #expect(
      error(self.memory((.machine, 24_000, 100)), MemoryNeed(bytes: 24_000e6))
        == "net.json: expected at most 23.9 GB of memory, what is left of this machine's 24.0 GB of "
        + "memory, found a need of 24.0 GB")
  }

  /// The machine and groups; limits of a process are its own.
  @Test func processesShareTheMachine() {
    let whole = memory(
      (.machine, 24_000, 100), (Self.group, 20_000, 100), (.addressSpace, 5_000, 0))
    let shared = whole.shared(by: 4)
    #expect(error(shared, MemoryNeed(bytes: 4_880e6)) == nil)
    #expect(shared.hasRoom(for: MemoryNeed(bytes: 4_880e6)))
    #expect(
      error(shared, MemoryNeed(bytes: 4_950e6))
        == "net.json: expected at most 4.9 GB of memory, what is left of one of 4 equal parts of the "
        + "control group's memory limit of 20.0 GB (/cg/run), found a need of 5.0 GB")
    #expect(!shared.hasRoom(for: MemoryNeed(bytes: 4_950e6)))
    #expect(
      error(memory((.addressSpace, 5_000, 0)).shared(by: 4), MemoryNeed(bytes: 4_900e6)) == nil)
    #expect(whole.shared(by: 1) == whole)
  }

  /// Stacks, and what is asked for and not written, take address space and no memory.
  @Test func addressSpaceCountsWhatIsNotWritten() {
    let need = MemoryNeed(resident: 100e6, reserved: 500e6, threads: 10)
    #expect(error(memory((.machine, 120, 0), (Self.group, 120, 0)), need) == nil)
    #expect(error(memory((.addressSpace, 600, 0)), need) == nil)
    #expect(
      error(memory((.addressSpace, 590, 0)), need)
        == "net.json: expected at most 590 MB of memory, what is left of the address-space limit of "
        + "590 MB (ulimit -v), found a need of 597 MB")
    #expect(error(memory((.dataSegment, 590, 0)), need) != nil)
  }

  @Test func aLimitUsedUpLeavesNothing() {
    #expect(
      error(memory((.addressSpace, 100, 120)), MemoryNeed(bytes: 0))
        == "net.json: expected at most 0 MB of memory, what is left of the address-space limit of "
        + "100 MB (ulimit -v), found a need of 17 MB")
  }

  @Test func thisProcessHasSomeMemoryLeft() throws {
    let machine = try #require(AvailableMemory.now.limits.first { $0.kind == .machine })
    #expect(machine.left > 0)
    #if os(Linux)
      #expect(machine.used > 1 << 20, "a running process uses memory")
      func used() throws -> UInt64 {
        try #require(AvailableMemory.now.limits.first { $0.kind == .machine }).used
      }
      // Other tests may release as much meanwhile; hardly so ten times.
      let isCounted = try (0..<10).contains { _ in
        let before = try used()
        let bytes = [UInt8](repeating: 1, count: 64 << 20)
        return try withExtendedLifetime(bytes) { try used() > before + 32 << 20 }
      }
      #expect(isCounted, "64 MB were written ten times")
    #endif
  }
}
