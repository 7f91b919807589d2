import ConvoyKeyedRandom
import ConvoyNeuralNetwork
import ConvoyReference

extension Network {
  /// The architecture in plain scalar layers.
  ///
  /// - Parameters:
  ///   - parameters: those of each layer, in turn.
  ///   - samples: of the batch, which have dropout masks of their own; see `PlanRun`.
  func reference<Scalar: ReferenceScalar>(
    input: FeatureShape, loss: LossFunction, parameters: [[Float]], samples: Int,
    as _: Scalar.Type
  ) throws -> ReferenceNetwork<Scalar> {
    var rest = parameters[...].map { $0.map { Scalar($0) } }[...]
    // Depth first, as the references are built.
    var placed = try placedLayers(for: input)[...]

    /// - Parameter map: how the values lie in memory, and so the masks. A flattened map stays one.
    func references(
      _ layers: [any Layer], _ map: inout FeatureMap
    ) -> [any ReferenceLayer<Scalar>] {
      layers.map { layer in
        guard let place = placed.popFirst() else { preconditionFailure("each layer has its place") }
        let shape = place.input.shape
        defer {
          if !place.output.isFlat || layer is Dense || layer is GlobalMaxPooling
            || layer is GlobalAveragePooling
          {
            map = FeatureMap(place.output)
          }
        }
        switch layer {
        case let layer as Convolution:
          return ReferenceConvolution(
            inputChannels: shape.channels, filters: layer.filters,
            window: layer.referenceWindow, groups: layer.groups,
            weights: rest.removeFirst(),
            biases: layer.hasBias
              ? rest.removeFirst() : Array(repeating: 0, count: layer.filters))
        case let layer as BatchNormalization:
          func constants(_ value: Scalar) -> [Scalar] {
            Array(repeating: value, count: shape.channels)
          }
          return ReferenceBatchNormalization(
            weights: layer.hasScale ? rest.removeFirst() : constants(1),
            biases: layer.hasShift ? rest.removeFirst() : constants(0),
            epsilon: Scalar(layer.epsilon), samples: layer.samples)
        case let layer as GroupNormalization:
          func constants(_ value: Scalar) -> [Scalar] {
            Array(repeating: value, count: shape.channels)
          }
          return ReferenceGroupNormalization(
            weights: layer.hasScale ? rest.removeFirst() : constants(1),
            biases: layer.hasShift ? rest.removeFirst() : constants(0),
            groups: layer.groups, epsilon: Scalar(layer.epsilon))
        case let layer as MaxPooling:
          return ReferenceMaxPooling(
            window: .pooling(layer.kernelSize, layer.stride, layer.padding))
        case let layer as AveragePooling:
          return ReferenceAveragePooling(
            window: .pooling(layer.kernelSize, layer.stride, layer.padding))
        case is GlobalMaxPooling: return ReferenceMaxPooling(window: ReferenceWindow(over: shape))
        case is GlobalAveragePooling:
          return ReferenceAveragePooling(window: ReferenceWindow(over: shape))
        case is Flatten: return ReferenceFlatten()
        case let layer as Dense:
          return ReferenceDense(
            inputFeatures: shape.count, units: layer.units, weights: rest.removeFirst(),
            biases: layer.hasBias
              ? rest.removeFirst() : Array(repeating: 0, count: layer.units))
        case let layer as Dropout:
          return ReferenceDropout(
            rate: Scalar(layer.rate),
            kept: (0..<samples).map {
              Self.kept(map, rate: layer.rate, layer: place.number, sample: $0)
            })
        case is ReLU: return ReferenceActivation<Scalar>.relu
        case is ReLU6: return ReferenceActivation<Scalar>.relu6
        case let layer as LeakyReLU:
          return ReferenceActivation<Scalar>.leakyRelu(slope: Scalar(layer.slope))
        case is Sigmoid: return ReferenceActivation<Scalar>.sigmoid
        case is Tanh: return ReferenceActivation<Scalar>.tanh
        case is SiLU: return ReferenceActivation<Scalar>.silu
        case let layer as ELU: return ReferenceActivation<Scalar>.elu(alpha: Scalar(layer.alpha))
        case is GELU: return ReferenceActivation<Scalar>.gelu
        case let layer as Scale:
          return ReferenceActivation<Scalar>.scale(factor: Scalar(layer.factor))
        case is PReLU: return ReferencePReLU(slopes: rest.removeFirst())
        case is HardSwish: return ReferenceActivation<Scalar>.hardSwish
        case is Softmax:
          let isTheLosss =
            place.place == "\(self.layers.count - 1)" && loss == .crossEntropy
          return isTheLosss
            ? ReferenceActivation<Scalar>.identity : ReferenceActivation<Scalar>.softmax
        case is Identity: return ReferenceActivation<Scalar>.identity
        case let layer as Residual:
          var (main, added) = (map, map)
          let residual = ReferenceResidual<Scalar>(
            layers: references(layer.layers, &main),
            shortcut: references(layer.shortcut, &added))
          // Flattened maps of two sizes are added as vectors.
          map =
            main.shape == added.shape
            ? main : FeatureMap(FeatureShape(features: main.shape.count))
          return residual
        case let layer as Concatenation:
          let entry = map
          let concatenation = ReferenceConcatenation<Scalar>(
            branches: layer.layers.map { layers in
              map = entry
              return references(layers, &map)
            })
          map = FeatureMap(place.output)
          return concatenation
        default: preconditionFailure("\(layer.summary) has no reference")
        }
      }
    }
    var map = FeatureMap(input)
    return ReferenceNetwork(
      layers: references(layers, &map),
      loss: loss.reference)
  }

