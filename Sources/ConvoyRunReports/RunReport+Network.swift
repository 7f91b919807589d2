import ConvoyDatasets
import ConvoyFigures
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyPictures
import ConvoyProcessLimits
import ConvoyReport
import ConvoyTraining
import Foundation

extension RunReport {
  private static let mostMistakes = 24
  private static let mostPairs = 10
  private static let mostPairImages = 8
  private static let cellImages = 4
  /// Of all pictures at the cells of a matrix: with the other pictures, a page stays below 5 MB.
  private static let mostCellBytes = 750_000
  private static let gradientBatch = 64
  private static let mappedImages = 3
  /// More layers would be a long page.
  private static let mostHistograms = 40

  /// Adds what a trained network does with labelled images, in place of what another did.
  ///
  /// - Parameters:
  ///   - path: of the model, for errors.
  ///   - judged: what the images are called.
  /// - Throws: `RunMismatch` if the network is of none of the runs, `TrainingDataError` if the images do
  ///   not fit, `MemoryError`, `OverflowingModel`, and what reading images throws. The report then stays
  ///   as it was.
  package mutating func add(
    _ network: TrainedNetwork, path: String, on images: ImageSet,
    _ judged: JudgedEpoch.Images = .test, threads: Int
  ) throws {
    _ = try runs(of: network, path: path)
    let evaluator = try network.evaluator(on: images, threads: threads)
    let outputs = try evaluator.makeOutputs()
    let evaluation = evaluator.evaluate(keeping: outputs)
    try images.pixels.requireReadings()
    if let fault = evaluation.fault { throw OverflowingModel(path: path, layer: fault) }
    let results = ClassificationResults(outputs, labels: images.labels)
    let pictures = ReportPictures(images)
    var outline = try Self.outline(network, on: images, results, pictures)
    try Self.addGradients(of: network, on: images, threads: threads, to: &outline)
    let (classification, galleries) = (
      Self.classification(results, network, pictures), Self.galleries(results, network, pictures)
    )
    try images.pixels.requireReadings()
    let testOfTheLog =
      runs.count == 1 && runs[0].history.run?.data?.test == DatasetDigest.Part(images)
      ? runs[0].history.testAccuracy : nil
    edit { report in
      report.note = ""
      // The model's own results, whatever a log says of its run.
      let own = [
        Report.Fact("\(judged.rawValue) accuracy", Figures.percent(evaluation.accuracy)),
        Report.Fact("\(judged.rawValue) loss", Figures.loss(evaluation.loss)),
      ]
      let names = Set(own.map(\.name) + ["images", "calibration error"])
      let others = report.results.filter { !names.contains($0.name) }
      if let ends = testOfTheLog, abs(ends - evaluation.accuracy) > Self.rounding(of: images.count)
      {
        report.note =
          "The log ends with a test accuracy of \(Figures.percent(ends)): "
          + "\(path) is of another time or seed."
      }
      report.results =
        own + (others.isEmpty ? [Report.Fact("images", Figures.grouped(images.count))] : others)
      if let error = results.calibrationError {
        report.results.append(Report.Fact("calibration error", Figures.percent(error)))
      }
      report.classification = classification
      report.galleries = galleries
      report.network = outline
    }
  }

  /// The difference of accuracies that another processor's rounding may make: one image, in a small set.
  private static func rounding(of images: Int) -> Double { max(0.0005, 1.5 / Double(images)) }

  /// Names a model above the page, where that is not of one run alone, and describes it where there is
  /// no log.
  ///
  /// - Parameter path: of the model.
  package mutating func describe(_ network: TrainedNetwork, path: String) {
    let (model, plan) = (network.model, network.plan)
    guard runs.isEmpty else {
      if runs.count > 1 { edit { $0.facts = [Report.Fact("model", path)] } }
      return
    }
    edit { report in
      report.title = URL(filePath: path).lastPathComponent
      report.subtitle =
        "A network of \(Figures.grouped(plan.parameterCount)) parameters for "
        + "\(Figures.grouped(plan.classes)) classes of images of \(plan.inputShape)."
      var facts = [
        Report.Fact("model", path),
        Report.Fact("layers", Figures.grouped(plan.architecture.layers.count)),
        Report.Fact("loss", model.loss?.rawValue ?? model.ownLoss ?? "–"),
        Report.Fact("normalization", Self.normalization(model.normalization)),
      ]
      let mostNames = 12
      if let names = model.classNames {
        let some = names.prefix(mostNames).joined(separator: ", ")
        facts.append(Report.Fact("classes", some + (names.count > mostNames ? ", …" : "")))
      }
      if let fit = model.fit { facts.append(Report.Fact("pictures", fit.rawValue)) }
      if let part = model.testPart {
        facts += [
          Report.Fact(
            "test part", "\(Figures.percent(part.fraction)) of \(Figures.grouped(part.images))"),
          Report.Fact("seed", "\(part.seed)"),
        ]
      }
      report.facts = facts
    }
  }

