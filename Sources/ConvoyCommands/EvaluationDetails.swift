import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFigures
import ConvoyFileAccess
import ConvoyNetworkOptions
import ConvoyTerminal
import ConvoyTraining
import Foundation

/// What `evaluate` tells beside accuracy and loss.
struct EvaluationDetails {
  static let descriptions: [OptionDescription] = [
    .flag("per-class", help: "Print precision, recall and F1 of each class.", section: details),
    .value(
      "top-k", "count",
      help: "Print how often the label is among this many of the likeliest classes.",
      section: details),
    .flag(
      "confusion",
      help:
        "Print how often each class was taken for each other: a matrix for up to \(mostColumns) classes, "
        + "else the most frequent pairs.", section: details),
    .value(
      "confusion-csv", "file", help: "Write the whole matrix, a row per label.", section: details),
    .value(
      "mistakes", "count", help: "Print up to this many misclassified images, the surest first.",
      section: details),
    .flag(
      "calibration",
      help: "Print how far probabilities are from shares of correct answers (Guo et al., 2017).",
      section: details),
    .flag("json", help: "Print all of this as one JSON object.", section: details),
  ]

  private static let details = "Details"
  private static let mostColumns = 12

  private let perClass: Bool
  let topCount: Int?
  private let confusion: Bool
  private let confusionFile: String?
  let mistakes: Int?
  private let calibration: Bool
  let isJSON: Bool

  init(_ options: ParsedOptions) throws(UsageError) {
    perClass = options.flag("per-class")
    topCount = try options.integer("top-k", atLeast: 1)
    confusion = options.flag("confusion")
    confusionFile = options.string("confusion-csv")
    mistakes = try options.integer("mistakes", atLeast: 1)
    calibration = options.flag("calibration")
    isJSON = options.flag("json")
    try OutputPath.check(
      "confusion-csv", confusionFile, isNoneOf: [try options.requiredString("weights")],
      norIn: NetworkOptions.data(options))
  }

  /// Whether the outputs for each image are needed.
  var needOutputs: Bool {
    perClass || topCount != nil || confusion || confusionFile != nil || mistakes != nil
      || calibration || isJSON
  }

  /// Checks what can be checked before images are read.
  func check(classes: Int) throws {
    guard let confusionFile else { return }
    guard classes <= Self.mostRows else {
      throw UsageError.invalidCombination(
        "--confusion-csv: expected a model of at most \(Figures.grouped(Self.mostRows)) classes, found "
          + "\(Figures.grouped(classes))")
    }
    try AtomicFile.checkWritable(confusionFile)
  }

  private static let mostRows = 4096

  func print(
    _ results: ClassificationResults, of network: TrainedNetwork, on images: ImageSet,
    _ console: Console
  ) throws {
    if let topCount {
      try console.print(
        "top-\(topCount) accuracy \(Figures.percent(results.accuracy(amongTop: topCount)))")
    }
    if calibration {
      try console.print(
        results.calibrationError.map { "calibration error \(Figures.percent($0))" }
          ?? "no calibration error: the model's scores are no probabilities")
    }
    if perClass { try console.output(Self.table(of: results, network).text) }
    if confusion {
      try console.output(
        Self.confusionText(results, network, columns: console.outputColumns()))
    }
    for mistake in results.mistakes.prefix(mistakes ?? 0) {
      let line =
        "\(images.name(of: mistake.number)): \(network.className(mistake.label)) "
        + "\(PredictionWriter.score(mistake.labelScore, results.meaning)), taken for "
        + "\(network.className(mistake.predicted)) "
        + PredictionWriter.score(mistake.score, results.meaning)
      try console.print(line.onOneLine)
    }
  }

  /// Writes the confusion matrix, if a file was asked for.
  func writeFile(_ results: ClassificationResults, of network: TrainedNetwork) throws {
    guard let confusionFile else { return }
    let names = (0..<results.classes).map { PredictionWriter.field(network.className($0)) }
    let rows = zip(names, results.confusionMatrix).map { name, counts in
      ([name] + counts.map(String.init)).joined(separator: ",")
    }
    let lines = [(["label"] + names).joined(separator: ",")] + rows
    try AtomicFile.write(Data(lines.map { $0 + "\n" }.joined().utf8), to: confusionFile)
  }

  private static func table(
    of results: ClassificationResults, _ network: TrainedNetwork
  ) -> TextTable {
    var table = TextTable(columns: [
      .left("class"), .right("images"), .right("precision"), .right("recall"), .right("F1"),
    ])
    func share(_ value: Double?) -> String { value.map(Figures.percent) ?? "–" }
    let classes = results.classResults.filter { $0.images + $0.predictions > 0 }
    for result in classes {
      table.add([
        network.className(result.label).onOneLine, Figures.grouped(result.images),
        share(result.precision), share(result.recall), share(result.f1),
      ])
    }
    // Of the classes with images; one that is never predicted has a precision of nothing.
    func mean(_ value: (ClassResult) -> Double?) -> String {
      let values = classes.filter { $0.images > 0 }.map { value($0) ?? 0 }
      return share(values.isEmpty ? nil : values.reduce(0, +) / Double(values.count))
    }
    table.add([
      "mean", Figures.grouped(results.images.count), mean(\.precision), mean(\.recall), mean(\.f1),
    ])
    return table
  }

  /// - Parameter columns: of the terminal; nil for no limit. If the matrix is wider, numbers stand above it
  ///   and before the names, unless that makes it wider still.
  private static func confusionText(
    _ results: ClassificationResults, _ network: TrainedNetwork, columns: Int?
  ) -> String {
    func name(_ label: Int) -> String { network.className(label).onOneLine }
    guard results.classes <= mostColumns else {
      var table = TextTable(columns: [.left("label"), .left("taken for"), .right("images")])
      for confusion in results.confusions.prefix(mostPairs) {
        table.add([
          name(confusion.pair.label), name(confusion.pair.predicted),
          Figures.grouped(confusion.images),
        ])
      }
      return table.text
    }
    let labels = 0..<results.classes
    func matrix(titles: [String], names: [String]) -> TextTable {
      var table = TextTable(columns: [.left("label \\ taken for")] + titles.map { .right($0) })
      for (name, counts) in zip(names, results.confusionMatrix) {
        table.add([name] + counts.map { $0 > 0 ? Figures.grouped($0) : "·" })
      }
      return table
    }
    let whole = matrix(titles: labels.map(name), names: labels.map(name))
    guard let columns, whole.width > columns else { return whole.text }
    let numbered = matrix(
      titles: labels.map { "\($0)" }, names: labels.map { "\($0) \(name($0))" })
    return (numbered.width < whole.width ? numbered : whole).text
  }

  private static let mostPairs = 20
}
