/// How training images are varied: the value of `--augment`.
///
/// The text is a list of terms, such as `flip,crop:4,rotate:15`, behind a preset or alone:
///
/// - `none`: nothing.
/// - `digits`: small affine distortions, for centred digits and letters.
/// - `photos`: for photographs of about 32×32 pixels, such as CIFAR-10's.
///
/// A term behind a preset replaces the preset's own term of that name, and the one that it excludes.
/// Otherwise a term stands once. `AugmentationTerm.Kind` lists the terms, in the order in which they
/// are applied, whatever their order in the text. `AugmentationTerm.text` documents each.
public struct Augmentation: Sendable, Equatable {
  /// In the order of `AugmentationTerm.Kind`, each kind at most once.
  package let terms: [AugmentationTerm]

  /// No variation.
  public static let none = Augmentation(terms: [])
  /// Small affine distortions, for centred digits and letters.
  public static let digits = Augmentation(terms: Preset.digits.terms)
  /// For photographs of about 32×32 pixels: flips, shifts, colours and a cut-out square.
  public static let photos = Augmentation(terms: Preset.photos.terms)

  /// - Parameter terms: in the order of `AugmentationTerm.Kind`, each kind at most once.
  package init(terms: [AugmentationTerm]) { self.terms = terms }

  /// - Parameter text: a preset, terms, or both, such as `flip,crop:4`.
  /// - Throws: `AugmentationError` with the term, what was expected and what was found.
  public init(_ text: String) throws(AugmentationError) {
    var parts = text.split(separator: ",", omittingEmptySubsequences: false)[...]
    var replaceable: [AugmentationTerm] = []
    if let first = parts.first, let preset = Preset(rawValue: String(first)) {
      replaceable = preset.terms
      parts = parts.dropFirst()
    }
    var terms: [AugmentationTerm] = []
    for part in parts {
      for term in try AugmentationTerm.parse(part) {
        let name = term.kind.name
        if terms.contains(where: { $0.kind == term.kind }) { throw .repeatedTerm(name) }
        if let other = terms.first(where: { $0.kind == term.kind.excluded }) {
          throw .excludedTerm(name, by: other.kind.name)
        }
        replaceable.removeAll { $0.kind == term.kind || $0.kind == term.kind.excluded }
        terms.append(term)
      }
    }
    self.terms = (replaceable + terms).sorted { $0.kind.rawValue < $1.kind.rawValue }
  }
}

extension Augmentation {
  /// Named lists of terms.
  package enum Preset: String, Sendable, CaseIterable {
    case none, digits, photos

    package var terms: [AugmentationTerm] {
      switch self {
      case .none: []
      case .digits:
        [
          .scale(0.9...1.1), .shear(degrees: 10), .rotate(degrees: 10), .translate(share: 0.07),
        ]
      case .photos:
        [
          .flip, .crop(padding: 4, reflecting: true), .brightness(0.2), .contrast(0.2),
          .saturation(0.2), .cutout(side: 8),
        ]
      }
    }
  }
}

extension Augmentation: Codable {
  /// From its text.
  public init(from decoder: any Decoder) throws {
    self = try Augmentation(decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Augmentation: CustomStringConvertible {
  /// The terms in full and in their order, or `none`. It parses to an equal value.
  public var description: String {
    terms.isEmpty ? Preset.none.rawValue : terms.map(\.text).joined(separator: ",")
  }
}
