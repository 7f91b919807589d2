extension CommandDescription {
  static let helpEntry = (label: "-h, --help", help: "Show help information.")

  /// The options by section: the titled ones in the order in which they first appear, then the
  /// rest, where `--help` closes the list.
  var sections: [(title: String, entries: [(label: String, help: String)])] {
    var titles: [String] = []
    for case let title? in options.map(\.section) where !titles.contains(title) {
      titles.append(title)
    }
    let titled = titles.map { title in (title, entries(in: title)) }
    return titled + [("Options", entries(in: nil) + [Self.helpEntry])]
  }

  private func entries(in section: String?) -> [(label: String, help: String)] {
    options.filter { $0.section == section }.map { ($0.label, $0.helpWithValues) }
  }
}

extension OptionDescription {
  /// The help sentence with `(values: sgd, adam; default: adam)` behind it.
  fileprivate var helpWithValues: String {
    let notes = [
      allowedValues.isEmpty ? nil : "values: " + allowedValues.joined(separator: ", "),
      defaultText.map { "default: \($0)" },
    ].compactMap(\.self)
    let suffix = notes.isEmpty ? "" : "(\(notes.joined(separator: "; ")))"
    return [help, suffix].filter { !$0.isEmpty }.joined(separator: " ")
  }
}
