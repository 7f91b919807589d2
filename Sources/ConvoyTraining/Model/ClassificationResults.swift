/// How a network classified labelled images: by image, by class, and which classes it confused.
package struct ClassificationResults: Sendable {
  package let classes: Int
  package let meaning: ScoreMeaning
  package let images: [ClassifiedImage]

  /// - Parameter labels: one for each image.
  package init(_ outputs: NetworkOutputs, labels: [UInt16]) {
    precondition(labels.count == outputs.count, "Each image has a label.")
    classes = outputs.classes
    meaning = outputs.meaning
    images = labels.enumerated().map { image, label in
      ClassifiedImage(number: image, label: Int(label), scores: outputs.scores(of: image))
    }
  }

  /// The share of images whose label has one of the `count` largest scores.
  package func accuracy(amongTop count: Int) -> Double {
    share { $0.rank < count }
  }

  private func share(_ isCounted: (ClassifiedImage) -> Bool) -> Double {
    Double(images.count(where: isCounted)) / Double(max(1, images.count))
  }

  /// What the network made of each class.
  package var classResults: [ClassResult] {
    var results = (0..<classes).map { ClassResult(label: $0) }
    for image in images {
      results[image.label].images += 1
      results[image.predicted].predictions += 1
      if image.isCorrect { results[image.label].correct += 1 }
    }
    return results
  }

  /// The pairs of different classes that occur as label and prediction, the most frequent first.
  package var confusions: [Confusion] {
    var counts: [Confusion.Pair: Int] = [:]
    for image in images where !image.isCorrect {
      counts[Confusion.Pair(label: image.label, predicted: image.predicted), default: 0] += 1
    }
    return counts.map { Confusion(pair: $0.key, images: $0.value) }.sorted {
      ($1.images, $0.pair.label, $0.pair.predicted) < ($0.images, $1.pair.label, $1.pair.predicted)
    }
  }

  /// The number of images of each label, by row, and prediction, by column.
  package var confusionMatrix: [[Int]] {
    var matrix = Array(repeating: Array(repeating: 0, count: classes), count: classes)
    for image in images { matrix[image.label][image.predicted] += 1 }
    return matrix
  }

  /// The wrongly classified images, the one with the highest score first.
  package var mistakes: [ClassifiedImage] {
    images.filter { !$0.isCorrect }.sorted { ($1.score, $0.number) < ($0.score, $1.number) }
  }

  /// The expected calibration error (Guo et al., 2017): the mean distance between the probability
  /// and the accuracy of predictions, in 15 bins of equal width. Nil if scores are no probabilities.
  package var calibrationError: Double? {
    guard meaning.areProbabilities, !images.isEmpty else { return nil }
    var bins = Array(repeating: (score: 0.0, correct: 0.0), count: Self.bins)
    for image in images {
      let bin = image.score.isFinite ? min(Int(image.score * Double(Self.bins)), Self.bins - 1) : 0
      bins[bin].score += image.score
      if image.isCorrect { bins[bin].correct += 1 }
    }
    return bins.reduce(0) { $0 + abs($1.score - $1.correct) } / Double(images.count)
  }

  private static let bins = 15
}

/// An image, its label and what the network saw in it.
package struct ClassifiedImage: Sendable, Equatable {
  /// In its set, from 0.
  package let number: Int
  package let label: Int
  /// The class with the largest score; the first of equals.
  package let predicted: Int
  /// Of the predicted class.
  package let score: Double
  package let labelScore: Double
  /// The number of classes that come before the label in the order of scores.
  package let rank: Int

  init(number: Int, label: Int, scores: [Double]) {
    let first = Ranking.top(1, of: scores)[0]
    self.number = number
    self.label = label
    (predicted, score) = (first.label, first.score)
    labelScore = scores[label]
    rank = scores.indices.count {
      scores[$0] > scores[label] || scores[$0] == scores[label] && $0 < label
    }
  }

  package var isCorrect: Bool { predicted == label }
}

/// The best of an image's classes.
package enum Ranking {
  /// The `count` classes with the largest scores, the largest first, the first of equals first.
  package static func top(_ count: Int, of scores: [Double]) -> [(label: Int, score: Double)] {
    var best: [(label: Int, score: Double)] = []
    for (label, score) in scores.enumerated() {
      guard best.count < count || score > best[best.count - 1].score else { continue }
      let place = best.firstIndex { score > $0.score } ?? best.count
      best.insert((label, score), at: place)
      if best.count > count { best.removeLast() }
    }
    return best
  }
}

/// What a network made of the images of one class.
package struct ClassResult: Sendable, Equatable {
  package let label: Int
  /// Images with this label.
  package fileprivate(set) var images = 0
  /// Images taken for this class.
  package fileprivate(set) var predictions = 0
  package fileprivate(set) var correct = 0

  fileprivate init(label: Int) { self.label = label }

  /// The share of the class's images that were recognised; nil without images.
  package var recall: Double? { images > 0 ? Double(correct) / Double(images) : nil }

  /// The share of the images taken for the class that are of it; nil if there are none.
  package var precision: Double? {
    predictions > 0 ? Double(correct) / Double(predictions) : nil
  }

  /// The harmonic mean of precision and recall; nil if the class has neither images nor predictions.
  package var f1: Double? {
    images + predictions > 0 ? 2 * Double(correct) / Double(images + predictions) : nil
  }
}

/// Images of one class that were taken for another.
package struct Confusion: Sendable, Equatable {
  package struct Pair: Sendable, Hashable {
    package let label: Int
    package let predicted: Int
  }

  package let pair: Pair
  package let images: Int
}
