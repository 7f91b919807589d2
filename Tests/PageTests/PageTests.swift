import ConvoyNeuralNetwork
import ConvoyPage
import ConvoyPictures
import ConvoySafetensors
import ConvoyTraining
import Foundation
import Testing

@Suite struct PageTests {
  private static let tiny = Network([
    Convolution(filters: 2, kernelSize: 3), ReLU(), Flatten(), Dense(3),
  ])
  private static let gray = FeatureShape(channels: 1, height: 6, width: 5)

  /// The wide ones among the presets take seconds without optimisation.
  private static let presets = Network.Preset.allCases.filter {
    ![.resnet9, .vgg, .airbench94, .fashion].contains($0) || isThorough
  }
  private static let isThorough = ProcessInfo.processInfo.environment["CONVOY_PAGES"] != nil

  @Test(arguments: presets)
  func everyPresetMakesAPage(preset: Network.Preset) throws {
    let input = FeatureShape(channels: 3, height: 32, width: 32)
    try expectPage(
      of: SampleModel(
        Network(preset, classes: 10, channels: 3), input: input))
  }

  @Test func everyLayerMakesAPage() throws {
    try expectPage(of: SampleModel(SampleArchitectures.everyLayer(), input: Self.square))
    try expectPage(
      of: SampleModel(SampleArchitectures.uneven, input: Self.square, loss: .meanSquaredError))
  }

  private static let square = FeatureShape(channels: 1, height: 28, width: 28)

  /// The layers of a page are those of its model, and their tensors are within the weights.
  private func expectPage(of model: SampleModel) throws {
    let page = try PageText(model.file)
    let (network, weights) = (try page.network(), try page.weights())
    #expect(network.summary.count >= model.plan.architecture.layers.count)
    #expect(network.summary.reduce(0) { $0 + $1.parameters } == model.plan.parameterCount)
    #expect(network.parameters == model.plan.parameterCount)
    #expect(network.classes.count == model.plan.classes)
    #expect(network.steps.last?.shape == [model.plan.classes])
    var end = 0
    for (number, step) in network.steps.enumerated() {
      #expect(step.inputs.allSatisfy { $0 < number } && step.inputs.isEmpty == (number == 0))
      for tensor in step.tensors.values {
        #expect(tensor.offset % 3 == 0)
        end = max(end, tensor.offset + tensor.shape.reduce(1, *))
      }
    }
    #expect((end...end + 2).contains(weights.count))
    #expect(weights.allSatisfy { $0.isFinite })
  }

  /// The scripts have a forward function for each layer type.
  @Test func theScriptsKnowEveryLayerType() throws {
    let page = try PageText(SampleModel(Self.tiny, input: Self.gray).file)
    for type in LayerTypes.all where type != Identity.self && type != Dropout.self {
      #expect(
        ["(", ":", ","].contains { page.text.contains("\n  \(type.typeName)\($0)") },
        "\(type.typeName)")
    }
  }

  @Test func weightsAreThoseOfTheModel() throws {
    let model = try SampleModel(Self.tiny, input: Self.gray)
    let page = try PageText(model.file)
    let weights = try page.weights()
    let steps = try page.network().steps
    for tensor in model.file.weights.tensors {
      let parts = tensor.name.split(separator: ".")
      let step = try #require(steps.first { $0.place == String(parts[0]) })
      let place = try #require(step.tensors[String(parts[1])])
      #expect(place.shape == tensor.shape)
      #expect(Array(weights[place.offset..<place.offset + tensor.values.count]) == tensor.values)
    }
  }

  @Test func foldedNormalizationsAreNamedWithTheirLayer() throws {
    let model = try SampleModel(
      Network([
        Convolution(filters: 2, kernelSize: 3, bias: false), BatchNormalization(), ReLU(),
        Dropout(rate: 0.5), Flatten(), Dense(3), Softmax(),
      ]), input: Self.gray)
    let network = try PageText(model.file).network()
    #expect(
      network.steps.map(\.name) == [
        "input", "convolution 2 3×3 no bias, batchNormalization", "relu", "flatten", "dense 3",
      ])
    #expect(network.steps.map(\.inputs) == [[], [0], [1], [2], [3]])
    #expect(network.steps[1].tensors.keys.sorted() == ["bias", "weight"])
    #expect(network.outputs == "logits")
  }

  private static let meanings: [(loss: LossFunction, last: any Layer, outputs: String)] = [
    (.crossEntropy, Identity(), "logits"), (.crossEntropy, Softmax(), "logits"),
    (.meanSquaredError, Softmax(), "probabilities"), (.meanSquaredError, Identity(), "scores"),
    (.hinge, Identity(), "scores"),
  ]

  @Test(arguments: meanings.indices)
  func outputsMeanWhatTheLossSays(number: Int) throws {
    let (loss, last, outputs) = Self.meanings[number]
    let model = try SampleModel(
      Network(Self.tiny.layers + [last]), input: Self.gray, loss: loss)
    #expect(try PageText(model.file).network().outputs == outputs)
  }

  /// Names and titles cannot end the element that holds them.
  @Test func textsStayInTheirElement() throws {
    let names = [
      "</script><script>alert(1)</script>", "<!--<script>", "a \"quoted\" & \u{2028} name",
    ]
    let title = "</title></SCRIPT>{{weights}}"
    let page = try PageText(
      SampleModel(Self.tiny, input: Self.gray, classNames: names).file, title: title)
    #expect(try !page.element("network").contains("<"))
    let network = try page.network()
    #expect(network.classes == names)
    #expect(network.title == title)
    #expect(page.text.components(separatedBy: "<script").count == 4)
    #expect(page.text.components(separatedBy: "</script>").count == 4)
  }

  @Test func thePageLoadsNothing() throws {
    let text = try PageText(SampleModel(Self.tiny, input: Self.gray).file).text
    #expect(text.contains(#"content="default-src 'none'; script-src 'unsafe-inline';"#))
    for request in ["http:", "https:", "fetch(", "import(", "XMLHttpRequest", " src="] {
      #expect(!text.contains(request), "\(request)")
    }
    #expect(!text.contains("innerHTML"))
  }

  @Test func numbersAreCounted() throws {
    let model = try SampleModel(Self.tiny, input: Self.gray)
    #expect(try PageText(model.file).network().classes == ["0", "1", "2"])
    #expect(try PageText(model.file).network().fit == "stretch")
    let padded = try SampleModel(Self.tiny, input: Self.gray, fit: .pad)
    #expect(try PageText(padded.file).network().fit == "pad")
  }

  @Test func otherChannelsAreRefused() throws {
    let model = try SampleModel(
      Self.tiny, input: FeatureShape(channels: 2, height: 6, width: 5))
    #expect(throws: ModelPageError.channels(path: "model", found: 2)) { try PageText(model.file) }
  }

  @Test func tooManyParametersAreRefused() throws {
    let model = try SampleModel(Self.tiny, input: Self.gray)
    let error = ModelPageError.parameters(path: "model", limit: 94, found: 95)
    #expect(throws: error) { try PageText(model.file, mostParameters: 94) }
    #expect("\(error)" == "model: expected at most 94 parameters for a page, found 95")
    _ = try PageText(model.file, mostParameters: 95)
  }
}
