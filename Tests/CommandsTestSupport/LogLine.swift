import Foundation

/// A line of a run's log: the run's, an epoch's or a step's.
package struct LogLine: Decodable {
  package let epoch: Int?
  package let trainingLoss: Double?
  package let trainingAccuracy: Double?
  package let testLoss: Double?
  package let testAccuracy: Double?
  package let validationLoss: Double?
  package let validationAccuracy: Double?
  package let seconds: Double?
  package let samplesPerSecond: Double?
  package let step: Int?
  package let loss: Double?
  package let gradientNorm: Double?
  package let learningRate: Double?
  package let runSeconds: Double?
  package let run: Run?

  package struct Run: Decodable {
    package let version: String
    package let options: [String: String]
    package let seed: UInt64
    package let shape: [Int]
    package let classes: Int
    package let parameters: Int
    package let steps: Int
    package let threads: Int
    package let instructionSet: String
  }

  package static func read(_ path: String) throws -> [LogLine] {
    try lines(path).map { try JSONDecoder().decode(LogLine.self, from: Data($0.utf8)) }
  }

  /// The numbers of the epochs.
  package static func epochs(_ path: String) throws -> [Int] {
    try read(path).filter { $0.trainingLoss != nil }.compactMap(\.epoch)
  }

  /// The fields of each line.
  package static func fields(_ path: String) throws -> [Set<String>] {
    try lines(path).map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return Set(object?.keys.map(\.self) ?? [])
    }
  }

  private static func lines(_ path: String) throws -> [Substring] {
    let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
    return text.split(separator: "\n")
  }
}
