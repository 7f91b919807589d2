import ConvoySafetensors
import Foundation
import Testing

/// Every rule of the format, broken once.
@Suite struct RefusalTests {
  @Test func lengthField() {
    expect(Data(), "header length: expected 8 bytes, found 0")
    expect(Data([2, 0, 0, 0, 0, 0, 0]), "header length: expected 8 bytes, found 7")
    expect(
      Data([0x01, 0xE1, 0xF5, 0x05, 0, 0, 0, 0]),
      "header length: expected at most 100000000, found 100000001")
    expect(
      Data([UInt8](repeating: 0xFF, count: 8)),
      "header length: expected at most 100000000, found 18446744073709551615")
    expect(
      Data([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D]),
      "header length: expected at most the 2 bytes that follow, found 3")
  }

  private static let otherFormats: [(start: String, name: String)] = [
    ("PK\u{3}\u{4}\u{0}\u{0}\u{8}\u{8}", "a zip archive, as torch.save writes it; "),
    ("\u{89}HDF\r\n\u{1a}\n", "an HDF5 file, as Keras writes it; "),
    ("\u{89}PNG\r\n\u{1a}\n", "a picture"),
    ("\u{ff}\u{d8}\u{ff}\u{e0}\u{0}\u{10}JF", "a picture"),
    ("\u{93}NUMPY\u{1}\u{0}", "an array of NumPy"),
    ("\u{93}CONVOY PACKED", "packed pictures"),
    ("{\"layers\": []}", "JSON"),
    ("\u{8}\u{7}\u{12}\u{7}pytorch", "an ONNX model, which convoy import takes"),
  ]

