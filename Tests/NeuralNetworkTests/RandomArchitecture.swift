import ConvoyKeyedRandom
import ConvoyNeuralNetwork
import Foundation
import Testing

/// Ragged architectures, a function of their number.
struct RandomArchitecture: CustomTestStringConvertible, Sendable {
  let number: Int
  let input: FeatureShape
  let architecture: Network
  let loss: LossFunction

  var testDescription: String { "number \(number), \(input), \(loss): \(architecture.layers)" }

  /// As many as the environment asks for, `CONVOY_RANDOM_NETWORKS=5000`; 120 where it does not.
  static var all: [RandomArchitecture] {
    let wanted = ProcessInfo.processInfo.environment["CONVOY_RANDOM_NETWORKS"].flatMap(Int.init)
    return (0..<(wanted ?? 120)).map(Self.init(number:))
  }

  init(number: Int) {
    let random = KeyedRandom(seed: 77, purpose: .initialization, number)
    var counter = 0
    func pick<Value>(_ values: [Value]) -> Value {
      counter += 1
      return values[random.integer(counter, below: values.count)]
    }

    self.number = number
    loss = pick(LossFunction.allCases)
    let height = pick([1, 5, 9, 11, 14])
    let input = FeatureShape(
      channels: pick([1, 2, 3, 8, 16]), height: height,
      width: pick([height, height, height, 10, 13]))
    self.input = input
    let activations: [any Layer] = [
      ReLU(), ReLU6(), LeakyReLU(slope: 0.1), Sigmoid(), Tanh(), SiLU(), HardSwish(),
      ELU(alpha: 0.5),
      GELU(), PReLU(), PReLU(isShared: true),
      Scale(factor: -0.5), Identity(), Softmax(),
    ]
    var layers: [any Layer] = []
    /// The shape after a layer more; nil where the layer does not fit.
    func shape(adding layer: any Layer) -> FeatureShape? {
      (try? Network(layers + [layer]).placedLayers(for: input))?.last {
        !$0.place.contains(".")
      }?.output
    }
    // Whatever still fits: sizes shrink as layers are added.
    func add(_ layer: any Layer) { if shape(adding: layer) != nil { layers.append(layer) } }

    /// Two values have nearly the same output whatever they are, so that with a small epsilon rounding
    /// would decide their gradients.
    ///
    /// - Parameter channels: of its input; nil for those of the layers so far.
    func normalization(of channels: Int? = nil) -> any Layer {
      let (epsilon, hasScale, hasShift) = (
        pick([0.1, 0.03] as [Float]), pick([true, true, false]), pick([true, true, false])
      )
      if pick([true, false, false]) {
        let channels = channels ?? shape(adding: Identity())?.channels ?? 1
        let divisors = [1, 2, 3, channels].filter { channels.isMultiple(of: $0) }
        return GroupNormalization(
          groups: pick(divisors), epsilon: epsilon, hasScale: hasScale, hasShift: hasShift)
      }
      return BatchNormalization(
        epsilon: epsilon, hasScale: hasScale, hasShift: hasShift, samples: pick([nil, nil, 2]))
    }

    /// A sum of paths that have little in common: strides, poolings, a path that begins with an activation,
    /// residuals inside.
    func residual(_ map: FeatureShape, isInner: Bool = false) -> Residual {
      func convolution(_ filters: Int, _ kernelSize: Int = 3, stride: Int = 1) -> Convolution {
        Convolution(
          filters: filters, kernelSize: kernelSize, stride: stride, padding: kernelSize / 2,
          bias: pick([true, false]))
      }
      let filters = pick([map.channels, map.channels, 4, 16])
      let stride = pick([1, 1, 2])
      var path: [any Layer] = pick([true, false]) ? [pick(activations)] : []
      path.append(convolution(filters, pick([1, 3, 3, 5]), stride: stride))
      if pick([true, false, false]) { path.append(normalization(of: filters)) }
      if pick([true, false, false]) { path.append(Dropout(rate: 0.25)) }
      if pick([true, true, false]) { path += [pick(activations), convolution(filters)] }
      if !isInner, pick([true, false, false]) {
        let size = { (($0 as Int) - 1) / stride + 1 }
        path.append(
          residual(
            FeatureShape(channels: filters, height: size(map.height), width: size(map.width)),
            isInner: true))
      }
      if filters == map.channels, stride == 1 {
        return Residual(path, shortcut: pick([true, true, false]) ? [] : [pick(activations)])
      }
      return Residual(path, shortcut: [convolution(filters, pick([1, 3]), stride: stride)])
    }

    /// Branches of different depth: the input itself, convolutions, a normalised one, a sum.
    func concatenation(_ map: FeatureShape) -> Concatenation {
      let branches: [[any Layer]] = (0..<pick([1, 2, 2, 3])).map { _ in
        let kernelSize = pick([1, 3])
        let convolution = Convolution(
          filters: pick([1, 5, 8, 16]), kernelSize: kernelSize, padding: kernelSize / 2)
        return switch pick([0, 1, 1, 2, 3, 4]) {
        case 0: []
        case 1: [convolution]
        case 2: [convolution, normalization(), pick(activations)]
        case 3: [residual(map, isInner: true)].filter { $0.keepsSize(of: map) }
        default: [pick(activations), convolution, pick(activations)]
        }
      }
      return Concatenation(branches)
    }

    if pick([true, false, false, false, false, false]) { add(normalization()) }
    for _ in 0..<pick([0, 1, 1, 2, 2, 3]) {
      if pick([false, false, false, true]) { add(pick(activations)) }
      // Winograd's algorithm takes 3 × 3 and 5 × 5 kernels between maps of eight channels and more.
      let suitsWinograd = pick([true, false, false])
      let size = suitsWinograd ? pick([3, 3, 5]) : pick([1, 2, 3, 5])
      if pick([true, false, false]), let map = shape(adding: Identity()) {
        // Everything a convolution can be.
        let groups = pick([1, 1, map.channels, map.channels, 2].filter { map.channels % $0 == 0 })
        let padding: Convolution.Padding = pick([
          .zeros(Pair(pick([0, 1, 3]), pick([0, 1, 2]))), .same,
        ])
        add(
          Convolution(
            filters: groups * pick(groups > 4 ? [1, 1, 2] : [1, 3, 5, 8, 24]),
            kernelSize: Pair(pick([1, 2, 3]), pick([1, 2, 3, 4])),
            stride: padding == .same ? 1 : Pair(pick([1, 1, 2, 3]), pick([1, 1, 2])),
            padding: padding, dilation: Pair(pick([1, 1, 2, 3]), pick([1, 1, 2, 3])),
            groups: groups, bias: pick([true, true, false])))
        if pick([true, false]) { add(pick(activations)) }
      }
      add(
        Convolution(
          filters: suitsWinograd ? pick([16, 17, 24]) : pick([1, 3, 7, 8, 17]),
          kernelSize: size, stride: suitsWinograd ? 1 : pick([1, 1, 2, 3]),
          padding: suitsWinograd ? size / 2 : pick([0, 1, 2]),
          bias: pick([true, true, false])))
      if pick([true, false, false]) { add(normalization()) }
      if pick([true, true, false]) { add(pick(activations)) }
      let (kernelSize, stride) = pick([(2, 2), (3, 2), (2, 1), (2, 3), (3, 3)])
      if pick([true, true, false]) {
        add(
          pick([true, false])
            ? MaxPooling(kernelSize, stride: stride)
            : AveragePooling(kernelSize, stride: stride))
      } else if pick([true, false]) {
        let size = Pair(pick([1, 2, 3]), pick([2, 3]))
        let stride = Pair(pick([1, 2]), pick([1, 2, 3]))
        let padding = Pair(pick([0, size.rows / 2]), pick([0, 1]))
        add(
          pick([true, false])
            ? MaxPooling(size, stride: stride, padding: padding)
            : AveragePooling(size, stride: stride, padding: padding))
      }
      if pick([true, false, false, false]) { add(normalization()) }
      if pick([true, false]) { add(pick(activations)) }
      if pick([true, false, false]) { add(Dropout(rate: 0.25)) }
      if pick([true, false, false]), let map = shape(adding: Identity()) {
        add(residual(map))
        if pick([true, false]) { add(pick(activations)) }
      }
      if pick([true, false, false, false]), let map = shape(adding: Identity()) {
        add(concatenation(map))
        if pick([true, false]) { add(pick(activations)) }
      }
    }
    if pick([true, false, false]) {
      // No dense layer: the network ends in a convolution or a pooling, mostly over the whole map.
      let map = shape(adding: Identity()) ?? input
      let whole = min(map.height, map.width)
      let size = pick([whole, whole, whole, 2, 1])
      let filters = pick([2, 5, 9])
      add(
        pick([
          Convolution(filters: filters, kernelSize: size, stride: 1, padding: 0),
          Convolution(filters: filters, kernelSize: size, stride: 1, padding: 0),
          Convolution(filters: filters, kernelSize: size, stride: size, padding: pick([0, 1])),
          MaxPooling(size, stride: 1), AveragePooling(size, stride: size),
        ]))
      if pick([true, false, false]) { add(pick(activations)) }
      if pick([true, false, false]) {
        add(pick([true, false]) ? GlobalMaxPooling() : GlobalAveragePooling())
      }
      add(Flatten())
      if pick([true, false, false]) { add(pick(activations)) }
    } else {
      if pick([true, false, false, false]) {
        add(pick([true, false]) ? GlobalMaxPooling() : GlobalAveragePooling())
      }
      add(Flatten())
      if pick([true, false, false]) { add(pick(activations)) }
      for _ in 0..<pick([0, 1, 1, 2]) {
        let units = pick([3, 9, 20])
        add(Dense(units, bias: pick([true, true, false])))
        if pick([true, false, false]) { add(normalization()) }
        add(pick(activations))
        if pick([true, false, false]) {
          add(Residual([Dense(5), pick(activations), Dense(units)]))
        }
        if pick([true, false, false]) {
          add(Concatenation([[Dense(3), pick(activations)], [], [Dense(6)]]))
        }
        if pick([true, false]) { add(Dropout(rate: 0.5)) }
      }
      add(Dense(pick([2, 5, 11]), bias: pick([true, true, false])))
    }
    if pick([true, false, false]) { add(Softmax()) }
    // With numbers of its own, so that networks without frozen layers stay as they are.
    let freezing = KeyedRandom(seed: 78, purpose: .initialization, number)
    let share = [0, 0.3, 0.7][number % 3]
    architecture = Network(layers).freezing { freezing.uniform($0) < share }
  }
}

extension Network {
  /// The architecture with some of its layers frozen, those inside others too.
  ///
  /// - Parameter isFrozen: asked for each layer that can learn, depth first.
  func freezing(_ isFrozen: (_ number: Int) -> Bool) -> Network {
    var number = 0
    func frozen(_ layer: any Layer) -> any Layer {
      guard layer.branches.isEmpty else { return layer.replacingBranches { $0.layers.map(frozen) } }
      number += 1
      guard isFrozen(number) else { return layer }
      return layer is any FreezableLayer ? layer.withParameters(trained: false) : layer
    }
    return Network(layers.map(frozen))
  }
}

extension Layer {
  fileprivate func keepsSize(of map: FeatureShape) -> Bool {
    guard let output = try? Network([self]).placedLayers(for: map)[0].output else {
      return false
    }
    return output.height == map.height && output.width == map.width
  }
}
