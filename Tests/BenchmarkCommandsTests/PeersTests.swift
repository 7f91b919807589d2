import ConvoyTerminal
import Foundation
import Testing

@Suite struct PeersTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// A second for each thousand samples, of which a step has four.
  private static let steadyPeer = """
    read job
    case "$job" in *eager*) factor=1;; *) factor=2;; esac
    echo '{"version": "steady 1"}'
    while read steps; do
      awk "BEGIN { print \\"{\\\\\\"seconds\\\\\\": \\" $steps * 0.004 * $factor \\", \\\\\\"samples\\\\\\": \\" 4 * $steps \\"}\\" }"
    done
    """

  @Test func measuresPeersAndTakesTheFastestWay() throws {
    let run = try workspace.runPeers(script: Self.steadyPeer)
    #expect(run.exitCode == .success, "\(run.errors)")
    let eager = try #require(run.lines(of: "pytorch eager").first)
    #expect(eager.contains(" 1,000 "))
    #expect(eager.contains("*"))
    let compiled = try #require(run.lines(of: "pytorch compiled").first)
    #expect(compiled.contains(" 500 "))
    #expect(!compiled.contains("*"))
    #expect(run.output.contains("steady 1"))
    #expect(run.output.contains("1 threads, 2 rounds"))
  }

  @Test func printsJSON() throws {
    let run = try workspace.runPeers(script: Self.steadyPeer, "--json")
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let conditions = try #require(report["conditions"] as? [String: Any])
    for key in ["commit", "compiler", "processor", "cores", "instructionSet"] {
      #expect(conditions[key] != nil, "\(key)")
    }
    let result = try #require((report["results"] as? [[String: Any]])?.first)
    #expect(result["threads"] as? Int == 1)
    let best = try #require((result["best"] as? [[String: Any]])?.first)
    #expect(best["variant"] as? String == "eager")
    #expect(try #require(best["rate"] as? Double).rounded() == 1000)
    let ratio = try #require((best["convoyFaster"] as? [String: Any])?["median"] as? Double)
    let rows = try #require(result["contestants"] as? [[String: Any]])
    let convoy = try #require((rows[0]["rate"] as? [String: Any])?["values"] as? [Double])
    #expect(convoy.count == 2)
    #expect(abs(ratio - (convoy[0] + convoy[1]) / 2000) < 1e-6 * ratio)
  }

  @Test(arguments: [
    (#"read job; echo '{"missing": "torch"}'"#, "not installed (torch)"),
    (#"read job; echo '{"error": "no such layer"}'"#, "failed: no such layer"),
    ("read job; echo 'Boom: it broke' >&2; exit 3", "ended with status 3: Boom: it broke"),
    ("read job; echo Hello", "expected an answer in JSON, found 'Hello'"),
    (
      #"read job; echo '{"version": "1"}'; read steps; echo '{"error": "out of it"}'"#,
      "failed: out of it"
    ),
    (#"read job; echo '{"version": "1"}'; read steps; exit 4"#, "ended with status 4"),
  ])
  func saysWhyAPeerWasNotMeasured(script: String, problem: String) throws {
    let run = try workspace.runPeers(script: script)
    #expect(run.exitCode == .success, "\(run.errors)")
    let lines = run.lines(of: "pytorch eager")
    #expect(lines.count == 1 && lines.allSatisfy { $0.contains(problem) }, "\(run.output)")
  }

  @Test func aPeerMayEndBetweenRounds() throws {
    let script = """
      read job
      echo '{"version": "short of breath"}'
      for round in 1 2 3; do
        read steps
        echo '{"seconds": 1, "samples": 4}'
      done
      """
    let run = try workspace.runPeers(script: script)
    #expect(run.exitCode == .success, "\(run.errors)")
    #expect(run.output.contains("ended with status 0"))
  }

  @Test func measuresEvaluation() throws {
    let run = try workspace.runPeers(script: Self.steadyPeer, "--forward")
    #expect(run.exitCode == .success, "\(run.errors)")
    #expect(run.output.contains("forward only"))
    #expect(run.lines(of: "pytorch traced").count == 1)
  }

  @Test func withoutPeersConvoyIsMeasuredAlone() {
    let run = workspace.run(
      "peers", "--peers", "none", "--pause", "0", "--threads", "1", "--batch", "4,8")
    #expect(run.exitCode == .success, "\(run.errors)")
    #expect(run.lines(of: "tiny").count == 2)
  }

  @Test func refusesAPeerItDoesNotKnow() {
    let run = ToolRun("peers", "--peers", "pytorhc")
    #expect(run.exitCode == .usage)
    #expect(run.errors.contains("Did you mean 'pytorch'?"))
  }
}
