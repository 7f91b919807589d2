extension String {
  /// The text broken at spaces into lines of at most `columns` characters, every line indented.
  ///
  /// Line ends in the text stay, and a line that fits is kept as it is, with its own spaces, so
  /// that a discussion can hold an example. A word longer than a line stands alone.
  func wrapped(to columns: Int, indentation: Int = 0) -> String {
    let margin = String(repeating: " ", count: indentation)
    let width = columns - indentation
    return split(separator: "\n", omittingEmptySubsequences: false)
      .flatMap { line in
        line.count <= width
          ? [String(line)]
          : Self.lines(of: line.split(separator: " ").map(String.init), width: width)
      }
      .map { $0.isEmpty ? "" : margin + $0 }
      .joined(separator: "\n")
  }

  /// Words set into lines with a space between, each line as full as it can be.
  static func lines(of words: [String], width: Int) -> [String] {
    var lines: [String] = []
    for word in words {
      if let line = lines.last, line.count + 1 + word.count <= width {
        lines[lines.count - 1] = "\(line) \(word)"
      } else {
        lines.append(word)
      }
    }
    return lines
  }
}
