import ConvoyFileAccess
import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyStrictJSON
import ConvoyTraining

/// A file's names of a network's tensors, as lines such as `0.weight is stem.0.weight`.
package struct TensorNames: Sendable, Equatable {
  /// By the network's.
  private let names: [String: String]
  private let path: String

  /// - Parameter source: what errors call the names.
  package init(_ names: [String: String], source: String) { (self.names, path) = (names, source) }

  /// - Throws: `FileError`, or `TensorNamesError` for another line.
  package init(contentsOf path: String) throws {
    let lines = String(decoding: try FileContents.read(path, limit: 1 << 24), as: UTF8.self)
      .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    var names: [String: String] = [:]
    for (number, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
      let words = line.split(separator: " ").map(String.init)
      guard words.count >= 3, words[1] == "is", words.count == 3 || words[3].hasPrefix("("),
        names.updateValue(words[2], forKey: words[0]) == nil
      else { throw TensorNamesError(path: path, line: number + 1, found: String(line.prefix(200))) }
    }
    self.names = names
    self.path = path
  }

  func pairs(
    of tensors: [NamedTensor], with network: [ParameterTensor], path: String
  ) throws(ModelFileError) -> [String: String] {
    let found = Set(tensors.map(\.name))
    var taken: [String: String] = [:]
    for tensor in network {
      guard let name = names[tensor.name] else {
        throw .tensor(
          path: self.path, name: tensor.name, expected: "a line for each tensor of the network",
          found: "none")
      }
      guard found.contains(name) else {
        throw .tensor(
          path: path, name: name, expected: "a tensor of that name, as in \(self.path)",
          found: "none")
      }
      if let other = taken.updateValue(tensor.name, forKey: name) {
        throw .tensor(
          path: self.path, name: name, expected: "one place in the network",
          found: "\(other) and \(tensor.name)")
      }
    }
    return names.filter { pair in network.contains { $0.name == pair.key } }
  }
}

/// A line that names no tensor.
package struct TensorNamesError: Error, Equatable, Sendable, CustomStringConvertible {
  let path: String
  /// From 1.
  let line: Int
  let found: String

  package var description: String {
    "\(path): line \(line): expected a name of the network and one of the file, such as "
      + "'0.weight is stem.0.weight', each once, found \(quoted(found))"
  }
}