  private static func normalization(_ normalization: Normalization) -> String {
    guard normalization.method != .unit else { return "none" }
    let channels = zip(normalization.means, normalization.deviations).map { mean, deviation in
      "(x − \(Figures.loss(mean))) / \(Figures.loss(deviation))"
    }
    return channels.joined(separator: ", ")
  }

  private static func classification(
    _ results: ClassificationResults, _ network: TrainedNetwork, _ pictures: ReportPictures
  ) -> Classification {
    let byPair = Dictionary(grouping: results.mistakes) { [$0.label, $0.predicted] }
    func pair(_ confusion: Confusion, images most: Int) -> Classification.Pair {
      let pair = confusion.pair
      return Classification.Pair(
        label: pair.label, predicted: pair.predicted, count: confusion.images,
        images: (byPair[[pair.label, pair.predicted]] ?? []).prefix(most).compactMap { image in
          pictures.thumbnail(image.number).map {
            Report.Captioned(
              $0, caption: score(image.score, results), detail: pictures.name(of: image.number))
          }
        })
    }
    let confusions = results.confusions
    var cells: [Classification.Pair] = []
    var bytes = 0
    if results.classes <= Classification.mostTableClasses {
      for confusion in confusions where bytes < mostCellBytes {
        let cell = pair(confusion, images: cellImages)
        bytes += cell.images.reduce(0) { $0 + $1.image.png.count }
        cells.append(cell)
      }
    }
    return Classification(
      scores: results.classResults.map { result in
        Classification.Score(
          name: network.className(result.label), images: result.images,
          precision: result.precision, recall: result.recall, f1: result.f1)
      },
      confusion: results.classes <= Classification.mostMatrixClasses
        ? results.confusionMatrix : nil,
      pairs: confusions.prefix(mostPairs).map { pair($0, images: mostPairImages) }, cells: cells)
  }

  private static func galleries(
    _ results: ClassificationResults, _ network: TrainedNetwork, _ pictures: ReportPictures
  ) -> [Report.Gallery] {
    func captioned(_ images: some Sequence<ClassifiedImage>) -> [Report.Captioned] {
      images.compactMap { image in
        pictures.thumbnail(image.number).map {
          Report.Captioned(
            $0,
            caption: image.isCorrect
              ? network.className(image.label)
              : "\(network.className(image.label)), seen as \(network.className(image.predicted))",
            detail: "\(score(image.score, results)), \(pictures.name(of: image.number))")
        }
      }
    }
    let uncertain = results.images.sorted { ($0.score, $0.number) < ($1.score, $1.number) }
    return [
      Report.Gallery(
        title: "Surest mistakes",
        explanation: "Wrongly classified images, the highest "
          + (results.meaning.areProbabilities ? "probability" : "score") + " first.",
        images: captioned(results.mistakes.prefix(mostMistakes))),
      Report.Gallery(
        title: "Least certain",
        explanation: "Images whose best class has the lowest "
          + (results.meaning.areProbabilities ? "probability" : "score") + ".",
        images: captioned(uncertain.prefix(mostMistakes))),
    ]
  }

  private static func score(_ score: Double, _ results: ClassificationResults) -> String {
    results.meaning.areProbabilities
      ? Figures.percent(score) : "score \(Figures.grouped(score, decimals: 2))"
  }

