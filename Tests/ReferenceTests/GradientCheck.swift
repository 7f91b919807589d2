import ConvoyReference
import ConvoyTestSupport

/// Compares a layer's backward pass with central finite differences of its forward pass.
///
/// The function that is differentiated is f = Σ r · output with fixed random r, whose gradient the
/// backward pass gives for the output gradient r. The step is h = 2^−17, the power of two next to
/// ε^(1/3) with ε = 2^−52 the spacing of doubles at 1, where the two errors of the difference
/// (f(x + h) − f(x − h)) / 2h are of one size:
///
/// - truncation, h² |f'''| / 6, h² = 5.8e-11. Third derivatives of the layers here are below 2 in
///   size, so it is at most h² Σ |r|;
/// - rounding, c ε S / h, ε / h = 2.9e-11, with S = Σ |r| (1 + |output|) the size of what is summed,
///   and c for the roundings on the way: one for each of up to 63 products of a sum and as many
///   outputs, which mostly cancel. c = 16 is twice √63.
///
/// The tolerance is the sum with S in both places, 5e-10 S. Gradients are of the order of 1.
struct GradientCheck {
  /// The largest error found, in units of the tolerance: the check passes at or below 1.
  private(set) var worst = 0.0

  /// Where the largest error was.
  private(set) var place = "nowhere"

  static let step = 0x1p-17
  static let spacing = 0x1p-52
  static let roundings = 16.0

  /// Checks every weight, every bias and every input of a layer, for one sample.
  init(
    _ layer: some ReferenceLayer<Double>, input: ReferenceTensor<Double>,
    generator: inout SeededGenerator
  ) {
    self.init(layer, batch: [input], generator: &generator)
  }

  /// Checks every weight, every bias and every input of a layer, for a batch.
  ///
  /// - Parameter scale: of the third derivatives, where they are larger than the tolerance assumes.
  init(
    _ layer: some ReferenceLayer<Double>, batch inputs: [ReferenceTensor<Double>],
    scale: Double = 1, generator: inout SeededGenerator
  ) {
    let outputs = layer.forward(batch: inputs)
    let factors = outputs.map { generator.spacedValues(count: $0.values.count) }
    let gradients = layer.backward(
      batch: inputs, outputs: outputs,
      outputGradients: zip(outputs, factors).map { ReferenceTensor(shape: $0.shape, values: $1) })
    func weighted(_ outputs: [ReferenceTensor<Double>]) -> Double {
      zip(factors, outputs).reduce(0) { sum, sample in
        zip(sample.0, sample.1.values).reduce(sum) { $0 + $1.0 * $1.1 }
      }
    }
    let size =
      scale
      * zip(factors.joined(), outputs.flatMap(\.values)).reduce(0) { sum, pair in
        sum + abs(pair.0) * (1 + abs(pair.1))
      }
    compare(gradients.weights, at: layer.weights, size: size, name: "weight") { weights in
      var changed = layer
      changed.weights = weights
      return weighted(changed.forward(batch: inputs))
    }
    compare(gradients.biases, at: layer.biases, size: size, name: "bias") { biases in
      var changed = layer
      changed.biases = biases
      return weighted(changed.forward(batch: inputs))
    }
    guard gradients.inputs.map(\.shape) == inputs.map(\.shape) else {
      (worst, place) = (.infinity, "inputs: gradients of other shapes")
      return
    }
    for (sample, input) in inputs.enumerated() {
      compare(
        gradients.inputs[sample].values, at: input.values, size: size, name: "input of \(sample)"
      ) { values in
        var changed = inputs
        changed[sample].values = values
        return weighted(layer.forward(batch: changed))
      }
    }
  }

  /// A check of nothing yet, for functions that are not layers.
  init() {}

  /// Compares a gradient with finite differences of `function` at `point`, one coordinate a time.
  /// `size` is the S of the tolerance.
  mutating func compare(
    _ gradient: [Double], at point: [Double], size: Double, name: String,
    of function: ([Double]) -> Double
  ) {
    guard gradient.count == point.count else {
      worst = .infinity
      place = "\(name)s: \(gradient.count) derivatives of \(point.count) values"
      return
    }
    let step = Self.step
    let tolerance = size * (step * step + Self.roundings * Self.spacing / step)
    for index in point.indices {
      var moved = point
      moved[index] = point[index] + step
      let high = (point: moved[index], value: function(moved))
      moved[index] = point[index] - step
      let low = (point: moved[index], value: function(moved))
      // x ± h are rounded; dividing by their true distance leaves that error out.
      let difference = (high.value - low.value) / (high.point - low.point)
      let error = abs(difference - gradient[index]) / tolerance
      if error > worst || error.isNaN {
        worst = error.isNaN ? .infinity : error
        place = "\(name) \(index): \(gradient[index]), finite difference \(difference)"
      }
    }
  }
}
