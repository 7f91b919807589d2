import ConvoyCommandLineOptions
import Testing

@Suite struct ParsingTests {
  @Test func readsBothFormsOfAValue() throws {
    let options = try Example.options("--batch", "32", "--dropout=0.5", "--quiet")
    #expect(options.command.name == "train")
    #expect(options.string("data") == "images")
    #expect(options.string("batch") == "32")
    #expect(options.string("dropout") == "0.5")
    #expect(options.flag("quiet"))
  }

  @Test func anOptionNotGivenIsNil() throws {
    let options = try Example.options()
    #expect(options.string("batch") == nil)
    #expect(!options.flag("quiet"))
    #expect(!options.isGiven("l2"))
    #expect(try options.integer("batch") == nil)
    #expect(try options.number("l2") == nil)
    #expect(try options.choice("optimizer", of: Example.Optimizer.self) == nil)
  }

  @Test func attachedValuesMayHoldAnything() throws {
    #expect(try Example.options("--batch=--quiet").string("batch") == "--quiet")
    #expect(try Example.options("--batch=a=b").string("batch") == "a=b")
  }

  @Test func requiredOptionsAreThere() throws {
    #expect(try Example.options().requiredString("data") == "images")
    let options = try Example.options()
    #expect(throws: UsageError.missingOption("--batch <size>")) {
      try options.requiredString("batch")
    }
  }

  @Test(arguments: [
    (["train", "--batch", "64"], "Missing required option '--data <directory>'."),
    (["train", "--bach", "64"], "Unknown option '--bach'. Did you mean '--batch'?"),
    (["train", "--bach=64"], "Unknown option '--bach'. Did you mean '--batch'?"),
    (["train", "-batch", "64"], "Unknown option '-batch'. Did you mean '--batch'?"),
    (
      ["train", "--learn", "1"],
      "Unknown option '--learn'. Did you mean '--learning-rate-at-the-start'?"
    ),
    (["train", "--hepl"], "Unknown option '--hepl'. Did you mean '--help'?"),
    (["train", "--verbose"], "Unknown option '--verbose'."),
    (["train", "--=1"], "Unknown option '--'."),
    (["train", "images"], "Unexpected argument 'images'. Did you mean '--data images'?"),
    (
      ["train", "my images"],
      #"Unexpected argument 'my images'. Did you mean '--data "my images"'?"#
    ),
    (["train", "--data", "images", "more"], "Unexpected argument 'more'."),
    (["train", "--"], "Unexpected argument '--'."),
    (["train", "-"], "Unexpected argument '-'."),
    (["train", ""], "Unexpected argument ''."),
    (["help", "hepl"], "Unknown command 'hepl'. Did you mean 'help'?"),
    (["train", "--batch", "1", "--batch=2"], "--batch: expected once, found again"),
    (["train", "--quiet", "--quiet"], "--quiet: expected once, found again"),
    (["train", "--batch"], "--batch <size>: expected a value, found nothing"),
    (["train", "--batch", "--quiet"], "--batch <size>: expected a value, found '--quiet'"),
    (["train", "--batch", "--quite"], "--batch <size>: expected a value, found '--quite'"),
    (["train", "--batch="], "--batch <size>: expected a value, found ''"),
    (["train", "--batch", ""], "--batch <size>: expected a value, found ''"),
    (["train", "--quiet=yes"], "--quiet: expected no value, found 'yes'"),
    (
      ["train", "--optimizer", "adma"],
      "--optimizer: expected one of sgd, momentum, rmsprop, adam, found 'adma'. Did you mean 'adam'?"
    ),
    (
      ["train", "--optimizer", "newton"],
      "--optimizer: expected one of sgd, momentum, rmsprop, adam, found 'newton'"
    ),
    (["trian"], "Unknown command 'trian'. Did you mean 'train'?"),
    (["help", "trian"], "Unknown command 'trian'. Did you mean 'train'?"),
    (["benchmark"], "Unknown command 'benchmark'."),
    (["help", "train", "now"], "Unexpected argument 'now'."),
    (["--batch", "64"], "Expected a command, found option '--batch'."),
    (["--hlep"], "Expected a command, found option '--hlep'. Did you mean '--help'?"),
  ])
  func saysWhatIsWrong(arguments: [String], message: String) {
    let error = #expect(throws: UsageError.self) { try Example.tool.parse(arguments) }
    #expect(error?.description == message)
  }

  @Test func aCommandsOwnSentenceIsPrintedAsItIs() {
    let error = UsageError.invalidCombination("--momentum needs --optimizer momentum.")
    #expect(error.description == "--momentum needs --optimizer momentum.")
  }

  @Test func undeclaredNamesStopTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = try Example.options().string("bach") }
    await #expect(processExitsWith: .failure) { _ = try Example.options().flag("batch") }
    await #expect(processExitsWith: .failure) { _ = try Example.options("--quiet").string("quiet") }
    await #expect(processExitsWith: .failure) {
      _ = CommandDescription(
        name: "train", overview: "", options: [.flag("quiet", help: ""), .flag("quiet", help: "")])
    }
  }
}
