import Foundation
import Testing

@Suite struct KernelsAndCostTests {
  @Test func kernelsAreComparedAndTimed() throws {
    let run = try Workspace().run("kernels", "--batch", "8", "--json")
    #expect(run.exitCode == .success, "\(run.errors)")
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let result = try #require((report["results"] as? [[String: Any]])?.first)
    let rows = try #require(result["rows"] as? [[String: Any]])
    let names = Set(rows.compactMap { $0["kernel"] as? String })
    #expect(names.isSuperset(of: ["convolve", "convolveAndMaxPool", "weightGradient", "sumSlots"]))
    for row in rows {
      #expect(try #require(row["worstError"] as? Double) <= 1)
      #expect(try #require(row["calls"] as? Int) > 0)
    }
  }

  @Test func costTellsTimeAndMemory() throws {
    let run = ToolRun(
      "cost", "--study", "batch", "--values", "2,4", "--peers", "none", "--pause", "0", "--threads",
      "1",
      "--rounds", "1", "--seconds", "0.002", "--warm-up", "0.002")
    #expect(run.exitCode == .success, "\(run.errors)")
    #expect(run.lines(of: "batch").count == 2)
    #expect(run.lines(of: "batch").allSatisfy { $0.hasSuffix(" MiB") })
  }

  @Test func refusesValuesForSeveralStudies() {
    #expect(ToolRun("cost", "--values", "2").exitCode == .usage)
  }
}
