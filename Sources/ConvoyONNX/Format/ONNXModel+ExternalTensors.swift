import ConvoyProcessLimits
import ConvoyStrictJSON

/// Where the numbers of a tensor lie in another file (`onnx.proto`, `external_data`).
package struct ExternalTensor: Sendable, Equatable {
  /// In the model's folder.
  package var file = ""
  package var offset = 0
  /// In bytes; nil up to the file's end.
  package var count: Int?
  /// The element type by its number.
  package var type = 0

  /// Where they are in a file of `size` bytes; nil if they are not.
  func range(in size: Int) -> Range<Int>? {
    guard (0...size).contains(offset), (0...size - offset).contains(count ?? 0) else { return nil }
    return offset..<(count.map { offset + $0 } ?? size)
  }

  /// Takes one of its properties in a model.
  mutating func add(_ property: ONNXModel.Property) {
    switch property.key {
    case "location": file = property.value
    case "offset": offset = Int(property.value) ?? -1
    case "length": count = Int(property.value) ?? -1
    default: break
    }
  }
}

extension ONNXModel {
  /// Reads the numbers that lie in files beside the model, as PyTorch's exporter writes them.
  mutating func readExternalTensors(besides path: String) throws(ONNXError) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    var contents: [String: [UInt8]] = [:]
    for index in graph.initializers.indices {
      let tensor = graph.initializers[index]
      guard case .external(let place) = tensor.elements else { continue }
      guard !["", ".", ".."].contains(place.file), !place.file.contains("/"),
        !place.file.contains("\0")
      else {
        throw .unsupported(
          path: path, part: .tensor(tensor.name),
          expected: "numbers in a file of the model's folder",
          found: quoted(place.file))
      }
      let file = folder + place.file
      let bytes = if let read = contents[file] { read } else { try Self.bytes(of: file) }
      contents[file] = bytes
      guard let range = place.range(in: bytes.count) else {
        throw .unsupported(
          path: path, part: .tensor(tensor.name),
          expected: "a part of the \(bytes.count) bytes of \(quoted(place.file))",
          found: (place.count.map { "\($0) bytes" } ?? "the rest") + " from byte \(place.offset) on"
        )
      }
      // Tensors may name the same part.
      do {
        try AvailableMemory.now.check(MemoryNeed(bytes: Double(range.count)), for: path)
      } catch {
        throw .memory(error)
      }
      graph.initializers[index].elements = try Self.elements(
        of: place.type, bytes[range], at: range.lowerBound, file)
      try Self.checkSize(of: graph.initializers[index], path)
    }
    externalFiles = contents.keys.sorted()
  }
}
