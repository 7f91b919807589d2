import ConvoyCommandLineOptions
import ConvoyFileAccess
import ConvoyStrictJSON
import Foundation

/// Options in a JSON file: an object with the options' names as keys. The command line goes before
/// it, and it goes before the defaults.
enum OptionsFile {
  static let option = OptionDescription.value(
    "options", "file",
    help: "Take options that the command line does not give from this JSON file: "
      + #"{"epochs": 20, "drop-last": true}."#)

  /// The options with those of the file that they name, if they name one.
  ///
  /// - Throws: `FileError`, or `UsageError` that names the file.
  static func completing(_ options: ParsedOptions) throws -> ParsedOptions {
    guard let path = options.string("options") else { return options }
    let text = Array(try FileContents.read(path, limit: largestFile))
    let arguments: [String]
    do {
      arguments = try Self.arguments(try JSONParser.parse(text), of: options.command)
    } catch {
      throw UsageError.invalidCombination("--options: \(path): \(error)")
    }
    do throws(UsageError) {
      guard case .options(let read) = try options.command.parse(arguments) else { return options }
      return options.completed(by: read.texts)
    } catch {
      throw UsageError.invalidCombination("--options: \(path): \(error)")
    }
  }

  private static let largestFile = 1 << 20

  /// The members of an object as a command line has them.
  private static func arguments(
    _ value: JSONValue, of command: CommandDescription
  ) throws(UsageError) -> [String] {
    guard case .object(let members) = value else {
      throw .invalidCombination("expected an object of options, found \(value.kind)")
    }
    var arguments: [String] = []
    for member in members {
      let name = member.name
      guard !["options", "print-options", "help"].contains(name), !name.contains("=") else {
        throw .unknownOption("--\(name)", suggestion: nil)
      }
      switch member.value {
      case .string(let text): arguments.append("--\(name)=\(text)")
      case .number(let digits): arguments.append("--\(name)=\(digits)")
      case .boolean(true): arguments.append("--\(name)")
      // A flag that is not set; parsing it tells whether there is such a flag.
      case .boolean(false): _ = try command.parse(["--\(name)"])
      case .object, .array, .null:
        throw .invalidValue(
          option: "--\(name)", expected: "a text, a number, true or false",
          found: member.value.kind, suggestion: nil)
      }
    }
    return arguments
  }

  /// Such a file with these options: an option a line, in the order of names.
  ///
  /// - Parameter texts: by name; empty for flags.
  static func text(_ texts: [String: String]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    func quoted(_ text: String) throws -> String {
      String(decoding: try encoder.encode(text), as: UTF8.self)
    }
    let lines = try texts.sorted { $0.key < $1.key }.map { name, text in
      let json = try? JSONParser.parse(Array(text.utf8))
      let value = text.isEmpty ? "true" : json == .number(text) ? text : try quoted(text)
      return "  \(try quoted(name)): \(value)"
    }
    return "{\n" + lines.joined(separator: ",\n") + "\n}"
  }
}
