import ConvoyAugmentation
import ConvoyCommandLineOptions
import ConvoyTraining

extension TestTimeAugmentation {
  /// The value of `--tta` that asks for it; nil for none.
  var option: String? {
    switch self {
    case .none: nil
    case .flip: TestTimeOptions.flip
    case .flipAndShift: TestTimeOptions.flipAndShift
    case .variations(let count): "\(count + 1)"
    }
  }
}

/// The options of test-time augmentation.
struct TestTimeOptions {
  static let descriptions: [OptionDescription] = [
    .value(
      "tta", "flip|flip+shift|N",
      help:
        "Average the outputs, before the softmax, over an image and its mirror image (flip), also over "
        + "both moved by a pixel (flip+shift), or over the image and N - 1 variations by --augment."
    ),
    .value(
      "augment", "terms",
      help:
        "The variations of --tta N: terms as those of train. They are the same in every evaluation."
    ),
  ]

  let augmentation: TestTimeAugmentation
  /// What the variations are drawn from.
  let variations: Augmentation

  private static let views = 2...1000
  fileprivate static let (flip, flipAndShift) = ("flip", "flip+shift")

  init(_ options: ParsedOptions) throws(UsageError) {
    let text = options.string("tta")
    let number = text.flatMap { Int($0) }
    switch text {
    case nil: augmentation = .none
    case Self.flip: augmentation = .flip
    case Self.flipAndShift: augmentation = .flipAndShift
    case let text?:
      guard let number, Self.views.contains(number) else {
        throw .notAmong(
          [Self.flip, Self.flipAndShift],
          or: "a number of views from \(Self.views.lowerBound) to \(Self.views.upperBound)",
          option: "--tta", found: text)
      }
      augmentation = .variations(number - 1)
    }
    variations = try DataOptions.augmentation(options)
    if number != nil, variations == .none {
      throw .invalidCombination(
        "--tta: expected --augment <terms> beside a number of views, found none")
    }
    if number == nil, options.isGiven("augment") {
      throw .invalidCombination(
        "--augment: expected --tta <number> beside it, found \(text ?? "none")")
    }
  }
}
