import ConvoyFileAccess
import ConvoySafetensors
import Foundation
import Testing

@Suite struct RoundTripTests {
  private static let file = SafetensorsFile(
    tensors: [
      NamedTensor(
        name: "convolution.weight", shape: [2, 1, 3],
        values: [1, -2, 0.5, 3, .leastNormalMagnitude, -0.0]),
      NamedTensor(name: "step", shape: [], values: [7]),
      NamedTensor(name: "count", type: .integer, shape: [3], values: [0, -5, 16_777_216]),
      NamedTensor(name: "nothing", shape: [3, 0], values: []),
      NamedTensor(
        name: "convolution.bias", shape: [2], values: [.infinity, .leastNonzeroMagnitude]),
    ],
    metadata: ["layers": "convolution 3x3\n\"quoted\" \\ \u{1}", "名前": "車列 🚚", "": ""])

  @Test func contentsSurvive() throws {
    let decoded = try SafetensorsFile(decoding: Self.file.encoded(), path: "model")
    #expect(decoded == Self.file)
    #expect(decoded.tensors.first?.values.last?.sign == .minus)
  }

  @Test func bitsOfNumbersThatAreNoneSurvive() throws {
    let values = [Float(nan: 0x1234, signaling: false), -Float.nan]
    let file = SafetensorsFile(tensors: [NamedTensor(name: "a", shape: [2], values: values)])
    let decoded = try SafetensorsFile(decoding: file.encoded(), path: "model")
    #expect(decoded.tensors.first?.values.map(\.bitPattern) == values.map(\.bitPattern))
  }

  @Test func bytesAreExactly() {
    let file = SafetensorsFile(
      tensors: [
        NamedTensor(name: "b", shape: [1, 2], values: [1, -2]),
        NamedTensor(name: "n", type: .integer, shape: [], values: [258]),
        NamedTensor(name: "a\"\n", shape: [], values: [0.5]),
      ],
      metadata: ["z": "1", "a": "2"])
    let header =
      #"{"__metadata__":{"a":"2","z":"1"},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"#
      + #""n":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"#
      + #""a\"\u000a":{"dtype":"F32","shape":[],"data_offsets":[16,20]}}"#
    let padding = String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    #expect(!padding.isEmpty)
    let numbers: [UInt8] = [
      0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3F,
    ]
    #expect(file.encoded() == fileBytes(header: header + padding, data: numbers))
  }

  @Test func anEmptyFileIsAnEmptyObject() throws {
    let empty = SafetensorsFile(tensors: [])
    #expect(empty.encoded() == fileBytes(header: "{}      "))
    #expect(try SafetensorsFile(decoding: empty.encoded(), path: "model") == empty)
  }

  @Test func equalContentsGiveEqualBytes() {
    let names = (0..<50).map { "key \($0)" }
    let forward = Dictionary(uniqueKeysWithValues: names.map { ($0, "text") })
    var backward: [String: String] = [:]
    for name in names.reversed() { backward[name] = "text" }
    let first = SafetensorsFile(tensors: [], metadata: forward).encoded()
    #expect(first == SafetensorsFile(tensors: [], metadata: backward).encoded())
  }

  @Test func readsAFileByItsPath() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try AtomicFile.write(Self.file.encoded(), to: path)
    #expect(try SafetensorsFile(contentsOf: path) == Self.file)
    try FileManager.default.removeItem(atPath: path)
    let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(contentsOf: path) }
    #expect(error?.description == "\(path): cannot open: No such file or directory")
  }

  /// A tensor is asked for piece by piece, each once and in order.
  @Test func aLargeTensorIsWrittenInPieces() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    let count = 5_000_011
    var asked: [Range<Int>] = []
    let large = TensorStream(name: "large", shape: [count]) { range, values in
      asked.append(range)
      UnsafeMutableBufferPointer(start: values, count: range.count).update(repeating: 0)
      values[0] = Float(range.lowerBound)
      values[range.count - 1] = Float(range.upperBound)
    }
    let small = NamedTensor(name: "small", shape: [2], values: [3, 4])
    var file = try AtomicFile(replacing: path)
    try SafetensorsFile.encode([large, TensorStream(small)], metadata: ["a": "b"]) {
      bytes throws(FileError) in try file.append(bytes)
    }
    try file.commit()
    #expect(asked.first?.lowerBound == 0 && asked.last?.upperBound == count)
    #expect(zip(asked, asked.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    #expect(asked.count > 1 && asked.allSatisfy { $0.count <= 1 << 21 })

    let read = try SafetensorsFile(contentsOf: path)
    let values = try #require(read.tensors.first?.values)
    #expect(values.count == count)
    for range in asked {
      #expect(values[range.lowerBound] == Float(range.lowerBound))
      #expect(values[range.upperBound - 1] == Float(range.upperBound))
    }
    #expect(read.tensors.last == small)
    try read.write(to: path)
    #expect(try SafetensorsFile(contentsOf: path) == read)
    try FileManager.default.removeItem(atPath: path)
  }

  /// Whoever watches sees every byte once.
  @Test func theBytesOfAFileAreSeenAsTheyAreRead() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try Self.file.write(to: path)
    var seen = Data()
    var names: [String?] = []
    _ = try SafetensorsFile(contentsOf: path) { tensor, bytes in
      names.append(tensor)
      seen.append(contentsOf: bytes)
    }
    #expect(seen == Self.file.encoded())
    #expect(names == [nil, nil] + Self.file.tensors.map(\.name))
    try FileManager.default.removeItem(atPath: path)
  }

  @Test func readsASliceOfLargerData() throws {
    let surrounded = Data([1, 2, 3]) + Self.file.encoded()
    #expect(try SafetensorsFile(decoding: surrounded.dropFirst(3), path: "model") == Self.file)
  }

  @Test func readsWhatOtherWritersWrite() throws {
    let header =
      "{ \"b\" :\n{\"shape\": [ 1 ],\t\"data_offsets\": [4, 8], \"dtype\": \"F32\"},"
      + #""\u0061\ud83d\uDE9A\/\b\f\n\r\t\\\"":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
      + #""__metadata__": {}}"#
    let file = try SafetensorsFile(
      decoding: fileBytes(header: header, data: [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]), path: "model")
    #expect(file.tensors.map(\.name) == ["a🚚/\u{8}\u{C}\n\r\t\\\"", "b"])
    #expect(file.tensors.map(\.values) == [[1], [2]])
    #expect(file.metadata == [:])
  }

  @Test func whatCannotBeAFileStopsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = NamedTensor(name: "a", shape: [2], values: [1])
    }
    await #expect(processExitsWith: .failure) {
      let tensor = NamedTensor(name: "a", shape: [1], values: [1])
      _ = SafetensorsFile(tensors: [tensor, tensor]).encoded()
    }
    await #expect(processExitsWith: .failure) {
      let tensor = NamedTensor(name: "__metadata__", shape: [1], values: [1])
      _ = SafetensorsFile(tensors: [tensor]).encoded()
    }
  }
}
