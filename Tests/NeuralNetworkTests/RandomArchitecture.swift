import KeyedRandom
import NeuralNetwork
import Testing

/// Ragged architectures, a function of their number.
struct RandomArchitecture: CustomTestStringConvertible, Sendable {
  let number: Int
  let input: FeatureShape
  let architecture: Architecture
  let loss: LossFunction

  var testDescription: String { "number \(number), \(input), \(loss): \(architecture.layers)" }

  static let classes = 5

  init(number: Int) {
    let random = KeyedRandom(seed: 77, purpose: .initialization, number)
    var counter = 0
    func pick<Value>(_ values: [Value]) -> Value {
      counter += 1
      return values[random.integer(counter, below: values.count)]
    }

    self.number = number
    loss = pick(LossFunction.allCases)
    let input = FeatureShape(
      channels: pick([1, 2, 3]), height: pick([9, 11, 14]), width: pick([10, 13]))
    self.input = input
    let activations: [Layer] = [
      .relu, .leakyRelu(slope: 0.1), .sigmoid, .tanh, .identity, .softmax,
    ]
    var layers: [Layer] = []
    func add(_ layer: Layer) {
      // Whatever still fits: sizes shrink as layers are added.
      if (try? Architecture(layers + [layer]).outputShapes(for: input)) != nil {
        layers.append(layer)
      }
    }
    for _ in 0..<pick([1, 2]) {
      if pick([false, false, false, true]) { add(pick(activations)) }
      add(
        .convolution(
          filters: pick([1, 3, 7, 8, 17]), kernelSize: pick([1, 2, 3, 5]),
          stride: pick([1, 1, 2, 3]), padding: pick([0, 1, 2]), hasBias: pick([true, true, false])))
      if pick([true, true, false]) { add(pick(activations)) }
      let (kernelSize, stride) = pick([(2, 2), (3, 2), (2, 1), (2, 3), (3, 3)])
      if pick([true, true, false]) {
        add(
          pick([true, false])
            ? .maxPooling(kernelSize: kernelSize, stride: stride)
            : .averagePooling(kernelSize: kernelSize, stride: stride))
      }
      if pick([true, false]) { add(pick(activations)) }
      if pick([true, false, false]) { add(.dropout(rate: 0.25)) }
    }
    add(.flatten)
    if pick([true, false, false]) { add(pick(activations)) }
    if pick([true, false]) {
      add(.dense(units: pick([3, 9, 20])))
      add(pick(activations))
      if pick([true, false]) { add(.dropout(rate: 0.5)) }
    }
    add(.dense(units: Self.classes))
    if pick([true, false, false]) { add(.softmax) }
    architecture = Architecture(layers)
  }
}
