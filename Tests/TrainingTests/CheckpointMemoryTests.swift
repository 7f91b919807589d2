import ConvoyNeuralNetwork
import ConvoyTraining
import Foundation
import Testing

@Suite struct CheckpointMemoryTests {
  /// Weights and moments of 40 MiB are written with no copy of them in memory.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status")))
  func aCheckpointTakesLittleMemory() async {
    await #expect(processExitsWith: .success) {
      let saved = try SavedRun()
      let run = try saved.run(
        architecture: Network([Flatten(), Dense(24_000), Dense(4)]))
      let before = try Self.peakMemory()
      try saved.save(run, run.trainer.begin(1))
      let size = try #require(
        try FileManager.default.attributesOfItem(atPath: saved.path)[.size] as? Int)
      let growth = try Self.peakMemory() - before
      #expect(size > 30 << 20)
      #expect(growth < 16 << 20, "\(growth >> 20) MiB")
    }
  }

  /// In bytes.
  private static func peakMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let match = try #require(status.firstMatch(of: #/VmHWM:\s+(\d+) kB/#))
    return try #require(Int(match.1)) << 10
  }
}
