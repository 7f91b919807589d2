extension CommandDescription {
  static let helpSpellings: Set<String> = ["--help", "-h"]

  /// Reads the arguments that follow the command's name.
  ///
  /// Values come as `--name value` or `--name=value`. The separate form never takes a text that
  /// begins with two dashes: if a value was forgotten, such a text is the next option, perhaps
  /// mistyped. A single dash is accepted, so that `--l2 -1` reaches the range check.
  package func parse(_ arguments: [String]) throws(UsageError) -> ParsingOutcome {
    if arguments.contains(where: Self.helpSpellings.contains) { return .helpRequested }

    var values: [String: String] = [:]
    var words: [[String]] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      // A dash alone stands for a standard stream.
      if !argument.hasPrefix("-") || argument == "-" {
        try add(argument, to: &words, beside: values)
        continue
      }
      let (option, attachedValue) = try option(in: argument)
      guard values[option.name] == nil else { throw .repeatedOption(option.spelling) }
      values[option.name] =
        option.valueName == nil
        ? try flagValue(of: option, attached: attachedValue)
        : try value(of: option, attached: attachedValue, rest: &rest)
    }
    for option in options where option.isRequired && values[option.name] == nil {
      throw .missingOption(option.label)
    }
    if words.count < self.arguments.count {
      let missing = self.arguments[words.count]
      throw .missingArgument(missing.label, allowed: missing.allowedValues)
    }
    return .options(
      ParsedOptions(
        command: self, values: values,
        words: Dictionary(uniqueKeysWithValues: zip(self.arguments.map(\.name), words))))
  }

  /// Adds a word to those of the arguments, by argument.
  ///
  /// - Parameter values: of the options before it.
  private func add(
    _ text: String, to words: inout [[String]], beside values: [String: String]
  ) throws(UsageError) {
    if words.count == arguments.count, arguments.last?.isRepeated == true {
      words[words.count - 1].append(text)
      return
    }
    guard words.count < arguments.count else {
      let option = mainOption.flatMap { values[$0] == nil ? self.option(named: $0) : nil }
      throw .unexpectedArgument(
        text,
        suggestion: text.count > 1
          ? option.map { "\($0.spelling) " + (text.contains(" ") ? "\"\(text)\"" : text) } : nil)
    }
    let argument = arguments[words.count]
    guard argument.allowedValues.isEmpty || argument.allowedValues.contains(text) else {
      throw .notAmong(argument.allowedValues, option: argument.label, found: text)
    }
    words.append([text])
  }

  /// Splits `--name=value` and finds the option.
  private func option(
    in argument: String
  ) throws(UsageError) -> (option: OptionDescription, attachedValue: String?) {
    guard argument != "--" else {
      throw .unexpectedArgument(argument)
    }
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let spelling = parts.first.map(String.init) ?? argument
    if let option = options.first(where: { $0.spellings.contains(spelling) }) {
      return (option, parts.count == 2 ? String(parts[1]) : nil)
    }
    let spellings = options.map(\.spelling)
    throw .unknownOption(
      spelling,
      suggestion: OtherTools.option(for: spelling, among: spellings + arguments.map(\.label))
        ?? Suggestion.nearest(to: spelling, among: spellings + ["--help"]))
  }

  /// A flag is stored as an empty value; only its presence is ever asked for.
  private func flagValue(
    of option: OptionDescription, attached: String?
  ) throws(UsageError) -> String {
    if let attached {
      throw .invalidValue(
        option: option.spelling, expected: "no value", found: attached, suggestion: nil)
    }
    return ""
  }

  private func value(
    of option: OptionDescription, attached: String?, rest: inout ArraySlice<String>
  ) throws(UsageError) -> String {
    let next = attached ?? rest.first
    let isNextOption = attached == nil && next?.hasPrefix("--") == true
    guard let value = next, !isNextOption else {
      throw .missingValue(option: option.label, found: next)
    }
    if attached == nil { rest.removeFirst() }
    guard !value.isEmpty else { throw .missingValue(option: option.label, found: value) }
    guard option.allowedValues.isEmpty || option.allowedValues.contains(value) else {
      throw .notAmong(option.allowedValues, option: option.spelling, found: value)
    }
    return value
  }
}
