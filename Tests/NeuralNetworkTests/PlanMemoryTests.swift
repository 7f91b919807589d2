import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import Testing

/// What buffers that share places save; that they change no bit is tested with the gradients.
@Suite struct PlanMemoryTests {
  /// Derived weights are filters turned for the input gradient, and their components for Winograd's
  /// algorithm; the weight gradient's are a worker's. By eight channels of a 5×5 kernel it would not pay.
  @Test(arguments: [(3, 32, ConvolutionAlgorithm.winograd), (5, 8, .direct)])
  func aConvolutionIsMadeAsAsked(
    kernelSize: Int, channels: Int, fastest: ConvolutionAlgorithm
  ) throws {
    let convolution = Convolution(filters: channels, kernelSize: kernelSize, padding: .same)
    func bytes(_ algorithm: ConvolutionAlgorithm) throws -> [Double] {
      let plan = try NetworkPlan(
        Network([convolution, convolution, GlobalAveragePooling(), Dense(3)]),
        input: FeatureShape(channels: channels, height: 12, width: 12), loss: .crossEntropy,
        kernels: KernelDispatch.best, convolutions: algorithm)
      return [plan.parameterMemoryBytes, plan.workerMemoryBytes(samples: 1)]
    }
    let (direct, all) = try (bytes(.direct), bytes(.winograd))
    let withDirectWeights = try bytes(.winogradExceptWeightGradient)
    #expect(direct[0] < all[0] && withDirectWeights[0] == all[0])
    #expect(withDirectWeights[1] < all[1])
    #expect(try bytes(.fastest) == bytes(fastest))
  }

  /// A chain keeps the values of all layers, but the gradients of two edges alone, and the scratch memory
  /// of one stage.
  @Test func aDeepChainSharesItsGradients() throws {
    var layers: [any Layer] = []
    for (filters, count) in [(16, 7), (32, 7), (64, 6)] {
      for index in 0..<count {
        layers += [
          Convolution(
            filters: filters, kernelSize: 3, stride: filters > 16 && index == 0 ? 2 : 1, padding: 1),
          ReLU(),
        ]
      }
    }
    let architecture = Network(layers + [Flatten(), Dense(10)])
    func bytes(guardBand: Int) throws -> Double {
      try NetworkPlan(
        architecture, input: FeatureShape(channels: 3, height: 32, width: 32),
        loss: .crossEntropy, kernels: KernelDispatch.best, guardBand: guardBand
      ).workerMemoryBytes(samples: 8)
    }
    // A guard band of one float keeps all buffers apart.
    let (shared, apart) = (try bytes(guardBand: 0), try bytes(guardBand: 1))
    #expect(shared < 0.35 * apart, "\(shared) of \(apart) bytes")
  }

  /// A map that is normalised and rectified is made again for the gradients of the convolution behind it;
  /// the derivative of tanh reads it later.
  @Test func theBatchKeepsNoMapThatIsNormalizedAndRectified() throws {
    let (maps, side, channels) = (4, 12, 16)
    func bytes(_ activation: any Layer) throws -> Double {
      var layers: [any Layer] = []
      for _ in 0..<maps {
        layers += [
          Convolution(filters: channels, kernelSize: 3, padding: .same), BatchNormalization(),
          activation,
        ]
      }
      return try NetworkPlan(
        Network(layers + [GlobalAveragePooling(), Dense(10)]),
        input: FeatureShape(channels: 3, height: side, width: side), loss: .crossEntropy,
        kernels: KernelDispatch.best, guardBand: 1
      ).batchMemoryBytes(samples: 1, slots: 0)
    }
    let mapBytes = Double(side * side * channels * MemoryLayout<Float>.stride)
    #expect(try bytes(Tanh()) - bytes(ReLU()) >= Double(maps) * mapBytes)
  }
}
