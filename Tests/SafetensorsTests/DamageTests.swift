import ConvoySafetensors
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
}
