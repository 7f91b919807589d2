import ConvoyStrictJSON
import Foundation

extension Checkpoint.State {
  private struct Version: Decodable { let formatVersion: Int }

  /// Checks that a state has the supported format version, whatever else it contains.
  static func checkVersion(_ json: Data, path: String, key: String) throws(ModelFileError) {
    guard let version = try? JSONDecoder().decode(Version.self, from: json).formatVersion else {
      throw .metadata(
        path: path, key: key, expected: "a checkpoint that convoy train wrote",
        found: quoted(String(decoding: json, as: UTF8.self)))
    }
    guard version == currentVersion else {
      throw .metadata(
        path: path, key: key, expected: "format version \(currentVersion), the only one read",
        found: "\(version)")
    }
  }

  /// Reads a state, and checks what can be checked without the run.
  ///
  /// - Parameters:
  ///   - stepLosses: of the current epoch.
  ///   - path, key: of the state, for errors.
  init(json: Data, stepLosses: [Float], path: String, key: String) throws(ModelFileError) {
    func refusal(_ expected: String, _ found: String) -> ModelFileError {
      .metadata(path: path, key: key, expected: expected, found: found)
    }
    do {
      self = try JSONDecoder().decode(Self.self, from: json)
    } catch {
      throw refusal(
        "a checkpoint that convoy train wrote", quoted(String(decoding: json, as: UTF8.self)))
    }
    guard epoch >= 1, stepNumber >= sums.steps, sums.steps >= 0, sums.samples >= sums.steps,
      (0...sums.samples).contains(sums.correct), sums.loss.isFinite, sums.seconds.isFinite,
      sums.seconds >= 0, sums.weight.isFinite, sums.weight >= 0, sums.weight == 0 || sums.steps > 0,
      sums.weight > 0 ? (sums.loss / sums.weight).isFinite : sums.loss == 0
    else { throw refusal("counts that go together", "others") }
    guard sums.steps == stepLosses.count, stepLosses.allSatisfy(\.isFinite) else {
      throw refusal(
        "a finite loss for each of the epoch's \(sums.steps) steps", "\(stepLosses.count)")
    }
    guard best.map({ $0.epoch >= 1 && $0.epoch < epoch }) ?? true, log?.isValid ?? true else {
      throw refusal(
        "a best epoch before the one under way, and a length and a checksum of the log", "others")
    }
  }
}
