import ConvoyNeuralNetwork
import ConvoyTerminal
import Foundation
import Testing

@testable import ConvoyBenchmarkCommands

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ScalingTests {
  @Test func measuresThreadsAndWritesAPlot() throws {
    let workspace = try Workspace()
    let run = workspace.run(
      "scaling", "--threads", "2,1,64", "--batch", "8", "--plot", workspace.path("plot.svg"),
      "--json")
    #expect(run.exitCode == .success, "\(run.errors)")
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let result = try #require((report["results"] as? [[String: Any]])?.first)
    let rows = try #require(result["rows"] as? [[String: Any]])
    #expect(rows.map { $0["threads"] as? Int } == [1, 2, 64])
    #expect(rows.first?["efficiency"] as? Double == 1)
    for row in rows {
      let split = try #require(row["split"] as? [String: Double])
      #expect(try #require(split["computing"]) > 0)
      #expect(try #require(split["reducing"]) > 0)
      #expect(try #require(split["waiting"]) >= 0)
    }
    let parser = XMLParser(data: try workspace.bytes("plot.svg"))
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
  }

  @Test func comparesRoundByRoundAndMarksCrowdedRows() throws {
    let split = StepSplit(computing: 1, reducing: 1, waiting: 2)
    let workload = Workload(
      name: "<&>", architecture: .init([Flatten()]), input: .init(channels: 1, height: 1, width: 1),
      batch: 4, mode: .train)
    let result = ScalingResult(
      workload, cores: 2,
      measured: [
        (1, Spread([10, 20, 40]), split), (2, Spread([19, 38, 76]), split),
        (4, Spread([17, 38, 60]), split),
      ])
    #expect(result.rows.map(\.speedUp.median) == [1, 1.9, 1.7])
    #expect(result.rows.map(\.efficiency) == [1, 0.95, 0.425])
    #expect(result.rows.map(\.isCrowded) == [false, false, true])
    let worst = try #require(result.worstCrowding)
    #expect(worst.threads == 4)
    #expect(worst.share == 17.0 / 19)
    #expect(ScalingResult.notes([result], cores: 2).contains("beyond the 5%"))

    // Names that would be markup.
    let plot = ScalingPlot([result], conditions: Conditions(cores: 2)).svg
    #expect(XMLParser(data: Data(plot.utf8)).parse())
    #expect(plot.contains("&lt;&amp;&gt;"))
  }
}

extension Conditions {
  fileprivate init(cores: Int) {
    self.init(
      commit: "abc", compiler: "Swift", processor: "A < B & C", cores: cores,
      instructionSet: "avx2", loadAverage: 3)
  }
}
