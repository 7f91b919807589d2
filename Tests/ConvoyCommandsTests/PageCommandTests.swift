import ConvoyCommandsTestSupport
import ConvoyTerminal
import Testing

@Suite struct PageCommandTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private func page(_ arguments: String...) -> ToolRun {
    ToolRun(["page", "--weights", workspace.path("digits.model")] + arguments)
  }

  @Test func writesAPage() throws {
    workspace.trainModel("digits.model")
    let output = workspace.path("page.html")
    let run = page("--output", output)
    #expect(run.exitCode == .success)
    #expect(run.errors == "")
    #expect(run.output == "page written to \(output)\n")
    let text = try workspace.text("page.html")
    #expect(text.hasPrefix("<!doctype html>\n") && text.hasSuffix("</html>\n"))
    #expect(text.contains(#""title":"digits""#))
    // Equal models make equal pages.
    #expect(page("--output", workspace.path("again")).exitCode == .success)
    #expect(try workspace.text("again") == text)
    #expect(page("--output", output, "--title", "Other").exitCode == .success)
    #expect(try workspace.text("page.html").contains(#""title":"Other""#))
  }

  @Test func theModelIsNotOverwritten() throws {
    workspace.trainModel("digits.model")
    let before = try workspace.contents()
    expectRefusal(
      page("--output", workspace.path("digits.model")), .usage,
      saying: ["--output: expected a file that the run does not use otherwise"])
    expectRefusal(
      page("--output", workspace.path("missing/page")),
      saying: [workspace.path("missing/page"), "No such file or directory"])
    #expect(try workspace.contents() == before)
  }

  @Test func aMissingModelIsNamed() throws {
    expectRefusal(
      page("--output", workspace.path("page.html")),
      saying: [workspace.path("digits.model"), "No such file or directory"])
    #expect(!workspace.exists("page.html"))
  }
}
