import ConvoyCommandLineOptions
import Testing

/// Words that stand without a name.
@Suite struct ArgumentTests {
  enum Part: String, CaseIterable { case training, test }
  enum Order: String, CaseIterable { case first, last }

  private static let show = CommandDescription(
    name: "show", overview: "Show images.",
    arguments: [
      .choice("part", of: Part.self, help: "Of the data set."),
      .choice("order", of: Order.self, help: "Where to begin."),
    ],
    options: [
      .value("count", "images", help: "How many."), .flag("large", help: "Twice the size."),
    ]
  )
  private static let tool = ToolDescription(name: "convoy", overview: "", commands: [show])

  @Test(arguments: [
    ["training", "last"], ["training", "last", "--count", "3"],
    ["--count", "3", "training", "last"], ["training", "--large", "last", "--count=3"],
  ])
  func standAnywhereInTheirOrder(arguments: [String]) throws {
    guard case .options(let options) = try Self.show.parse(arguments) else {
      Issue.record("no options")
      return
    }
    #expect(try options.argument("part", of: Part.self) == .training)
    #expect(try options.argument("order", of: Order.self) == .last)
    #expect(options.string("count") == (arguments.count > 2 ? "3" : nil))
  }

  @Test(arguments: [
    (["show"], "Missing argument '<part>': expected one of training, test"),
    (["show", "--large"], "Missing argument '<part>': expected one of training, test"),
    (["show", "test"], "Missing argument '<order>': expected one of first, last"),
    (
      ["show", "tset", "last"],
      "<part>: expected one of training, test, found 'tset'. Did you mean 'test'?"
    ),
    (["show", "test", "middle"], "<order>: expected one of first, last, found 'middle'"),
    (["show", "", "last"], "<part>: expected one of training, test, found ''"),
    (["show", "test", "last", "first"], "Unexpected argument 'first'."),
    (["show", "-", "test", "last"], "<part>: expected one of training, test, found '-'"),
    (["show", "test", "last", "--larg"], "Unknown option '--larg'. Did you mean '--large'?"),
  ])
  func saysWhatIsWrong(arguments: [String], message: String) {
    let error = #expect(throws: UsageError.self) { try Self.tool.parse(arguments) }
    #expect(error?.description == message)
  }

  private static let look = CommandDescription(
    name: "look", overview: "Look at files.",
    arguments: [
      .choice("part", of: Part.self, help: "Of the data set."),
      .words("file", isRepeated: true, help: "Any files."),
    ],
    options: [.value("output", "file", help: "Where to write.", aliases: ["-o", "--out"])])

  @Test func theLastMayTakeAllWords() throws {
    guard
      case .options(let options) = try Self.look.parse([
        "test", "a", "--output", "c", "-", "b", "a",
      ])
    else {
      Issue.record("no options")
      return
    }
    #expect(options.arguments("file") == ["a", "-", "b", "a"])
    #expect(options.arguments("part") == ["test"])
    #expect(throws: UsageError.missingArgument("<file> ...", allowed: [])) {
      try Self.look.parse(["test"])
    }
  }

  @Test(arguments: [["-o", "c"], ["--out=c"], ["-o=c"], ["--output", "c"]])
  func optionsHaveOtherSpellings(arguments: [String]) throws {
    guard case .options(let options) = try Self.look.parse(["test", "a"] + arguments) else {
      Issue.record("no options")
      return
    }
    #expect(options.string("output") == "c")
    #expect(throws: UsageError.repeatedOption("--output")) {
      try Self.look.parse(["test", "a", "-o", "c", "--output", "c"])
    }
    #expect(
      ToolDescription(name: "convoy", overview: "", commands: [Self.look]).help(for: Self.look)
        .contains("Where to write. (also: -o, --out)"))
  }

  @Test func helpNamesThem() {
    #expect(
      Self.tool.help(for: Self.show) == """
        OVERVIEW: Show images.

        USAGE: convoy show <part> <order> [--count <images>] [--large]

        ARGUMENTS:
          <part>                  Of the data set. (values: training, test)
          <order>                 Where to begin. (values: first, last)

        OPTIONS:
          --count <images>        How many.
          --large                 Twice the size.
          -h, --help              Show help information.

        """)
  }

  @Test func undeclaredNamesStopTheProgram() async {
    await #expect(processExitsWith: .failure) {
      if case .options(let options) = try Self.show.parse(["test", "last"]) {
        _ = try options.argument("side", of: Part.self)
      }
    }
    await #expect(processExitsWith: .failure) {
      let part = ArgumentDescription.choice("part", of: Part.self, help: "")
      _ = CommandDescription(name: "show", overview: "", arguments: [part, part])
    }
  }
}
