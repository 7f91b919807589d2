import ConvoyAugmentation
import ConvoyKeyedRandom
import Testing

@Suite("Text")
struct TextTests {
  private static let canonical: [(String, String)] = [
    ("none", "none"),
    ("flip", "flip"),
    ("crop:4,flip", "flip,crop:4"),
    ("cutout:8,erase:0.25,crop:4:reflect", "crop:4:reflect,erase:0.25,cutout:8"),
    ("rotate:15.0,scale:0.900000:1.1", "scale:0.9:1.1,rotate:15"),
    ("resized-crop:0.08", "resized-crop:0.08:1"),
    ("elastic:0.5", "elastic:0.5:4"),
    ("elastic:0.5:2.25", "elastic:0.5:2.25"),
    ("color:0.2", "brightness:0.2,contrast:0.2,saturation:0.2"),
    ("noise:0.000001,shear:0", "shear:0,noise:0.000001"),
    ("translate:0.1,alternating-flip", "alternating-flip,translate:0.1"),
    ("digits", "scale:0.9:1.1,shear:10,rotate:10,translate:0.07"),
    ("digits,rotate:5", "scale:0.9:1.1,shear:10,rotate:5,translate:0.07"),
    ("photos", "flip,crop:4:reflect,brightness:0.2,contrast:0.2,saturation:0.2,cutout:8"),
    (
      "photos,resized-crop:0.5:0.9,alternating-flip,color:0.1",
      "alternating-flip,resized-crop:0.5:0.9,brightness:0.1,contrast:0.1,saturation:0.1,cutout:8"
    ),
    ("none,flip", "flip"),
  ]

  @Test("the description has all terms in their order, and parses to an equal value")
  func canonicalText() throws {
    for (text, expected) in Self.canonical {
      let augmentation = try Augmentation(text)
      #expect(augmentation.description == expected)
      #expect(try Augmentation(expected) == augmentation)
    }
  }

  private static let refused: [(String, String)] = [
    ("", "augmentation: expected terms such as flip or rotate:15, found ''"),
    ("flip,", "augmentation: expected terms such as flip or rotate:15, found ''"),
    (
      "rotat:15",
      "augmentation: expected terms such as flip or rotate:15, found 'rotat'. "
        + "Did you mean 'rotate'?"
    ),
    (
      "digit",
      "augmentation: expected terms such as flip or rotate:15, found 'digit'. "
        + "Did you mean 'digits'?"
    ),
    ("flip,photos", "augmentation: expected preset 'photos' first of all, found it behind another"),
    ("flip:1", "augmentation 'flip:1': expected flip, found 1 value"),
    ("rotate", "augmentation 'rotate': expected rotate:DEGREES, found no value"),
    ("rotate:1:2", "augmentation 'rotate:1:2': expected rotate:DEGREES, found 2 values"),
    (
      "rotate:181",
      "augmentation 'rotate:181': expected rotate:DEGREES from 0 to 180, with at most six decimals, "
        + "found '181'"
    ),
    (
      "crop:4:mirror", "augmentation 'crop:4:mirror': expected 'reflect' or nothing, found 'mirror'"
    ),
    ("crop:4.5", "augmentation 'crop:4.5': expected whole pixels from 0 to 1024, found '4.5'"),
    (
      "scale:1.2:0.8",
      "augmentation 'scale:1.2:0.8': expected scale:LOW:HIGH, ascending, found 1.2 before 0.8"
    ),
    ("flip,crop:2,flip", "augmentation: expected 'flip' once, found it again"),
    ("contrast:0.1,color:0.2", "augmentation: expected 'contrast' once, found it again"),
    (
      "flip,alternating-flip", "augmentation: expected 'flip' or 'alternating-flip', found both"
    ),
    (
      "a\nb\u{2028}",
      "augmentation: expected terms such as flip or rotate:15, found 'a\\nb\\u{2028}'"
    ),
  ]