  private static func outline(
    _ network: TrainedNetwork, on images: ImageSet, _ results: ClassificationResults,
    _ pictures: ReportPictures
  ) throws -> Report.Network {
    let layers = try network.plan.architecture.placedLayers(for: network.plan.inputShape)
    var outline = Report.Network(layers: layerTable(layers, input: network.plan.inputShape))
    let weights = network.plan.tensors.filter { tensor in
      if case .weight = tensor.kind { return true }
      return false
    }
    outline.filters = weights.first { $0.shape.count == 4 }.flatMap { tensor in
      ReportPictures.filters(network.tensor(tensor), shape: tensor.shape).map { image in
        Report.Gallery(
          title: "Filters of the first convolution", explanation: "",
          images: [
            Report.Captioned(
              image, caption: "\(tensor.shape[0]) filters of \(tensor.shape[2])×\(tensor.shape[3])",
              detail: tensor.shape[1] == 3
                ? "red, green and blue" : "black is the smallest weight, white the largest")
          ])
      }
    }
    outline.weights = weights.prefix(mostHistograms).map {
      Histogram(title: $0.name, of: network.tensor($0))
    }
    let mapped = mapped(results)
    for image in mapped {
      let input = pictures.thumbnail(image.number).map {
        [Report.Captioned($0, caption: "input", detail: "\(network.plan.inputShape)")]
      }
      let outputs = try network.layerOutputs(of: image.number, in: images)
      outline.maps.append(
        Report.Gallery(
          title: "What each layer makes of \(pictures.name(of: image.number)) "
            + "(\(network.className(image.label))"
            + (image.isCorrect ? ")" : ", seen as \(network.className(image.predicted)))"),
          explanation:
            "One tile per channel, as many as there is room for, from the least value (black) to the largest (white) of "
            + "the layer.",
          images: (input ?? [])
            + outputs.compactMap { output in
              ReportPictures.maps(output, sheets: mapped.count * outputs.count).map {
                Report.Captioned(
                  $0,
                  caption: output.layers.map { "\($0.place) \($0.layer.summary)" }
                    .joined(separator: ", "), detail: "\(output.shape)")
              }
            }))
    }
    return outline
  }

  /// Adds histograms of the gradients of a batch beside those of the weights.
  private static func addGradients(
    of network: TrainedNetwork, on images: ImageSet, threads: Int, to outline: inout Report.Network
  ) throws {
    let gradients: [(tensor: ParameterTensor, gradient: [Float])]?
    do {
      gradients = try network.gradients(on: images, batch: gradientBatch, threads: threads)
    } catch is NonFiniteError {
      outline.gradientNote = "The gradients of a batch of these images are not finite."
      return
    } catch let error as MemoryError {
      outline.gradientNote = "There are no gradients: \(error)."
      return
    }
    guard let gradients else {
      outline.gradientNote = "There are no gradients: their statistics take more images."
      return
    }
    let titles = Set(outline.weights.map(\.title))
    outline.gradients = gradients.filter { titles.contains($0.tensor.name) }.map {
      Histogram(title: $0.tensor.name, of: $0.gradient)
    }
    outline.gradientNote =
      "Gradients are those of the mean loss over a batch of "
      + "\(Figures.grouped(min(gradientBatch, images.count))) images, by a step of training."
  }

  /// The images whose maps are shown: the surest mistake, then the first ones of other classes that
  /// are seen as what they are.
  private static func mapped(_ results: ClassificationResults) -> [ClassifiedImage] {
    var images = Array(results.mistakes.prefix(1))
    var seen = Set(images.map(\.label))
    for image in results.images where image.isCorrect && images.count < mappedImages {
      if seen.insert(image.label).inserted { images.append(image) }
    }
    return images
  }

  private static func layerTable(_ layers: [PlacedLayer], input: FeatureShape) -> Report.Table {
    func megaflop(_ operations: Double) -> String {
      Figures.grouped(operations / 1e6, decimals: 3)
    }
    let rows = layers.map { layer in
      [
        "\(layer.place) \(layer.layer.summary)", "\(layer.output)",
        layer.parameters > 0 ? Figures.grouped(layer.parameters) : "",
        layer.operations > 0 ? megaflop(Double(layer.operations)) : "",
      ]
    }
    let total = [
      "total", "", Figures.grouped(layers.reduce(0) { $0 + $1.parameters }),
      megaflop(layers.reduce(0) { $0 + Double($1.operations) }),
    ]
    return Report.Table(
      summary: "Layers", columns: ["layer", "output", "parameters", "MFLOP per training sample"],
      rows: [["input", "\(input)", "", ""]] + rows + [total])
  }
}

/// A model whose loss on some image is not finite.
package struct OverflowingModel: Error, CustomStringConvertible {
  let path: String
  let layer: FaultyLayer

  package init(path: String, layer: FaultyLayer) {
    self.path = path
    self.layer = layer
  }

  package var description: String {
    "\(path): layer \(layer.place) (\(layer.summary)): expected a finite loss, found NaN or infinity"
  }
}
