import ConvoyNeuralNetwork
import ConvoyPictures
import ConvoyTraining

/// What a page's scripts know of a network, beside its weights.
struct PageNetwork: Encodable {
  let title: String
  /// By label.
  let classes: [String]
  let parameters: Int
  let outputs: Outputs
  /// How pictures of other shapes are made to fit.
  let fit: PictureFit
  let normalization: Normalization
  /// How bright the training images are at their edges, from 0 to 255; nil if it is not known.
  let edgeBrightness: Int?
  /// The layers as they are trained.
  let summary: [Row]
  /// What the page computes: normalisations folded, and no layer that does nothing.
  let steps: [PageStep]

  /// The meaning of the last step's numbers.
  enum Outputs: String, Encodable {
    /// Softmax makes them probabilities.
    case logits
    case probabilities
    /// The largest wins, and no more is known.
    case scores
  }

  struct Row: Encodable {
    let place: String
    let name: String
    let shape: [Int]
    let parameters: Int
  }

  /// - Parameters:
  ///   - plan: the network as it is trained.
  ///   - folded: the same with normalisations folded.
  init(_ model: ModelFile, title: String, _ plan: NetworkPlan, folded: NetworkPlan) throws {
    self.title = title
    classes = model.classNames ?? (0..<plan.classes).map(String.init)
    parameters = plan.parameterCount
    fit = model.fit ?? .stretch
    normalization = model.normalization
    edgeBrightness = model.edgeBrightness
    let layers = try plan.architecture.placedLayers(for: plan.inputShape)
    summary = layers.map {
      Row(
        place: $0.place, name: $0.layer.summary, shape: $0.output.sizes, parameters: $0.parameters)
    }
    var computed = folded.architecture.layers
    while computed.last is Identity { computed.removeLast() }
    if model.loss == .crossEntropy {
      outputs = .logits
      // Cross-entropy includes the softmax.
      if computed.last is Softmax { computed.removeLast() }
    } else {
      outputs = computed.last is Softmax ? .probabilities : .scores
    }
    var builder = PageStepBuilder(input: plan.inputShape, layers: layers, tensors: folded.tensors)
    _ = builder.add(computed, input: 0)
    steps = builder.steps
  }
}

extension FeatureShape {
  /// Channels, height and width; of a vector, its length.
  var sizes: [Int] { isFlat ? [channels] : [channels, height, width] }
}
