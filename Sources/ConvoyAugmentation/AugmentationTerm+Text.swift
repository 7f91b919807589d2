import ConvoyCommandLineOptions

extension AugmentationTerm {
  /// The term as it is written, with all its values:
  ///
  /// | term | variation |
  /// |---|---|
  /// | `flip` | left and right exchanged, for half of the samples of an epoch |
  /// | `alternating-flip` | the same half in each second epoch, the other half in the others (Jordan, 2024) |
  /// | `crop:N`, `crop:N:reflect` | a window anywhere in the image, padded by N pixels of zeros or of its reflection |
  /// | `resized-crop:MIN:MAX` | a box with MIN to MAX (1) of the area and an aspect of 3/4 to 4/3, resized (Szegedy et al., 2015) |
  /// | `scale:LOW:HIGH` | a factor from LOW to HIGH |
  /// | `shear:DEGREES` | rows shifted, columns tilted by up to DEGREES |
  /// | `rotate:DEGREES` | up to DEGREES to either side |
  /// | `translate:SHARE` | up to SHARE of the height and width each way |
  /// | `elastic:AMPLITUDE:SIGMA` | pixels displaced by AMPLITUDE (root mean square, each way), smoothly over SIGMA (4) (Simard et al., 2003) |
  /// | `brightness:X` | values times 1 − X to 1 + X |
  /// | `contrast:X` | differences from the mean grey times 1 − X to 1 + X |
  /// | `saturation:X` | differences from the pixel's grey times 1 − X to 1 + X; grey images stay as they are |
  /// | `color:X` | the last three |
  /// | `noise:DEVIATION` | each value plus a normal number; 1 is the range of a byte |
  /// | `erase:P` | with probability P, a box of 0.02 to 0.33 of the area, with an aspect of 0.3 to 3.3, gets the fill value (Zhong et al., 2017) |
  /// | `cutout:N` | a square of N pixels around any pixel gets the fill value (DeVries and Taylor, 2017) |
  package var text: String {
    let values: [String] =
      switch self {
      case .flip, .alternatingFlip: []
      case .crop(let padding, let reflecting): ["\(padding)"] + (reflecting ? ["reflect"] : [])
      case .resizedCrop(let range), .scale(let range):
        [Decimal.text(range.lowerBound), Decimal.text(range.upperBound)]
      case .elastic(let amplitude, let sigma): [Decimal.text(amplitude), Decimal.text(sigma)]
      case .shear(let value), .rotate(let value), .translate(let value), .brightness(let value),
        .contrast(let value), .saturation(let value), .noise(let value), .erase(let value):
        [Decimal.text(value)]
      case .cutout(let side): ["\(side)"]
      }
    return ([kind.name] + values).joined(separator: ":")
  }

  /// One term of a list; `color` is three.
  static func parse(_ text: Substring) throws(AugmentationError) -> [AugmentationTerm] {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let name = String(parts.first ?? "")
    let values = TermValues(term: String(text), parts: Array(parts.dropFirst()))
    if name == "color" {
      let range = try values.number("color:X", of: 0...1)
      return [.brightness(range), .contrast(range), .saturation(range)]
    }
    guard let kind = Kind.allCases.first(where: { $0.name == name }) else {
      let names = Kind.allCases.map(\.name) + ["color"]
      if Augmentation.Preset(rawValue: name) != nil, parts.count == 1 {
        throw .latePreset(name)
      }
      throw .unknownTerm(
        name,
        suggestion: Suggestion.nearest(
          to: String(name.prefix(40)), among: names + Augmentation.Preset.allCases.map(\.rawValue)))
    }
    return [try AugmentationTerm(kind, values)]
  }

  private init(_ kind: Kind, _ values: TermValues) throws(AugmentationError) {
    switch kind {
    case .flip:
      try values.none("flip")
      self = .flip
    case .alternatingFlip:
      try values.none("alternating-flip")
      self = .alternatingFlip
    case .crop:
      try values.count(1...2, "crop:PIXELS or crop:PIXELS:reflect")
      let padding = try values.integer(0, "pixels", 0...1024)
      self = .crop(padding: padding, reflecting: try values.word(1, "reflect"))
    case .resizedCrop:
      let range = try values.range("resized-crop:MIN or resized-crop:MIN:MAX", of: 0.01...1, to: 1)
      self = .resizedCrop(areaShare: range)
    case .scale: self = .scale(try values.range("scale:LOW:HIGH", of: 0.5...2, to: nil))
    case .shear: self = .shear(degrees: try values.number("shear:DEGREES", of: 0...45))
    case .rotate: self = .rotate(degrees: try values.number("rotate:DEGREES", of: 0...180))
    case .translate: self = .translate(share: try values.number("translate:SHARE", of: 0...0.5))
    case .elastic:
      try values.count(1...2, "elastic:AMPLITUDE or elastic:AMPLITUDE:SIGMA")
      let amplitude = try values.number(0, "an amplitude", 0...ElasticField.largestAmplitude)
      let sigma = values.parts.count == 1 ? 4 : try values.number(1, "a sigma", 1...32)
      self = .elastic(amplitude: amplitude, sigma: sigma)
    case .brightness: self = .brightness(try values.number("brightness:X", of: 0...1))
    case .contrast: self = .contrast(try values.number("contrast:X", of: 0...1))
    case .saturation: self = .saturation(try values.number("saturation:X", of: 0...1))
    case .noise: self = .noise(deviation: try values.number("noise:DEVIATION", of: 0...1))
    case .erase: self = .erase(probability: try values.number("erase:PROBABILITY", of: 0...1))
    case .cutout:
      try values.count(1...1, "cutout:PIXELS")
      self = .cutout(side: try values.integer(0, "pixels", 0...1024))
    }
  }
}
