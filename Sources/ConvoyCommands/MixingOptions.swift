import ConvoyAugmentation
import ConvoyCommandLineOptions
import ConvoyTraining

/// The options that mix training images in pairs, each named after its method.
enum MixingOptions {
  static let descriptions: [OptionDescription] = [
    .value(
      Mixing.Method.mixup.rawValue, "alpha",
      help:
        "Train on weighted sums of two images, and of their losses (cross-entropy). Each step draws "
        + "the weight from Beta(alpha, alpha): most are near 0 or 1 for a small alpha, such as 0.2. "
        + "Training accuracy is by the label with the larger weight."),
    .value(
      Mixing.Method.cutmix.rawValue, "alpha",
      help:
        "Train on images with a box of another's, and on both losses, weighted by area "
        + "(cross-entropy). Each step draws the area from Beta(alpha, alpha), uniform for 1, then "
        + "the place. Training accuracy is by the label with the larger area."),
  ]

  /// Reads the options, after the loss.
  static func read(_ options: ParsedOptions, into settings: inout TrainingSettings)
    throws(UsageError)
  {
    for method in Mixing.Method.allCases {
      let name = method.rawValue
      guard let alpha = try options.number(name, in: Mixing.alphas) else { continue }
      try LossOptions.check(name, options, settings.loss)
      if let other = settings.mixing?.method.rawValue {
        throw .invalidCombination("--\(name): expected --\(other) or --\(name), found both")
      }
      do {
        settings.mixing = try Mixing(method, alpha: alpha)
      } catch {
        throw .invalidCombination("--\(name): \(error)")
      }
    }
  }
}
