extension String {
  /// The text with newlines and other control characters escaped, because names and files may
  /// contain some that steer the terminal.
  package var onOneLine: String {
    let scalars = unicodeScalars.map { scalar in
      let isControl = scalar.properties.generalCategory == .control
      return isControl ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return scalars.joined()
  }
}
