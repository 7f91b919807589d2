import ConvoyTerminal
import Foundation

/// The output of a measurement: a table for people; the same and more as JSON for programs.
struct Report<Results: Encodable>: Encodable {
  let conditions: Conditions
  let results: Results

  /// The table goes to standard output; or, where JSON is wanted there, to standard error.
  func print(_ console: Console, asJSON: Bool, table: String) throws {
    let text = conditions.description + "\n\n" + table
    guard asJSON else { return try console.output(text) }
    console.error(text)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try console.print(String(decoding: try encoder.encode(self), as: UTF8.self))
  }
}
