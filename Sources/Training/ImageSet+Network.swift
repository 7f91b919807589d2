import Datasets
import NeuralNetwork

extension ImageSet {
  /// The shape a network sees.
  package var featureShape: FeatureShape {
    FeatureShape(channels: shape.channels, height: shape.height, width: shape.width)
  }

  /// Checks that a network can take every image and has an output for every label.
  ///
  /// - Parameter source: what the images are called in an error.
  package func validate(for plan: NetworkPlan, source: String) throws(TrainingDataError) {
    guard featureShape == plan.inputShape else {
      throw .shape(
        source: source, expected: "\(plan.inputShape)", found: "\(featureShape)")
    }
    guard let largest = labels.max(), largest >= plan.classes else { return }
    let image = labels.firstIndex { $0 >= plan.classes } ?? 0
    throw .label(
      source: source, image: image, classes: plan.classes, found: Int(labels[image]))
  }
}
