import ConvoyCommandsTestSupport
import ConvoyTerminal
import Foundation
import Testing

/// What `evaluate` tells beside accuracy and loss, checked against the predictions of each image.
@Suite struct EvaluationDetailsTests {
  private let workspace: Workspace
  private let labels = (0..<21).map { $0 % 4 }

  init() throws {
    workspace = try Workspace()
    workspace.trainModel("model")
  }

  private func evaluate(_ arguments: String...) -> ToolRun {
    ToolRun(
      ["evaluate", "--weights", workspace.path("model"), "--data", workspace.data] + arguments)
  }

  /// The classes of each image by probability, best first.
  private func ranked() throws -> [[(class: Int, probability: Double)]] {
    let run = ToolRun(
      "predict", "--weights", workspace.path("model"), "--json", "--top", "4", workspace.data)
    return try run.lines.map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      let top = try #require(object?["top"] as? [[String: Any]])
      return try top.map {
        (try #require($0["class"] as? Int), try #require($0["probability"] as? Double))
      }
    }
  }

  private func percent(_ share: Double) -> String { String(format: "%.2f%%", 100 * share) }

  @Test func tablesCountPredictions() throws {
    let predicted = try ranked().map { $0[0].class }
    let run = evaluate("--per-class", "--confusion")
    #expect(run.exitCode == .success, "\(run.errors)")
    let rows = run.lines.map { $0.split(separator: " ").map(String.init) }
    #expect(rows[1] == ["class", "images", "precision", "recall", "F1"])
    let seen = Set(predicted + labels).sorted()
    for label in seen {
      let images = labels.count { $0 == label }
      let predictions = predicted.count { $0 == label }
      let correct = zip(labels, predicted).count { $0 == label && $1 == label }
      let row = [
        "\(label)", "\(images)",
        predictions > 0 ? percent(Double(correct) / Double(predictions)) : "–",
        percent(Double(correct) / Double(images)),
        percent(2 * Double(correct) / Double(images + predictions)),
      ]
      #expect(rows[2 + label] == row)
    }
    #expect(rows[2 + seen.count].prefix(2) == ["mean", "21"])
    for label in 0..<4 {
      let counts = (0..<4).map { other in
        zip(labels, predicted).count { $0 == label && $1 == other }
      }
      #expect(
        rows[4 + seen.count + label] == ["\(label)"] + counts.map { $0 > 0 ? "\($0)" : "·" })
    }
  }

  /// Where names do not fit above the matrix, numbers stand there, and before the names.
  @Test func aNarrowTerminalNumbersTheMatrix() throws {
    let pictures = ImageFiles.pictures(
      of: ["the first of all", "the second of all"], in: "named", contrast: 99)
    for (path, bytes) in pictures { try workspace.write(bytes, to: path) }
    let (data, model) = (workspace.path("named"), workspace.path("named.st"))
    _ = ToolRun(
      "train", "--data", data, "--model", "compact", "--epochs", "1", "--test-fraction", "0.5",
      "--batch", "3", "--output", model)
    func matrix(_ columns: Int?) -> [Substring] {
      let run = ToolRun(
        ["evaluate", "--weights", model, "--data", data, "--confusion"], columns: columns)
      #expect(run.exitCode == .success, "\(run.errors)")
      return Array(run.lines.dropFirst())
    }
    let whole = matrix(nil)
    #expect(whole[0] == "label \\ taken for  the first of all  the second of all")
    let width = whole[0].count
    #expect(matrix(width) == whole)
    let numbered = matrix(width - 1)
    #expect(numbered[0].split(separator: " ").suffix(2) == ["0", "1"])
    #expect(
      numbered[1].hasPrefix("0 the first of all ") && numbered[2].hasPrefix("1 the second of all "))
    #expect(numbered.allSatisfy { $0.count <= 30 })
  }

  /// Classes without names gain nothing from numbers before them.
  @Test func numbersAreNotNumbered() {
    let arguments = [
      "evaluate", "--weights", workspace.path("model"), "--data", workspace.data, "--confusion",
    ]
    #expect(ToolRun(arguments, columns: 20).output == ToolRun(arguments).output)
  }

  @Test func anEvaluationShowsItsProgress() {
    let run = ToolRun(
      [
        "evaluate", "--weights", workspace.path("model"), "--data", workspace.data, "--tta", "flip",
      ],
      errorIsTerminal: true)
    #expect(run.errors.hasPrefix("\rimages ") && run.errors.hasSuffix("\r\u{1B}[K"))
    #expect(run.lines.count == 1)
  }

  @Test func theMatrixIsWrittenWhole() throws {
    let predicted = try ranked().map { $0[0].class }
    #expect(evaluate("--confusion-csv", workspace.path("matrix.csv")).exitCode == .success)
    let rows = (0..<4).map { label in
      (["\(label)"]
        + (0..<4).map { other in "\(zip(labels, predicted).count { $0 == label && $1 == other })" })
        .joined(separator: ",")
    }
    #expect(
      try workspace.text("matrix.csv")
        == (["label,0,1,2,3"] + rows).map { $0 + "\n" }.joined())
    expectRefusal(
      evaluate("--confusion-csv", workspace.path("model")), .usage, saying: ["--confusion-csv"])
  }

  @Test func ranksAndCalibratesByProbability() throws {
    let ranked = try ranked()
    let run = evaluate("--top-k", "2", "--calibration", "--mistakes", "3")
    let among = zip(ranked, labels).count { classes, label in
      classes.prefix(2).contains { $0.class == label }
    }
    #expect(run.lines[1] == "top-2 accuracy \(percent(Double(among) / 21))")
    var bins = Array(repeating: (probability: 0.0, correct: 0.0), count: 15)
    for (classes, label) in zip(ranked, labels) {
      let bin = min(14, Int(classes[0].probability * 15))
      bins[bin].probability += classes[0].probability
      bins[bin].correct += classes[0].class == label ? 1 : 0
    }
    let error = bins.reduce(0) { $0 + abs($1.probability - $1.correct) } / 21
    #expect(run.lines[2] == "calibration error \(percent(error))")
    let wrong = zip(ranked, labels).enumerated().filter { $0.element.0[0].class != $0.element.1 }
      .sorted { $0.element.0[0].probability > $1.element.0[0].probability }
    let expected = wrong.prefix(3).map { image, element in
      let own = element.0.first { $0.class == element.1 }?.probability ?? 0
      return "image \(image): \(element.1) \(percent(own)), taken for \(element.0[0].class) "
        + percent(element.0[0].probability)
    }
    #expect(run.lines.dropFirst(3).map(String.init) == expected)
  }

  @Test func jsonHoldsAll() throws {
    let run = evaluate("--json", "--top-k", "3")
    let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    #expect(object?["images"] as? Int == 21)
    let accuracy = try #require(object?["accuracy"] as? Double)
    let ranked = try ranked()
    let correct = zip(ranked, labels).count { $0[0].class == $1 }
    #expect(abs(accuracy - Double(correct) / 21) < 1e-12)
    #expect((object?["classes"] as? [Any])?.count == 4)
    let confusions = try #require(object?["confusions"] as? [[Int]])
    #expect(confusions.reduce(0) { $0 + $1[2] } == 21 - correct)
    #expect((object?["mistakes"] as? [Any])?.count == min(10, 21 - correct))
    #expect((object?["topAccuracy"] as? [String: Double])?["3"] != nil)
  }
}
