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
    var files: [String: [UInt8]] = [:]
    for index in graph.initializers.indices {
      let tensor = graph.initializers[index]
      guard case .external(let place) = tensor.elements else { continue }
      guard !["", ".", ".."].contains(place.file), !place.file.contains("/") else {
        throw .unsupported(
          path: path, part: .tensor(tensor.name),
          expected: "numbers in a file of the model's folder",
          found: quoted(place.file))
      }
      let file = folder + place.file
      let bytes = if let read = files[file] { read } else { try Self.bytes(of: file) }
      files[file] = bytes
      let rest = bytes.count - place.offset
      let count = place.count ?? rest
      guard (0...bytes.count).contains(place.offset), (0...rest).contains(count) else {
        throw .malformed(
          path: file, offset: bytes.count,
          expected:
            "\(count) bytes of the tensor \(quoted(tensor.name)) from byte \(place.offset) on",
          found: "the end of the file")
      }
      graph.initializers[index].elements = try Self.elements(
        of: place.type, bytes[place.offset..<place.offset + count], at: place.offset, file)
      try Self.checkSize(of: graph.initializers[index], path)
    }
  }
}
