extension CommandDescription {
  static let helpEntry = (label: "-h, --help", help: "Show help information.")

  /// The arguments, and the options by section: the titled ones in the order in which they first
  /// appear, then the rest, where `--help` closes the list.
  var sections: [(title: String, entries: [(label: String, help: String)])] {
    var titles: [String] = []
    for case let title? in options.map(\.section) where !titles.contains(title) {
      titles.append(title)
    }
    let titled = titles.map { title in (title, entries(in: title)) }
    let words = arguments.map {
      ($0.label, HelpText.sentence($0.help, allowedValues: $0.allowedValues, default: nil))
    }
    return (words.isEmpty ? [] : [("Arguments", words)]) + titled
      + [("Options", entries(in: nil) + [Self.helpEntry])]
  }

  private func entries(in section: String?) -> [(label: String, help: String)] {
    options.filter { $0.section == section }.map {
      (
        $0.label,
        HelpText.sentence(
          $0.help, aliases: $0.aliases, allowedValues: $0.allowedValues, default: $0.defaultText)
      )
    }
  }
}

/// Lays help out in the form that users of Swift's command-line tools know.
struct HelpText {
  /// The column at which help sentences begin.
  private static let helpColumn = 26
  /// The usage line lists at most this many options by name.
  private static let mostOptionsInUsage = 12

  let columns: Int
  private var blocks: [String] = []

  init(columns: Int) {
    // In narrower text, help sentences would become columns of single words.
    self.columns = max(columns, Self.helpColumn + 20)
  }

  /// The finished text, ending with a newline.
  var text: String { blocks.joined(separator: "\n\n") + "\n" }

  mutating func addOverview(_ overview: String, discussion: String) {
    blocks.append("OVERVIEW: \(overview)".wrapped(to: columns))
    if !discussion.isEmpty { blocks.append(discussion.wrapped(to: columns)) }
  }

  /// The words of a usage line are kept whole: `[--batch <size>]` is one, its space included.
  mutating func addUsage(_ words: [String]) {
    let title = "USAGE: "
    let lines = String.lines(of: words, width: columns - title.count)
    blocks.append(
      title + lines.joined(separator: "\n" + String(repeating: " ", count: title.count)))
  }

  mutating func addSection(_ title: String, _ entries: [(label: String, help: String)]) {
    let lines = entries.map { entry in
      let label = "  \(entry.label)"
      let help = entry.help.wrapped(to: columns, indentation: Self.helpColumn)
      if entry.help.isEmpty { return label }
      return label.count < Self.helpColumn
        ? label + help.dropFirst(label.count) : label + "\n" + help
    }
    blocks.append("\(title.uppercased()):\n" + lines.joined(separator: "\n"))
  }

  /// A command line is not broken, so that it can be copied.
  mutating func addExample(_ line: String) { blocks.append("EXAMPLE:\n  \(line)") }

  mutating func addParagraph(_ text: String) {
    blocks.append(text.wrapped(to: columns))
  }

  /// A help sentence with `(also: --opt; values: sgd, adam; default: adam)` behind it.
  static func sentence(
    _ help: String, aliases: [String] = [], allowedValues: [String],
    default defaultText: String?
  ) -> String {
    let notes = [
      aliases.isEmpty ? nil : "also: " + aliases.joined(separator: ", "),
      allowedValues.isEmpty ? nil : "values: " + allowedValues.joined(separator: ", "),
      defaultText.map { "default: \($0)" },
    ].compactMap(\.self)
    let suffix = notes.isEmpty ? "" : "(\(notes.joined(separator: "; ")))"
    return [help, suffix].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// The words that options add to a command's usage line.
  static func usage(of options: [OptionDescription]) -> [String] {
    if options.count > mostOptionsInUsage {
      return ["[<options>]"] + options.filter(\.isRequired).map(\.label)
    }
    return options.map { $0.isRequired ? $0.label : "[\($0.label)]" }
  }
}
