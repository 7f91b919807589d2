/// Batch normalisation in training (Ioffe and Szegedy, 2015, "Batch Normalization: Accelerating Deep
/// Network Training by Reducing Internal Covariate Shift").
///
/// Over the n values of a channel in so many consecutive ``samples``, or else in the whole batch, with
/// all rows and columns:
///
///     mean = Σ input / n,  variance = Σ (input − mean)² / n
///     normalized = (input − mean) / √(variance + epsilon)
///     output = weights[channel] · normalized + biases[channel]
///
/// It has no running estimates: the statistics are always those of the batch that it is given, also
/// when a trained network is judged.
public struct ReferenceBatchNormalization<Scalar: ReferenceScalar>: ReferenceLayer {
  /// One per channel.
  public var weights: [Scalar]

  /// One per channel.
  public var biases: [Scalar]

  /// Keeps the divisor away from 0.
  public let epsilon: Scalar

  /// The samples that are normalised together; nil for the whole batch.
  public let samples: Int?

  public var name: String { "batchNormalization" }

  /// A layer with given weights.
  ///
  /// - Precondition: there is a weight and a bias for each channel, and statistics are of some samples.
  public init(weights: [Scalar], biases: [Scalar], epsilon: Scalar, samples: Int? = nil) {
    precondition(weights.count == biases.count, "a weight and a bias for each channel")
    precondition(samples.map { $0 > 0 } ?? true, "statistics are of at least one sample")
    self.weights = weights
    self.biases = biases
    self.epsilon = epsilon
    self.samples = samples
  }

  /// A layer as it begins: weights of 1, biases of 0.
  public init(channels: Int, epsilon: Scalar = 1e-5, samples: Int? = nil) {
    self.init(
      weights: Array(repeating: 1, count: channels), biases: Array(repeating: 0, count: channels),
      epsilon: epsilon, samples: samples)
  }

  public func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    forward(batch: [input])[0]
  }

  public func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar> {
    backward(batch: [input], outputs: [output], outputGradients: [outputGradient])
  }

  public func forward(batch inputs: [ReferenceTensor<Scalar>]) -> [ReferenceTensor<Scalar>] {
    var outputs = inputs
    forEachChannel(of: inputs) { channel, places in
      let (mean, deviation) = moments(places.map { inputs[$0.sample].values[$0.index] })
      for (sample, index) in places {
        let normalized = (inputs[sample].values[index] - mean) / deviation
        outputs[sample].values[index] = weights[channel] * normalized + biases[channel]
      }
    }
    return outputs
  }

  /// With g the outputs' gradients and x the normalised inputs: weights Σ g · x, biases Σ g, inputs
  /// weight / √(variance + ε) · (g − Σ g / n − x · Σ g · x / n).
  public func backward(
    batch inputs: [ReferenceTensor<Scalar>],
    outputs: [ReferenceTensor<Scalar>],
    outputGradients: [ReferenceTensor<Scalar>]
  ) -> ReferenceGradients<Scalar> {
    var inputGradients = inputs
    var weightGradient = Array(repeating: Scalar.zero, count: weights.count)
    var biasGradient = weightGradient
    forEachChannel(of: inputs) { channel, places in
      let (mean, deviation) = moments(places.map { inputs[$0.sample].values[$0.index] })
      func normalized(_ place: (sample: Int, index: Int)) -> Scalar {
        (inputs[place.sample].values[place.index] - mean) / deviation
      }
      func gradient(_ place: (sample: Int, index: Int)) -> Scalar {
        outputGradients[place.sample].values[place.index]
      }
      let sum = places.reduce(Scalar.zero) { $0 + gradient($1) }
      let product = places.reduce(Scalar.zero) { $0 + gradient($1) * normalized($1) }
      weightGradient[channel] += product
      biasGradient[channel] += sum
      let count = Scalar(places.count)
      for place in places {
        inputGradients[place.sample].values[place.index] =
          weights[channel] / deviation
          * (gradient(place) - sum / count - normalized(place) * product / count)
      }
    }
    return ReferenceGradients(
      inputs: inputGradients, weights: weightGradient, biases: biasGradient)
  }

  /// Calls `body` with the places of the values that are normalised together.
  private func forEachChannel(
    of inputs: [ReferenceTensor<Scalar>],
    _ body: (_ channel: Int, _ places: [(sample: Int, index: Int)]) -> Void
  ) {
    let shape = inputs[0].shape
    precondition(shape.channels == weights.count, "a weight for each channel")
    let pixels = shape.height * shape.width
    let size = samples ?? inputs.count
    for first in stride(from: 0, to: inputs.count, by: size) {
      for channel in 0..<shape.channels {
        var places: [(sample: Int, index: Int)] = []
        for sample in first..<min(first + size, inputs.count) {
          for pixel in 0..<pixels { places.append((sample, channel * pixels + pixel)) }
        }
        body(channel, places)
      }
    }
  }

  /// The mean of values, and √(variance + ε).
  private func moments(_ values: [Scalar]) -> (mean: Scalar, deviation: Scalar) {
    let count = Scalar(values.count)
    let mean = values.reduce(Scalar.zero) { $0 + $1 } / count
    let squares = values.reduce(Scalar.zero) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / count + epsilon).squareRoot())
  }
}
