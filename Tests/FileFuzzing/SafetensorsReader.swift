import ConvoySafetensors
import ConvoyTestSupport
import Foundation

/// Files in the safetensors format, of whatever tensors.
struct SafetensorsReader: FuzzedReader {
  static let seeds = [
    SafetensorsFile(
      tensors: [
        NamedTensor(name: "weight", shape: [2, 3], values: [1, 2, 3, 4, 5, 6]),
        NamedTensor(name: "bias", shape: [2], values: [7, 8]),
      ],
      metadata: ["epoch": "3", "name": "\u{1F69A}\n"]),
    SafetensorsFile(
      tensors: [
        NamedTensor(name: "", shape: [], values: [.nan]),
        NamedTensor(name: "empty", shape: [3, 0, 2], values: []),
      ]),
    SafetensorsFile(tensors: []),
  ].map { [UInt8]($0.encoded()) }
  static let words = [
    "{", "}", "[", "]", ":", ",", "\"", "\\u", "\\ud83d", "\\u0000", "null", "true", " ", "\n",
    "\"__metadata__\":", "\"dtype\":", "\"F32\"", "\"F16\"", "\"shape\":", "\"data_offsets\":",
    "\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},",
    "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}", "[4294967296,4294967296]",
    "[9223372036854775807,9223372036854775807]", String(repeating: "[", count: 300), "é",
    "e\u{301}",
  ]

  static func isRefusal(_ error: any Error) -> Bool { error is SafetensorsError }

  static func mutant(of file: [UInt8], _ mutator: inout Mutator) -> [UInt8] {
    guard mutator.generator.chance(of: 0.6) else { return mutator.mutant(of: file) }
    return withMutatedHeader(file, &mutator)
  }

  /// The file with a spoilt header, whose length is right.
  static func withMutatedHeader(_ file: [UInt8], _ mutator: inout Mutator) -> [UInt8] {
    let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let sound = Array(file[8..<8 + length])
    let header =
      mutator.generator.chance(of: 0.4)
      ? mutator.mutantNumber(of: sound) : mutator.mutant(of: sound)
    return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header
      + file[(8 + length)...]
  }

  func read(_ file: [UInt8]) throws {
    let decoded = try SafetensorsFile(decoding: Data(file), path: "model")
    let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let words = decoded.tensors.flatMap { $0.values.map(\.bitPattern.littleEndian) }
    try Violation.require(
      words.withUnsafeBytes { $0.elementsEqual(file[(8 + length)...]) },
      "elements are not the file's")
    for tensor in decoded.tensors {
      try Violation.require(
        tensor.shape.reduce(1, *) == tensor.values.count, "the size of \(tensor.name)")
    }
    try Violation.require(
      Set(decoded.tensors.map(\.name)).count == decoded.tensors.count, "two tensors of one name")
    let encoded = decoded.encoded()
    let again: SafetensorsFile
    do {
      again = try SafetensorsFile(decoding: encoded, path: "model")
    } catch {
      throw Violation("what was read cannot be written and read again: \(error)")
    }
    // By their bytes, since a NaN is not equal to itself.
    try Violation.require(again.encoded() == encoded, "what was read changes when it is written")
  }
}
