/// Why images do not fit a network or a run.
package enum TrainingDataError: Error, Sendable, Equatable, CustomStringConvertible {
  case shape(file: String, expected: String, found: String)
  /// Bytes where the network was trained on floats, or floats where it was trained on bytes.
  case pixels(file: String, expected: String, found: String)
  case label(file: String, image: Int, classes: Int, found: Int)
  /// Each named class needs an output.
  case outputs(file: String, classes: [String], found: Int)
  /// A batch has too few values to measure their variance.
  case statistics(layer: FaultyLayer, images: Int, found: Int)
  /// No class has images enough to hold one back.
  case tooFew(file: String, fraction: Double, found: Int)
  /// Too few images for one batch.
  case noBatch(size: Int, found: Int)
  /// As many class weights as the network has outputs were needed.
  case classWeights(classes: Int, found: Int)
  /// The checkpoint's run had another rule of its caller's, or none.
  case otherRule(checkpoint: String, expected: String?, found: String?)
  /// The run or the model of a file has another loss of its caller's, or none.
  case otherLoss(file: String, expected: String?, found: String?)
  /// The data set differs from the one that the checkpoint's run used.
  case otherData(
    checkpoint: String, expected: DatasetDigest, directory: String, found: DatasetDigest)

  package var description: String {
    switch self {
    case .shape(let file, let expected, let found):
      "\(file): expected images of \(expected), as the network was made for, found \(found)"
    case .pixels(let file, let expected, let found):
      "\(file): expected images of \(expected), as the network was trained on, found \(found)"
    case .label(let file, let image, let classes, let found):
      "\(file): image \(image): expected a label below \(classes), the network's outputs, "
        + "found \(found)"
    case .outputs(let file, let classes, let found):
      "\(file): expected a network with \(classes.count) outputs, one for each class ("
        + classes.prefix(6).joined(separator: ", ") + (classes.count > 6 ? ", …" : "")
        + "), found \(found): the units of its last dense layer"
    case .statistics(let layer, let images, let found):
      "layer \(layer.place) (\(layer.summary)): expected at least 2 values per channel, to measure "
        + "their variance, found \(found) in a batch of \(images)"
    case .otherData(let checkpoint, let expected, let directory, let found):
      "\(directory): expected \(expected), as in \(checkpoint), found \(found)"
    case .otherRule(let checkpoint, let expected, let found):
      "\(checkpoint): expected \(expected.map { "the rule \($0)" } ?? "no rule of the caller's own"), as "
        + "in its run, found \(found ?? "none")"
    case .otherLoss(let file, let expected, let found):
      "\(file): expected \(expected.map { "the loss \($0)" } ?? "no loss of the caller's own"), as it was "
        + "trained with, found \(found ?? "none")"
    case .noBatch(let size, let found):
      "expected at least \(size) training images, one batch, found \(found)"
    case .classWeights(let classes, let found):
      "expected \(classes) numbers, one for each output of the network, found \(found)"
    case .tooFew(let file, let fraction, let found):
      "\(file): expected images enough to hold back \(fraction) of them, each class keeping one for "
        + "training, found \(found)"
    }
  }
}
