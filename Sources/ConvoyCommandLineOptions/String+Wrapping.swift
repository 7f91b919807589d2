extension String {
  /// The text broken at spaces into lines of at most `columns` characters, every line indented.
  ///
  /// Line ends are kept, and a line that fits is kept unchanged, including its spaces, so that a
  /// discussion can contain an example. A word longer than a line gets a line of its own.
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

  /// Fills lines with words, separated by single spaces, each line as full as possible.
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
