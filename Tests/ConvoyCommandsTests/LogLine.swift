import Foundation

/// A line of a run's log: the run's, an epoch's or a step's.
struct LogLine: Decodable {
  let epoch: Int?
  let trainingLoss: Double?
  let trainingAccuracy: Double?
  let testLoss: Double?
  let testAccuracy: Double?
  let validationLoss: Double?
  let validationAccuracy: Double?
  let seconds: Double?
  let samplesPerSecond: Double?
  let step: Int?
  let loss: Double?
  let gradientNorm: Double?
  let learningRate: Double?
  let runSeconds: Double?
  let run: Run?

  struct Run: Decodable {
    let version: String
    let options: [String: String]
    let seed: UInt64
    let shape: [Int]
    let classes: Int
    let parameters: Int
    let steps: Int
    let threads: Int
    let instructionSet: String
  }

  static func read(_ path: String) throws -> [LogLine] {
    try lines(path).map { try JSONDecoder().decode(LogLine.self, from: Data($0.utf8)) }
  }

  /// The numbers of the epochs.
  static func epochs(_ path: String) throws -> [Int] {
    try read(path).filter { $0.trainingLoss != nil }.compactMap(\.epoch)
  }

  /// The fields of each line.
  static func fields(_ path: String) throws -> [Set<String>] {
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
