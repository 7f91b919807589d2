extension String {
  /// The text with newlines and other characters escaped that steer the terminal or cannot be seen,
  /// because names and files may contain some.
  package var onOneLine: String {
    let scalars = unicodeScalars.map { scalar in
      scalar.staysInPlace ? String(scalar) : scalar.escaped(asASCII: true)
    }
    return scalars.joined()
  }
}

extension Unicode.Scalar {
  /// Whether it neither ends a line nor turns the direction of others, and is not a space without
  /// width. Joiners stay, which emoji and some scripts need.
  fileprivate var staysInPlace: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: false
    default: !properties.isBidiControl && self != "\u{200B}" && self != "\u{FEFF}"
    }
  }
}
