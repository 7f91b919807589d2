extension ParsedOptions {
  /// The case of `Choice` that an argument named; parsing has made sure that there is one.
  package func argument<Choice>(
    _ name: String, of choices: Choice.Type
  ) throws(UsageError) -> Choice where Choice: RawRepresentable<String> & CaseIterable {
    guard let argument = command.arguments.first(where: { $0.name == name }) else {
      preconditionFailure("The command '\(command.name)' declares no argument '\(name)'.")
    }
    let allowed = choices.allCases.map(\.rawValue)
    guard let text = words[name] else {
      throw .missingArgument(argument.label, allowed: allowed)
    }
    guard let choice = Choice(rawValue: text) else {
      throw .notAmong(allowed, option: argument.label, found: text)
    }
    return choice
  }
}
