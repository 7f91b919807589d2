/// A random variation of an image, with its range.
package enum AugmentationTerm: Sendable, Equatable {
  case flip
  case alternatingFlip
  case crop(padding: Int, reflecting: Bool)
  case resizedCrop(areaShare: ClosedRange<Double>)
  case scale(ClosedRange<Double>)
  case shear(degrees: Double)
  case rotate(degrees: Double)
  case translate(share: Double)
  case elastic(amplitude: Double, sigma: Double)
  case brightness(Double)
  case contrast(Double)
  case saturation(Double)
  case noise(deviation: Double)
  case erase(probability: Double)
  case cutout(side: Int)

  /// What a term varies; in the order in which terms are applied. A raw value keys the kind's random
  /// numbers, so changing one changes every run on record.
  package enum Kind: Int, Sendable, CaseIterable {
    case flip = 1
    case alternatingFlip, crop, resizedCrop, scale, shear, rotate, translate, elastic, brightness
    case contrast, saturation, noise, erase, cutout

    package var name: String {
      switch self {
      case .alternatingFlip: "alternating-flip"
      case .resizedCrop: "resized-crop"
      default: "\(self)"
      }
    }

    /// The kind that does the same in another way.
    var excluded: Kind? {
      switch self {
      case .flip: .alternatingFlip
      case .alternatingFlip: .flip
      case .crop: .resizedCrop
      case .resizedCrop: .crop
      default: nil
      }
    }
  }

  package var kind: Kind {
    switch self {
    case .flip: .flip
    case .alternatingFlip: .alternatingFlip
    case .crop: .crop
    case .resizedCrop: .resizedCrop
    case .scale: .scale
    case .shear: .shear
    case .rotate: .rotate
    case .translate: .translate
    case .elastic: .elastic
    case .brightness: .brightness
    case .contrast: .contrast
    case .saturation: .saturation
    case .noise: .noise
    case .erase: .erase
    case .cutout: .cutout
    }
  }
}
