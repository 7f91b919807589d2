import ConvoyCommandLineOptions
import Testing

@Suite struct HelpTests {
  private static let toolHelp = """
    OVERVIEW: Train convolutional networks on every core of a machine.

    USAGE: convoy <subcommand>

    OPTIONS:
      --version               Show the version.
      -h, --help              Show help information.
      --generate-completion-script <shell>
                              Print a script with which a shell completes command
                              lines. (values: bash, zsh, fish)
      --generate-manual       Print the manual page, for man.

    SUBCOMMANDS:
      train                   Train a network on the images of a directory.
      evaluate                Measure a trained network.

      See 'convoy help <subcommand>' for detailed help.

    """

  private static let trainHelp = """
    OVERVIEW: Train a network on the images of a directory.

    Two runs with equal settings write equal files:

        cmp first second

    USAGE: convoy train --data <directory> [--batch <size>]
           [--optimizer <optimizer>] [--learning-rate-at-the-start <rate>]
           [--dropout <share>] [--l2 <factor>] [--seed <seed>] [--quiet]

    SCHEDULE:
      --learning-rate-at-the-start <rate>
                              The first learning rate. (default: 0.001)

    OPTIONS:
      --data <directory>      The directory of the images.
      --batch <size>          Images per step. (default: 64)
      --optimizer <optimizer> The update rule. (values: sgd, momentum, rmsprop,
                              adam; default: adam)
      --dropout <share>       The share of activations that are dropped.
      --l2 <factor>           Weight decay.
      --seed <seed>           Where random numbers start.
      --quiet                 Print results only.
      -h, --help              Show help information.

    """

  @Test func toolHelpIsExactly() {
    #expect(Example.tool.help() == Self.toolHelp)
  }

  @Test func commandHelpIsExactly() {
    #expect(Example.tool.help(for: Example.train) == Self.trainHelp)
  }

  @Test(arguments: [[], ["help"], ["--help"], ["-h"], ["help", "--help"], ["help", "help"]])
  func asksForToolHelp(arguments: [String]) throws {
    #expect(try Example.tool.parse(arguments) == .help(Self.toolHelp))
  }

  @Test(arguments: [
    ["help", "train"], ["train", "--help"], ["train", "-h"], ["help", "train", "--help"],
    ["train", "--bach", "--batch", "-h"],
  ])
  func asksForCommandHelp(arguments: [String]) throws {
    #expect(try Example.tool.parse(arguments) == .help(Self.trainHelp))
  }

  @Test(arguments: [60, 80, 120])
  func linesKeepToTheColumns(columns: Int) {
    let lines = Example.tool.help(for: Example.train, columns: columns).split(separator: "\n")
    let longest = lines.map(\.count).max() ?? 0
    #expect(longest <= columns)
    #expect(longest > columns - 20)
  }

  @Test func manyOptionsAreSummedUpInUsage() {
    let options: [OptionDescription] =
      [.value("data", "directory", help: "", isRequired: true)]
      + (1...12).map { .flag("flag-\($0)", help: "") }
    let command = CommandDescription(name: "train", overview: "", options: options)
    let help = Example.tool.help(for: command)
    #expect(help.contains("USAGE: convoy train [<options>] --data <directory>\n"))
  }

  @Test func versionIsPrintedOnlyByAToolThatHasOne() throws {
    #expect(try Example.tool.parse(["--version"]) == .version("1.0.0"))
    let tool = ToolDescription(name: "convoy", overview: "", commands: [Example.train])
    #expect(!tool.help().contains("--version"))
    #expect(throws: UsageError.commandExpected(found: "--version", suggestion: nil)) {
      try tool.parse(["--version"])
    }
  }

  @Test func widthIsThatOfTheTerminalOrEighty() {
    #expect(TerminalWidth.current > 0)
  }
}
