import ConvoyDatasets
import ConvoyTraining
import Foundation

extension EvaluationDetails {
  /// Everything as one JSON object. Classes and images are numbered from 0.
  func json(
    _ evaluation: Evaluation, _ results: ClassificationResults, of network: TrainedNetwork,
    on images: ImageSet
  ) throws -> String {
    let report = JSONEvaluation(
      images: results.images.count, accuracy: evaluation.accuracy, loss: evaluation.loss,
      topAccuracy: topCount.map { ["\($0)": results.accuracy(amongTop: $0)] },
      calibrationError: results.calibrationError,
      classes: results.classResults.map {
        JSONEvaluation.Class(
          label: network.className($0.label), images: $0.images, predictions: $0.predictions,
          precision: $0.precision, recall: $0.recall, f1: $0.f1)
      },
      confusions: results.confusions.map {
        [$0.pair.label, $0.pair.predicted, $0.images]
      },
      mistakes: results.mistakes.prefix(mistakes ?? 10).map {
        JSONEvaluation.Mistake(
          image: $0.number, file: images.files?[$0.number], label: network.className($0.label),
          predicted: network.className($0.predicted), score: $0.score, labelScore: $0.labelScore)
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(report), as: UTF8.self)
  }
}

/// The results of an evaluation as a JSON object.
private struct JSONEvaluation: Encodable {
  let images: Int
  let accuracy: Double
  let loss: Double
  let topAccuracy: [String: Double]?
  let calibrationError: Double?
  let classes: [Class]
  /// Label, predicted class and the number of images, the most frequent first.
  let confusions: [[Int]]
  let mistakes: [Mistake]

  struct Class: Encodable {
    let label: String
    let images: Int
    let predictions: Int
    let precision: Double?
    let recall: Double?
    let f1: Double?
  }

  struct Mistake: Encodable {
    let image: Int
    /// Of a folder of pictures.
    let file: String?
    let label: String
    let predicted: String
    let score: Double
    let labelScore: Double
  }
}
