/// Why an augmentation cannot be used, in one line.
public enum AugmentationError: Error, Sendable, Equatable {
  /// A name that no term has, with one that is spelled much like it.
  case unknownTerm(String, suggestion: String?)
  /// A preset behind another term.
  case latePreset(String)
  /// A value is missing, not a number or out of its range.
  case invalidTerm(String, expected: String, found: String)
  /// A term that stands twice.
  case repeatedTerm(String)
  /// A term that has no meaning beside another.
  case excludedTerm(String, by: String)
  /// The augmentation is valid, but not for these images.
  case doesNotFit(String, expected: String, found: String)
}

extension AugmentationError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownTerm(let name, let suggestion):
      "augmentation: expected terms such as flip or rotate:15, found \(Self.quoted(name))"
        + (suggestion.map { ". Did you mean '\($0)'?" } ?? "")
    case .latePreset(let name):
      "augmentation: expected preset '\(name)' first of all, found it behind another"
    case .invalidTerm(let term, let expected, let found):
      "augmentation \(Self.quoted(term)): expected \(expected), found \(found)"
    case .repeatedTerm(let name):
      "augmentation: expected '\(name)' once, found it again"
    case .excludedTerm(let name, let other):
      "augmentation: expected '\(other)' or '\(name)', found both"
    case .doesNotFit(let name, let expected, let found):
      "augmentation '\(name)': expected \(expected), found \(found)"
    }
  }

  /// At most 40 characters of the text, on one line.
  static func quoted(_ text: String) -> String {
    let start = text.unicodeScalars.prefix(40).map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: scalar.escaped(asASCII: true)
      default: "\(scalar)"
      }
    }
    return "'\(start.joined())\(text.unicodeScalars.count > 40 ? "…" : "")'"
  }
}