  /// Of the layers with weights or biases: which they learn.
  var learned: [(weights: Bool, biases: Bool)] {
    layers.flatMap { layer -> [(weights: Bool, biases: Bool)] in
      switch layer {
      case _ where !layer.isTrainable: [(false, false)]
      case let layer as Convolution: [(true, layer.hasBias)]
      case let layer as BatchNormalization: [(layer.hasScale, layer.hasShift)]
      case let layer as GroupNormalization: [(layer.hasScale, layer.hasShift)]
      case let layer as Dense: [(true, layer.hasBias)]
      case is PReLU: [(true, false)]
      default: layer.branches.flatMap { Network($0.layers).learned }
      }
    }
  }

  private static func kept(
    _ map: FeatureMap, rate: Float, layer: Int, sample: Int
  ) -> [Bool] {
    let random = KeyedRandom(
      seed: PlanRun.seed, purpose: .dropout, PlanRun.epoch, sample
    ).keyed(by: layer)
    var mask = [Float](repeating: 0, count: map.count)
    mask.withUnsafeMutableBufferPointer { random.fillDropoutMask($0, rate: rate) }
    return (0..<map.shape.count).map { mask[map.offset(of: $0)] != 0 }
  }
}

extension Convolution {
  var referenceWindow: ReferenceWindow {
    func steps(_ side: KeyPath<Pair, Int>) -> ReferenceWindow.Steps {
      let (stride, dilation) = (stride[keyPath: side], dilation[keyPath: side])
      switch padding {
      case .zeros(let zeros):
        return .init(
          stride: stride, dilation: dilation, before: zeros[keyPath: side],
          after: zeros[keyPath: side])
      case .same:
        // As many as the map would lose, and the odd one behind.
        let lost = dilation * (kernelSize[keyPath: side] - 1)
        return .init(stride: stride, dilation: dilation, before: lost / 2, after: (lost + 1) / 2)
      }
    }
    return ReferenceWindow(
      height: kernelSize.rows, width: kernelSize.columns, down: steps(\.rows),
      across: steps(\.columns))
  }
}

extension ReferenceWindow {
  fileprivate static func pooling(_ size: Pair, _ stride: Pair, _ padding: Pair) -> Self {
    Self(
      height: size.rows, width: size.columns,
      down: Steps(stride: stride.rows, before: padding.rows, after: padding.rows),
      across: Steps(stride: stride.columns, before: padding.columns, after: padding.columns))
  }

  fileprivate init(over shape: FeatureShape) {
    self.init(height: shape.height, width: shape.width, stride: 1)
  }
}

extension LossFunction {
  fileprivate var reference: ReferenceLoss {
    switch self {
    case .crossEntropy: .crossEntropy
    case .hinge: .hinge
    case .meanSquaredError: .meanSquaredError
    }
  }
}
