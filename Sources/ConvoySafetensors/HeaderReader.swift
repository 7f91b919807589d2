import ConvoyStrictJSON

/// Parses a header's JSON into entries and metadata, and checks each entry separately.
struct HeaderReader {
  /// What errors call the file.
  let path: String

  func read(
    _ bytes: [UInt8]
  ) throws(SafetensorsError) -> (entries: [HeaderEntry], metadata: [String: String]) {
    let members = try members(of: bytes)
    var entries: [HeaderEntry] = []
    var metadata: [String: String] = [:]
    for member in members {
      if member.name == SafetensorsFile.metadataKey {
        metadata = try texts(in: member.value)
      } else {
        entries.append(try entry(named: member.name, member.value))
      }
    }
    return (entries, metadata)
  }

  private func members(of bytes: [UInt8]) throws(SafetensorsError) -> [JSONMember] {
    do {
      return try JSONParser.parseObject(bytes)
    } catch {
      throw .malformed(
        path: path, place: .header(byte: SafetensorsFile.lengthFieldSize + error.offset),
        expected: error.expected, found: error.found)
    }
  }

  private func texts(in value: JSONValue) throws(SafetensorsError) -> [String: String] {
    guard case .object(let members) = value else {
      throw malformed(.metadata, expected: "an object", found: value.kind)
    }
    var texts: [String: String] = [:]
    for member in members {
      guard case .string(let text) = member.value else {
        throw malformed(
          .metadata, expected: "a string for \(quoted(member.name))", found: member.value.kind)
      }
      texts[member.name] = text
    }
    return texts
  }

  private func entry(
    named name: String, _ value: JSONValue
  ) throws(SafetensorsError) -> HeaderEntry {
    let place = SafetensorsError.Place.tensor(name)
    guard case .object(let members) = value else {
      throw malformed(place, expected: "an object", found: value.kind)
    }
    var fields: [String: JSONValue] = [:]
    for member in members {
      guard ["dtype", "shape", "data_offsets"].contains(member.name) else {
        throw malformed(
          place, expected: "the fields dtype, shape and data_offsets", found: quoted(member.name))
      }
      fields[member.name] = member.value
    }

    let type = try elementType(fields["dtype"], tensor: name)
    let shape = try naturalNumbers(fields["shape"], field: "shape", place)
    let offsets = try naturalNumbers(fields["data_offsets"], field: "data_offsets", place)
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw malformed(
        place, expected: "data_offsets of a begin and an end not before it", found: brief(offsets))
    }
    let elementCount = NamedTensor.elementCount(of: shape)
    let size = elementCount?.multipliedReportingOverflow(by: type.size)
    guard let elementCount, let size, !size.overflow else {
      throw malformed(place, expected: "a size that fits 64 bits", found: "shape \(brief(shape))")
    }
    guard size.partialValue == offsets[1] - offsets[0] else {
      throw malformed(
        place, expected: "\(size.partialValue) bytes for shape \(brief(shape))",
        found: "\(offsets[1] - offsets[0])")
    }
    return HeaderEntry(
      name: name, type: type, shape: shape, elementCount: elementCount, begin: offsets[0],
      end: offsets[1])
  }

  private func elementType(
    _ value: JSONValue?, tensor: String
  ) throws(SafetensorsError) -> ElementType {
    guard case .string(let name)? = value else {
      throw malformed(
        .tensor(tensor), expected: "a string for 'dtype'", found: value?.kind ?? "nothing")
    }
    guard let type = ElementType(rawValue: name) else {
      throw .unsupportedElementType(path: path, tensor: tensor, found: name)
    }
    return type
  }

  private func naturalNumbers(
    _ value: JSONValue?, field: String, _ place: SafetensorsError.Place
  ) throws(SafetensorsError) -> [Int] {
    guard case .array(let elements)? = value else {
      throw malformed(place, expected: "an array for '\(field)'", found: value?.kind ?? "nothing")
    }
    var numbers: [Int] = []
    for element in elements {
      guard case .number(let digits) = element, let number = Int(digits), number >= 0 else {
        throw malformed(
          place, expected: "whole numbers from 0 to \(Int.max) in '\(field)'",
          found: element.found)
      }
      numbers.append(number)
    }
    return numbers
  }

  private func malformed(
    _ place: SafetensorsError.Place, expected: String, found: String
  ) -> SafetensorsError {
    .malformed(path: path, place: place, expected: expected, found: found)
  }
}

/// What a header says of one tensor.
struct HeaderEntry {
  let name: String
  let type: ElementType
  let shape: [Int]
  /// The product of the shape.
  let elementCount: Int
  /// The offset of the first byte, from the start of the data.
  let begin: Int
  /// The offset after the last byte.
  let end: Int
}