  @Test("an error names the term, what was expected and what was found, in one line")
  func errors() {
    for (text, message) in Self.refused {
      #expect(throws: AugmentationError.self) { try Augmentation(text) }
      do { _ = try Augmentation(text) } catch { #expect("\(error)" == message) }
    }
  }

  private static let badNumbers = [
    "", "-1", "+1", "1e1", "0x1", ".5", "1.", "1.5.5", "nan", "inf", "0.1234567", "1234567", "１",
    " 1", "1 ", "99999999999999999999999999",
  ]

  @Test("numbers are plain decimals, with at most six digits on either side", arguments: badNumbers)
  func numbers(text: String) {
    for term in ["rotate", "crop", "cutout", "elastic", "noise"] {
      #expect(throws: AugmentationError.self) { try Augmentation("\(term):\(text)") }
    }
  }

  /// Whatever is in a text, it is refused in one short line or describes itself.
  @Test("mutants of valid texts")
  func mutants() {
    let bytes = Array(",:.0123456789-abcdefghilnoprstuxzAé\n".utf8)
    for trial in 0..<400 {
      let random = KeyedRandom(seed: 9, purpose: .initialization, trial)
      var text = Array(Self.canonical[random.integer(0, below: Self.canonical.count)].0.utf8)
      for edit in 1...(1 + random.integer(1, below: 3)) {
        let draws = random.keyed(by: edit)
        let index = draws.integer(0, below: text.count + 1)
        let byte = bytes[draws.integer(1, below: bytes.count)]
        switch draws.integer(2, below: 3) {
        case 0: text.insert(byte, at: index)
        case 1 where index < text.count: text[index] = byte
        case 2 where index < text.count: text.removeSubrange(index..<min(index + 3, text.count))
        default: text += text
        }
      }
      do {
        let augmentation = try Augmentation(String(decoding: text, as: UTF8.self))
        #expect(try Augmentation(augmentation.description) == augmentation)
      } catch {
        let message = "\(error)"
        #expect(message.count < 200 && !message.contains("\n"), "\(message)")
      }
    }
  }

  private static let misfits: [(String, PixelShape, PixelShape, String)] = [
    (
      "crop:28:reflect", PixelShape(height: 30, width: 28, channels: 1),
      PixelShape(height: 30, width: 28, channels: 1),
      "augmentation 'crop:28:reflect': expected at most 27 pixels for images of 1×30×28, found 28"
    ),
    (
      "crop:2", PixelShape(height: 28, width: 28, channels: 1),
      PixelShape(height: 33, width: 28, channels: 1),
      "augmentation 'crop:2': expected results of at most 32×32 pixels, found 33×28"
    ),
    (
      "cutout:57", PixelShape(height: 28, width: 28, channels: 1),
      PixelShape(height: 28, width: 28, channels: 1),
      "augmentation 'cutout:57': expected at most twice the side of results of 1×28×28, found 57"
    ),
    (
      "flip", PixelShape(height: 28, width: 28, channels: 2),
      PixelShape(height: 28, width: 28, channels: 2),
      "augmentation 'flip': expected images with 1 or 3 channels, found 2 in, 2 out"
    ),
    (
      "none", PixelShape(height: 0, width: 28, channels: 1),
      PixelShape(height: 28, width: 28, channels: 1),
      "augmentation 'none': expected images with sides from 1 to 2048, found 0"
    ),
    (
      "resized-crop:0.5,elastic:5", PixelShape(height: 64, width: 64, channels: 3),
      PixelShape(height: 32, width: 32, channels: 3),
      "augmentation 'elastic:5:4': expected displacements of at most 8 pixels of the image, "
        + "found results of 3×32×32 for images of 3×64×64"
    ),
    (
      "resized-crop:0.5,rotate:5", PixelShape(height: 2048, width: 2048, channels: 1),
      PixelShape(height: 2048, width: 1, channels: 1),
      "augmentation 'resized-crop:0.5:1,rotate:5': expected results of about the size or the aspect "
        + "of the images, found 1×2048×1 for 1×2048×2048"
    ),
  ]

  @Test("a crop to a smaller size shrinks nothing, so that it limits no displacement")
  func crops() throws {
    let output = PixelShape(height: 4, width: 32, channels: 3)
    try Augmentation("crop:2,elastic:8,rotate:180").check(
      from: PixelShape(height: 64, width: 64, channels: 3), to: output)
  }

  @Test("an augmentation that does not fit the images is refused in one line")
  func shapes() throws {
    for (text, input, output, message) in Self.misfits {
      let augmentation = try Augmentation(text)
      do {
        try augmentation.check(from: input, to: output)
        Issue.record("\(text) is accepted")
      } catch { #expect("\(error)" == message) }
    }
  }
}
