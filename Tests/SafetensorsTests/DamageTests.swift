import Foundation
import Safetensors
import Testing

/// Damaged files give a value or a typed error, and never stop the program.
@Suite struct DamageTests {
  private static let file = SafetensorsFile(
    tensors: [
      NamedTensor(name: "weight", shape: [2, 3], values: [1, 2, 3, 4, 5, 6]),
      NamedTensor(name: "bias", shape: [2], values: [7, 8]),
    ],
    metadata: ["epoch": "3", "name": "\u{1F69A}\n"])

  @Test func everyTruncationIsRefused() {
    let bytes = Self.file.encoded()
    for length in 0..<bytes.count {
      #expect(throws: SafetensorsError.self) {
        try SafetensorsFile(decoding: bytes.prefix(length), path: "model")
      }
    }
  }

  @Test func twoThousandMutantsStopNothing() throws {
    let bytes = [UInt8](Self.file.encoded())
    var generator = SplitMix64(state: 2026)
    var refused = 0
    var accepted = 0
    for _ in 0..<2_000 {
      var mutant = bytes
      for _ in 0...Int.random(in: 0..<3, using: &generator) {
        Self.mutate(&mutant, using: &generator)
      }
      do {
        let decoded = try SafetensorsFile(decoding: Data(mutant), path: "model")
        // What is accepted must be whole: it can be written and read again.
        let again = try SafetensorsFile(decoding: decoded.encoded(), path: "model")
        #expect(again.encoded() == decoded.encoded())
        accepted += 1
      } catch {
        refused += 1
      }
    }
    // A loop that only ever took one way would prove little.
    #expect(refused > 1_000)
    #expect(accepted > 50)
  }

  /// One random change: a bit, a byte, a piece cut out, a piece doubled, or JSON's own signs.
  private static func mutate(_ bytes: inout [UInt8], using generator: inout SplitMix64) {
    guard !bytes.isEmpty else { return }
    let position = Int.random(in: bytes.indices, using: &generator)
    let end = min(bytes.count, position + Int.random(in: 1...8, using: &generator))
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1: bytes[position] = .random(in: .min ... .max, using: &generator)
    case 2: bytes.removeSubrange(position..<end)
    case 3: bytes.insert(contentsOf: bytes[position..<end], at: position)
    default:
      bytes[position] =
        Array(#"{}[]",:\0123456789eu-. "#.utf8).randomElement(using: &generator) ?? 0
    }
  }
}
