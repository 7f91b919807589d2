extension CommandDescription {
  static let helpEntry = (label: "-h, --help", help: "Show help information.")

  /// The arguments, and the options by section: the titled ones in the order in which they first appear, then the
  /// rest, where `--help` closes the list.
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
        HelpText.sentence($0.help, allowedValues: $0.allowedValues, default: $0.defaultText)
      )
    }
  }
}