  @Test(arguments: otherFormats)
  func otherFormatsAreNamed(start: String, name: String) {
    // A byte for each character.
    let bytes = start.unicodeScalars.map { UInt8($0.value) }
    let error = #expect(throws: SafetensorsError.self) {
      try SafetensorsFile(decoding: Data(bytes), path: "model")
    }
    #expect(
      error?.description.hasPrefix("model: expected a safetensors file, found \(name)") == true)
  }

  /// A header may be as long as the number that a '{' is.
  @Test func aLengthThatLooksLikeJSONIsALength() throws {
    let header = "{" + String(repeating: " ", count: 0x17b - 2) + "}"
    let file = fileBytes(header: header)
    #expect(try SafetensorsFile(decoding: file, path: "model").tensors.isEmpty)
    expect(
      file.prefix(100), "header length: expected at most the 92 bytes that follow, found 379")
  }

  @Test(arguments: [
    ("", "header, byte 8: expected '{', found the end"),
    (" {}", "header, byte 8: expected '{', found ' '"),
    ("[]", "header, byte 8: expected '{', found '['"),
    ("{", "header, byte 9: expected a string, found the end"),
    ("{} \n", "header, byte 11: expected only spaces after the object, found byte 0x0a"),
    ("{}{}", "header, byte 10: expected only spaces after the object, found '{'"),
    ("{,}", "header, byte 9: expected a string, found ','"),
    (#"{"a" 1}"#, "header, byte 13: expected ':', found '1'"),
    (#"{"a":1 "b":2}"#, "header, byte 15: expected ',' or '}', found '\"'"),
    (#"{"a":1,}"#, "header, byte 15: expected a string, found '}'"),
    (#"{"a":[1 2]}"#, "header, byte 16: expected ',' or ']', found '2'"),
    (
      #"{"a":[1,]}"#,
      "header, byte 16: expected a value, found ']'"
    ),
    (
      #"{"a":+1}"#,
      "header, byte 13: expected a value, found '+'"
    ),
    (#"{"a":1,"a":2}"#, "header, byte 15: expected distinct names, found 'a' again"),
    (#"{"a":1,"\u0061":2}"#, "header, byte 15: expected distinct names, found 'a' again"),
    (#"{"é":1,"e\u0301":2}"#, "header, byte 16: expected distinct names, found 'é' again"),
    (
      #"{"__metadata__":{"k":"1","k":"2"}}"#,
      "header, byte 33: expected distinct names, found 'k' again"
    ),
    (
      #"{"__metadata__":{},"__metadata__":{}}"#,
      "header, byte 27: expected distinct names, found '__metadata__' again"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,4]}}"#,
      "header, byte 40: expected distinct names, found 'shape' again"
    ),
    (#"{"a":-}"#, "header, byte 14: expected a digit, found '}'"),
    (#"{"a":01}"#, "header, byte 13: expected a number without leading zeros, found '01'"),
    (#"{"a":1.}"#, "header, byte 15: expected a digit, found '}'"),
    (#"{"a":1e+}"#, "header, byte 16: expected a digit, found '}'"),
    (#"{"a":nul}"#, "header, byte 13: expected a value, found 'n'"),
    (#"{"a":NaN}"#, "header, byte 13: expected a value, found 'N'"),
    (#"{"a"#, "header, byte 11: expected '\"' at the end of a string, found the end"),
    ("{\"\t\"}", "header, byte 10: expected control characters to be escaped, found byte 0x09"),
    (#"{"\x"}"#, "header, byte 11: expected an escape sequence of JSON, found 'x'"),
    (#"{"\u00g0"}"#, "header, byte 14: expected a hexadecimal digit, found 'g'"),
    (#"{"\ud83d"}"#, "header, byte 10: expected surrogates in pairs, found half a pair"),
    (#"{"\ude9a"}"#, "header, byte 10: expected surrogates in pairs, found half a pair"),
    (#"{"\ud83d\u0061"}"#, "header, byte 10: expected surrogates in pairs, found half a pair"),
    (#"{"\ud83d\n"}"#, "header, byte 17: expected 'u', found 'n'"),
    (
      #"{"a":"# + String(repeating: "[", count: 70),
      "header, byte 76: expected at most 64 levels of nesting, found '['"
    ),
  ])
  func header(_ header: String, message: String) {
    expect(fileBytes(header: header), message)
  }

  @Test(arguments: [
    [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
  ])
  func headerThatIsNotUTF8(bytes: [UInt8]) {
    let header = Array("{\"".utf8) + bytes + Array("\":1}".utf8)
    expect(
      fileBytes(header: header), "header, byte 9: expected a string in UTF-8, found other bytes")
  }

  @Test(arguments: [
    ("1", "metadata: expected an object, found a number"),
    (#"{"k":1}"#, "metadata: expected a string for 'k', found a number"),
    (#"{"k":null}"#, "metadata: expected a string for 'k', found null"),
    (#"{"k":true}"#, "metadata: expected a string for 'k', found a truth value"),
    (#"{"k":{}}"#, "metadata: expected a string for 'k', found an object"),
  ])
  func metadata(_ metadata: String, message: String) {
    expect(fileBytes(header: #"{"__metadata__":\#(metadata)}"#), message)
  }

  @Test(arguments: [
    ("[]", "expected an object, found an array"),
    ("{}", "expected a string for 'dtype', found nothing"),
    (#"{"dtype":32}"#, "expected a string for 'dtype', found a number"),
    (
      #"{"dtype":"F16","shape":[1],"data_offsets":[0,2]}"#,
      "expected element type F32 or I64, found 'F16'; "
        + "PyTorch's model.float() makes it F32"
    ),
    (
      #"{"dtype":"F64","shape":[1],"data_offsets":[0,8]}"#,
      "expected element type F32 or I64, found 'F64'; "
        + "PyTorch's model.float() makes it F32"
    ),
    (#"{"dtype":"F32"}"#, "expected an array for 'shape', found nothing"),
    (#"{"dtype":"F32","shape":"1"}"#, "expected an array for 'shape', found a string"),
    (
      #"{"dtype":"F32","shape":[-1]}"#,
      "expected whole numbers from 0 to 9223372036854775807 in 'shape', found -1"
    ),
    (
      #"{"dtype":"F32","shape":[[]]}"#,
      "expected whole numbers from 0 to 9223372036854775807 in 'shape', found an array"
    ),
    (
      #"{"dtype":"F32","shape":[1.0]}"#,
      "expected whole numbers from 0 to 9223372036854775807 in 'shape', found 1.0"
    ),
    (
      #"{"dtype":"F32","shape":[1e3]}"#,
      "expected whole numbers from 0 to 9223372036854775807 in 'shape', found 1e3"
    ),
    (
      #"{"dtype":"F32","shape":[9223372036854775808]}"#,
      "expected whole numbers from 0 to 9223372036854775807 in 'shape', found 9223372036854775808"
    ),
    (#"{"dtype":"F32","shape":[1]}"#, "expected an array for 'data_offsets', found nothing"),
    (
      #"{"dtype":"F32","shape":[1],"data_offsets":[0]}"#,
      "expected data_offsets of a begin and an end not before it, found [0]"
    ),
    (
      #"{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}"#,
      "expected data_offsets of a begin and an end not before it, found [0, 4, 8]"
    ),
    (
      #"{"dtype":"F32","shape":[1],"data_offsets":[4,0]}"#,
      "expected data_offsets of a begin and an end not before it, found [4, 0]"
    ),
    (
      #"{"dtype":"F32","shape":[1],"data_offsets":[0,4],"stride":[1]}"#,
      "expected the fields dtype, shape and data_offsets, found 'stride'"
    ),
    (
      #"{"dtype":"F32","shape":[2,3],"data_offsets":[0,20]}"#,
      "expected 24 bytes for shape [2, 3], found 20"
    ),
    (
      #"{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}"#,
      "expected a size that fits 64 bits, found shape [4294967296, 4294967296]"
    ),
    (
      #"{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}"#,
      "expected a size that fits 64 bits, found shape [4611686018427387904]"
    ),
    (
      #"{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,4]}"#,
      "expected 8 bytes for shape [1, 1, 1, 1, 1, 1, 1, 1, …], found 4"
    ),
    (
      #"{"dtype":"F32","shape":[1],"data_offsets":[4,8]}"#,
      "expected data that begins at 0, found 4"
    ),
  ])
  func tensor(_ fields: String, message: String) {
    expect(fileBytes(header: #"{"a":\#(fields)}"#), "tensor 'a': \(message)")
  }

  @Test func theUnsupportedTypeIsAnErrorOfItsOwn() {
    let bytes = fileBytes(header: #"{"a":{"dtype":"BF16","shape":[0],"data_offsets":[0,0]}}"#)
    let expected = SafetensorsError.unsupportedElementType(
      path: "model", tensor: "a", found: "BF16")
    #expect(throws: expected) { try SafetensorsFile(decoding: bytes, path: "model") }
  }

  @Test func dataWithHolesOrOverlaps() {
    func two(_ first: String, _ second: String) -> Data {
      let header = """
        {"a":{"dtype":"F32","shape":[1],"data_offsets":\(first)},\
        "b":{"dtype":"F32","shape":[1],"data_offsets":\(second)}}
        """
      return fileBytes(header: header, data: [UInt8](repeating: 0, count: 12))
    }
    expect(two("[0,4]", "[8,12]"), "tensor 'b': expected data that begins at 4, found 8")
    expect(two("[0,4]", "[0,4]"), "tensor 'b': expected data that begins at 4, found 0")
    expect(two("[2,6]", "[0,4]"), "tensor 'a': expected data that begins at 4, found 2")
    expect(two("[4,8]", "[0,4]"), "data: expected 8 bytes, found 12")
    expect(fileBytes(header: "{}", data: [0]), "data: expected 0 bytes, found 1")
  }

  @Test func longNamesAreCutInMessages() {
    let name = String(repeating: "n", count: 1_000)
    expect(
      fileBytes(header: #"{"\#(name)":1}"#),
      "tensor '\(name.prefix(80))…': expected an object, found a number")
  }

  private func expect(
    _ bytes: Data, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: SafetensorsError.self, sourceLocation: sourceLocation) {
      try SafetensorsFile(decoding: bytes, path: "model")
    }
    #expect(error?.description == "model: \(message)", sourceLocation: sourceLocation)
  }
}
