import ConvoyReference
import Testing

@Suite("IDX files")
struct IDXTests {
  /// Two images of 1 × 3.
  static let images: [UInt8] = [
    0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 51, 255, 1, 2, 3,
  ]
  static let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 2, 7, 200]

  @Test("images are tensors between 0 and 1")
  func reads() throws {
    let samples = try ReferenceSamples<Double>(images: Self.images, labels: Self.labels)
    #expect(samples.labels == [7, 200])
    #expect(samples.inputs[0] == ReferenceTensor(shape: shape(1, 1, 3), values: [0, 0.2, 1]))
    let dark: [Double] = [1 / 255, 2 / 255, 3 / 255]
    #expect(samples.inputs[1].values == dark)
    #expect(samples.prefix(1).labels == [7])
    #expect(samples.prefix(3).count == 2)
  }

  /// Offset and value of the one byte that is another, or the length that is left.
  static let damages: [(images: [UInt8], labels: [UInt8], error: ReferenceIDXError)] = [
    (labels, labels, .wrongMagic(expected: 0x803, found: 0x801)),
    (images, images, .wrongMagic(expected: 0x801, found: 0x803)),
    ([], labels, .wrongMagic(expected: 0x803, found: 0)),
    ([8, 3], labels, .wrongLength(expected: 16, found: 2)),
    (Array(images.prefix(15)), labels, .wrongLength(expected: 16, found: 15)),
    (Array(images.prefix(21)), labels, .wrongLength(expected: 22, found: 21)),
    (images + [0], labels, .wrongLength(expected: 22, found: 23)),
    (images, labels + [0], .wrongLength(expected: 10, found: 11)),
    (images, [0, 0, 8, 1, 0, 0, 0, 1, 7], .countsDiffer(images: 2, labels: 1)),
    (
      [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3], labels, .noPixels(rows: 0, columns: 3)
    ),
    (
      [0, 0, 8, 3] + Array(repeating: 255, count: 12), labels,
      .wrongLength(expected: .max, found: 16)
    ),
  ]

  @Test("other bytes are refused", arguments: damages.indices)
  func refuses(index: Int) {
    let (images, labels, error) = Self.damages[index]
    #expect(throws: error) { try ReferenceSamples<Double>(images: images, labels: labels) }
  }

  @Test("a gzipped file is called one")
  func gzip() {
    let error = ReferenceIDXError.wrongMagic(expected: 0x803, found: 0x1f8b_0800)
    let expected: String =
      "expected an IDX file that begins with 0x00000803, found 0x1f8b0800, a gzipped file: "
      + "decompress it first"
    #expect(error.description == expected)
  }
}
