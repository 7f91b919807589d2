import ConvoyDatasets
import ConvoyNeuralNetwork

extension ImageSet {
  /// The shape a network sees.
  package var featureShape: FeatureShape {
    FeatureShape(channels: shape.channels, height: shape.height, width: shape.width)
  }

  /// Checks that a network can take every image and has an output for every label.
  package func validate(for plan: NetworkPlan) throws(TrainingDataError) {
    guard featureShape == plan.inputShape else {
      throw .shape(
        file: imagesFile, expected: "\(plan.inputShape)", found: "\(featureShape)")
    }
    guard let image = labels.firstIndex(where: { $0 >= plan.classes }) else { return }
    throw .label(
      file: labelsFile, image: image, classes: plan.classes, found: Int(labels[image]))
  }
}
