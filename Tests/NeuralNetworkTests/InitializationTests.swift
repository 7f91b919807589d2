import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import Testing

@Suite struct InitializationTests {
  /// The variance of n draws lies within 5 deviations of the wanted one: 5 √(2/n) of it for a normal
  /// distribution, less for a uniform one.
  @Test(arguments: Initialization.Method.allCases, Initialization.Distribution.allCases)
  func varianceIsTheMethods(
    method: Initialization.Method, distribution: Initialization.Distribution
  ) {
    let count = 20_000
    let weights = Initialization(method, distribution).weights(
      count: count, fanIn: 50, fanOut: 150, seed: 4, layer: 1)
    let expected = method == .xavier ? 2.0 / 200 : 2.0 / 50
    let variance = weights.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(count)
    let bound = 5 * (2 / Double(count)).squareRoot()
    #expect(abs(variance / expected - 1) < bound)
    let limit = (3 * expected).squareRoot()
    let beyond = weights.filter { abs(Double($0)) > limit * 1.000001 }.count
    // A uniform number keeps to √3 deviations; one normal number in twelve does not.
    #expect(distribution == .uniform ? beyond == 0 : beyond > count / 24)
  }

  @Test func dependsOnSeedAndLayer() {
    func weights(seed: UInt64, layer: Int) -> [Float] {
      Initialization().weights(count: 8, fanIn: 4, fanOut: 4, seed: seed, layer: layer)
    }
    #expect(weights(seed: 1, layer: 0) == weights(seed: 1, layer: 0))
    #expect(weights(seed: 1, layer: 0) != weights(seed: 2, layer: 0))
    #expect(weights(seed: 1, layer: 0) != weights(seed: 1, layer: 1))
  }

  /// The initial weights of a network's layers, with their shapes.
  private func weights(
    _ layers: [any Layer], channels: Int = 3, _ initialization: Initialization = Initialization()
  ) throws -> [(shape: [Int], values: [Float])] {
    let plan = try NetworkPlan(
      Network(layers), input: FeatureShape(channels: channels, height: 6, width: 5),
      loss: .crossEntropy, kernels: KernelDispatch.best)
    let parameters = ParameterMemory(plan)
    plan.initialize(parameters, initialization, seed: 6)
    return plan.tensors.filter { $0.name.hasSuffix("weight") }
      .map { ($0.shape, $0.read(from: parameters)) }
  }

  @Test func layersHaveTheirOwnMethod() throws {
    func layers(_ own: LayerInitialization?) -> [any Layer] {
      [
        Convolution(filters: 7, kernelSize: 3, initialization: own), Flatten(),
        Dense(4, initialization: own),
      ]
    }
    func numbers(
      _ own: LayerInitialization?, _ initialization: Initialization
    ) throws -> [[Float]] { try weights(layers(own), initialization).map(\.values) }
    for distribution in Initialization.Distribution.allCases {
      let (xavier, he) = (Initialization(.xavier, distribution), Initialization(.he, distribution))
      #expect(try numbers(.he, xavier) == numbers(nil, he))
      #expect(try numbers(.xavier, he) == numbers(nil, xavier))
      #expect(try numbers(.xavier, he) != numbers(nil, he))
    }
  }

  /// More filters than inputs, fewer, and as many; a dense layer of each kind.
  @Test(arguments: [1, 4, 27, 30])
  func orthogonalRowsOrColumns(filters: Int) throws {
    let found = try weights([
      Convolution(filters: filters, kernelSize: 3, initialization: .orthogonal), Flatten(),
      Dense(5, initialization: .orthogonal), Dense(9, initialization: .orthogonal),
    ])
    for (shape, values) in found {
      let (rows, columns) = (shape[0], values.count / shape[0])
      let (vectors, length) = (min(rows, columns), max(rows, columns))
      func number(_ vector: Int, _ place: Int) -> Double {
        Double(values[rows <= columns ? vector * columns + place : place * columns + vector])
      }
      for one in 0..<vectors {
        for other in 0...one {
          let product = (0..<length).reduce(0.0) { $0 + number(one, $1) * number(other, $1) }
          // Floats are rounded by 2⁻²⁴ of themselves; both vectors have length 1.
          #expect(abs(product - (one == other ? 1 : 0)) <= 3 * 0x1p-24, "\(shape)")
        }
      }
      #expect(Set(values).count > values.count / 2, "drawn")
    }
  }

  /// As PyTorch's `dirac_` of the first filters: 1 in the middle, at K / 2 rounded down.
  @Test(arguments: [1, 2, 3, 4], [2, 3, 5])
  func diracFiltersPassChannelsOn(kernelSize: Int, filters: Int) throws {
    func weights(_ own: LayerInitialization?) throws -> [Float] {
      try self.weights([
        Convolution(filters: filters, kernelSize: kernelSize, initialization: own), Flatten(),
      ])[0].values
    }
    let (found, drawn) = (try weights(.dirac), try weights(nil))
    let window = kernelSize * kernelSize
    for (place, value) in found.enumerated() {
      let (filter, rest) = place.quotientAndRemainder(dividingBy: 3 * window)
      let (channel, tap) = rest.quotientAndRemainder(dividingBy: window)
      let isMiddle = tap == kernelSize / 2 * kernelSize + kernelSize / 2
      let expected: Float = filter == channel && isMiddle ? 1 : 0
      #expect(value == (filter < 3 ? expected : drawn[place]))
    }
  }

  private static let misfits: [(layers: [any Layer], message: String)] = [
    (
      [Convolution(filters: 23, kernelSize: 2, initialization: .whitening)],
      "input of 3×6×5: whitening needs 2 · 3 · 2² = 24 filters, found 23"
    ),
    (
      [ReLU(), Convolution(filters: 24, kernelSize: 2, initialization: .whitening)],
      "whitening is for the network's own input"
    ),
    (
      [Convolution(filters: 216, kernelSize: 6, padding: 3, initialization: .whitening)],
      "whitening needs a kernel within the input, found 6×6"
    ),
  ]

  @Test(arguments: misfits)
  func whiteningThatDoesNotFitIsRefused(layers: [any Layer], message: String) {
    let error = #expect(throws: NetworkError.self) {
      try Network(layers + [Flatten()])
        .outputShape(for: FeatureShape(channels: 3, height: 6, width: 5))
    }
    #expect(error?.description.hasSuffix(message) == true, "\(String(describing: error))")
  }

  @Test func whiteningTakesPatchesOfManyNumbers() throws {
    for (size, isTaken) in [(32, true), (33, false)] {
      let convolution = Convolution(
        filters: 2 * size * size, kernelSize: size, initialization: .whitening)
      let input = FeatureShape(channels: 1, height: size, width: size)
      let shape = try? Network([convolution, Flatten()]).outputShape(for: input)
      #expect((shape != nil) == isTaken)
    }
  }
}
