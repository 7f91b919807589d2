/// Group normalisation (Wu and He, 2018, "Group Normalization").
///
/// Over the n values of a group, that is `weights.count / groups` consecutive channels of a sample
/// with all their rows and columns:
///
///     mean = Σ input / n,  variance = Σ (input − mean)² / n
///     normalized = (input − mean) / √(variance + epsilon)
///     output = weights[channel] · normalized + biases[channel]
public struct ReferenceGroupNormalization<Scalar: ReferenceScalar>: ReferenceLayer {
  /// One per channel.
  public var weights: [Scalar]

  /// One per channel.
  public var biases: [Scalar]

  /// The number of groups that the channels are divided into.
  public let groups: Int

  /// Keeps the divisor away from 0.
  public let epsilon: Scalar

  public var name: String { "groupNormalization" }

  /// A layer with given weights.
  ///
  /// - Precondition: there is a weight and a bias for each channel, and groups are of equal size.
  public init(weights: [Scalar], biases: [Scalar], groups: Int, epsilon: Scalar) {
    precondition(weights.count == biases.count, "a weight and a bias for each channel")
    precondition(weights.count.isMultiple(of: groups), "groups of as many channels")
    self.weights = weights
    self.biases = biases
    self.groups = groups
    self.epsilon = epsilon
  }

  /// A layer as it begins: weights of 1, biases of 0.
  public init(channels: Int, groups: Int, epsilon: Scalar = 1e-5) {
    self.init(
      weights: Array(repeating: 1, count: channels), biases: Array(repeating: 0, count: channels),
      groups: groups, epsilon: epsilon)
  }

  public func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    var output = input
    forEachGroup(of: input) { places, mean, deviation in
      for (index, channel) in places {
        let normalized = (input.values[index] - mean) / deviation
        output.values[index] = weights[channel] * normalized + biases[channel]
      }
    }
    return output
  }

  /// With g the outputs' gradients, x the normalised inputs and h = weight · g: weights Σ g · x,
  /// biases Σ g, inputs (h − Σ h / n − x · Σ h · x / n) / √(variance + ε).
  public func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar> {
    var inputGradient = input
    var weightGradient = Array(repeating: Scalar.zero, count: weights.count)
    var biasGradient = weightGradient
    forEachGroup(of: input) { places, mean, deviation in
      var (sum, product) = (Scalar.zero, Scalar.zero)
      for (index, channel) in places {
        let normalized = (input.values[index] - mean) / deviation
        let gradient = outputGradient.values[index]
        weightGradient[channel] += gradient * normalized
        biasGradient[channel] += gradient
        sum += weights[channel] * gradient
        product += weights[channel] * gradient * normalized
      }
      let count = Scalar(places.count)
      for (index, channel) in places {
        let normalized = (input.values[index] - mean) / deviation
        inputGradient.values[index] =
          (weights[channel] * outputGradient.values[index] - sum / count
            - normalized * product / count) / deviation
      }
    }
    return ReferenceGradients(
      inputs: [inputGradient], weights: weightGradient, biases: biasGradient)
  }

  /// Calls `body` with the places of each group's values, their mean and √(variance + ε).
  private func forEachGroup(
    of input: ReferenceTensor<Scalar>,
    _ body: (_ places: [(index: Int, channel: Int)], _ mean: Scalar, _ deviation: Scalar) -> Void
  ) {
    precondition(input.shape.channels == weights.count, "a weight for each channel")
    let pixels = input.shape.height * input.shape.width
    let size = weights.count / groups * pixels
    for first in stride(from: 0, to: input.values.count, by: size) {
      let places = (first..<first + size).map { (index: $0, channel: $0 / pixels) }
      let count = Scalar(size)
      let mean = places.reduce(Scalar.zero) { $0 + input.values[$1.index] } / count
      let squares = places.reduce(Scalar.zero) { sum, place in
        let distance = input.values[place.index] - mean
        return sum + distance * distance
      }
      body(places, mean, (squares / count + epsilon).squareRoot())
    }
  }
}
