import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoyONNX
import ConvoyPage
import ConvoyProcessLimits
import ConvoyTraining

/// A trained network: it classifies pictures, is judged on samples, and is written to files.
///
/// Safe to use from many threads at once.
public struct Model: Sendable {
  let file: ModelFile
  let trained: TrainedNetwork
  private let predictor: Predictor

  /// Reads a file that `write(to:)` or `convoy train` wrote.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - ownLoss: the loss that it was trained with, if that is one of your own; nil if it is not to be
  ///     judged.
  /// - Throws: ``ConvoyError`` or `NetworkError`, which name the file, with what was expected and found.
  public init(contentsOf path: String, ownLoss: (any Loss)? = nil) throws {
    let file = try ConvoyError.visibly { try ModelFile(contentsOf: path) }
    try self.init(file, ownLoss: ownLoss, path: path)
  }

  init(_ file: ModelFile, ownLoss: (any Loss)? = nil, path: String = "model") throws {
    self.file = file
    trained = try ConvoyError.visibly {
      try TrainedNetwork(file, path: path, ownLoss: ownLoss, kernels: KernelDispatch.best)
    }
    predictor = Predictor(trained)
  }

  /// The layers.
  public var network: Network { file.architecture }
  /// Of an image: channels × height × width.
  public var inputShape: FeatureShape { file.inputShape }
  /// The number of classes.
  public var classes: Int { trained.plan.classes }
  /// By label; nil if labels are numbers only.
  public var classNames: [String]? { file.classNames }

  /// Whether it was trained on floats; on bytes otherwise.
  public var takesFloats: Bool { file.normalization.areFloats }

  /// What the network sees in a picture of any size and colour.
  ///
  /// - Throws: ``ModelError``, if the network's outputs for it are not finite, its input is neither
  ///   grey nor coloured, or it was trained on floats.
  public func classify(_ image: Image) throws -> Classification {
    guard !takesFloats else { throw ModelError.floats }
    guard inputShape.channels == 1 || inputShape.channels == 3 else {
      throw ModelError.channels(inputShape.channels)
    }
    let fitting = try ConvoyError.visibly {
      try ImageSet(image.picture, for: trained.input, inverted: false, path: "picture")
    }
    var scores = [Float](repeating: 0, count: classes)
    var span = scores.mutableSpan
    predict(Array(fitting.pixels).span, into: &span)
    guard scores.allSatisfy(\.isFinite) else { throw ModelError.overflow }
    return Classification(scores.map(Double.init)) { trained.className($0) }
  }

  /// Writes the scores of images: probabilities where the network was trained with cross-entropy, its
  /// outputs otherwise.
  ///
  /// Calls from several threads run side by side, each on its own thread. Once as many have run, none
  /// allocates anything. Scores of a network that overflows are not finite.
  ///
  /// An image has the same scores in any batch. Alone, those of a large network may differ by
  /// roundings: filters that no cache holds are then transformed in another way, to be read faster.
  ///
  /// - Parameters:
  ///   - pixels: whole images, one after another, each height × width × channels bytes of the
  ///     network's input shape; any other number of bytes is a programming error, and so are bytes for
  ///     a network that was trained on floats.
  ///   - scores: exactly a number per class and image, image after image.
  public func predict(_ pixels: Span<UInt8>, into scores: inout MutableSpan<Float>) {
    predictor.predict(pixels, into: &scores)
  }

  /// Writes the scores of images of floats, as `predict(_:into:)` does those of bytes.
  ///
  /// - Parameters:
  ///   - values: whole images, one after another, each height × width × channels numbers of the
  ///     network's input shape, as those it was trained on. Of a network that was trained on bytes,
  ///     that is a programming error.
  ///   - scores: exactly a number per class and image, image after image.
  @_disfavoredOverload
  public func predict(_ values: Span<Float>, into scores: inout MutableSpan<Float>) {
    predictor.predict(values, into: &scores)
  }

  /// The scores of each image, by class, as `predict(_:into:)` gives them.
  ///
  /// - Parameters:
  ///   - samples: of the network's input shape.
  ///   - threads: nil for the cores that this process may use.
  /// - Throws: ``ConvoyError`` if the images are of another shape, or memory has no room for the scores;
  ///   `SettingsError` for no thread; ``ModelError/overflow`` if a score is not finite; and errors of
  ///   an ``ImageSource``.
  public func scores(of samples: Samples, threads: Int? = nil) throws -> [[Double]] {
    let outputs = try ConvoyError.visibly {
      try evaluator(on: samples, judging: false, threads).outputs()
    }
    try samples.images.pixels.requireReadings()
    let scores = (0..<samples.count).map { outputs.scores(of: $0) }
    guard scores.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { throw ModelError.overflow }
    return scores
  }

  /// Judges the network on samples. Classes are matched by their names, where both have names.
  ///
  /// - Parameters:
  ///   - samples: of the network's input shape.
  ///   - threads: nil for the cores that this process may use; the score does not depend on it.
  /// - Throws: ``ConvoyError`` if the samples are of another shape or have labels without an output, or
  ///   if the model was trained with a loss that it does not have; `SettingsError` for no thread;
  ///   ``ModelError/overflow`` if the loss is not finite; and errors of an ``ImageSource``.
  public func evaluate(on samples: Samples, threads: Int? = nil) throws -> Score {
    let evaluation = try ConvoyError.visibly {
      try evaluator(on: samples, judging: true, threads)
    }.evaluate()
    try samples.images.pixels.requireReadings()
    guard evaluation.fault == nil else { throw ModelError.overflow }
    return Score(evaluation)
  }

  private func evaluator(
    on samples: Samples, judging: Bool, _ threads: Int?
  ) throws -> Evaluator {
    try trained.evaluator(
      on: samples.images.labeled(like: trained.input), judging: judging,
      threads: Self.checked(threads))
  }

  /// The number of threads that are used.
  static func checked(_ threads: Int?) throws(SettingsError) -> Int {
    let count = threads ?? AvailableCores.count
    guard count >= 1 else {
      throw SettingsError(setting: "threads", expected: "at least 1", found: "\(count)")
    }
    return count
  }

  /// Writes a safetensors file with the names and order of PyTorch's `state_dict`. A file of that
  /// name is replaced as a whole or not at all.
  ///
  /// - Throws: ``ConvoyError`` if a weight is not finite, or the file cannot be written.
  public func write(to path: String) throws {
    try ConvoyError.visibly { try file.write(to: path) }
  }

  /// Writes an ONNX file, operator set 13: pixels in, probabilities or logits out.
  ///
  /// - Throws: ``ConvoyError`` if the format has no operator for a layer, or the file cannot be written.
  public func writeONNX(to path: String, givingLogits: Bool = false) throws {
    try ConvoyError.visibly {
      try ONNXModel(file, giving: givingLogits ? .logits : .probabilities, path: path)
        .write(to: path)
    }
  }

  /// Writes a page that runs the network in a browser.
  ///
  /// - Throws: ``ConvoyError`` if the network takes no pictures or is too large for a page, or the file
  ///   cannot be written.
  public func writePage(to path: String, title: String) throws {
    try ConvoyError.visibly {
      try ModelPage(file, path: path, title: title, kernels: KernelDispatch.best).write(to: path)
    }
  }
}

/// What a network sees in a picture.
public struct Classification: Sendable, Equatable {
  /// A class and how likely it is.
  public struct Answer: Sendable, Equatable {
    /// From 0.
    public let label: Int
    /// The class's name, or its number.
    public let name: String
    /// From 0 to 1; the network's output where its outputs are no probabilities.
    public let probability: Double
  }

  /// All classes, the most likely first.
  public let answers: [Answer]

  init(_ scores: [Double], name: (Int) -> String) {
    answers = Ranking.top(scores.count, of: scores).map {
      Answer(label: $0.label, name: name($0.label), probability: $0.score)
    }
  }

  /// The most likely class.
  public var label: Int { answers[0].label }
  /// Its name, or its number.
  public var name: String { answers[0].name }
  /// How likely it is, from 0 to 1; the network's output where its outputs are no probabilities.
  public var probability: Double { answers[0].probability }
  /// How likely the class of a name is; nil if there is none of that name.
  public func probability(of name: String) -> Double? {
    answers.first { $0.name == name }?.probability
  }
  /// The other classes, the most likely first.
  public var runnersUp: ArraySlice<Answer> { answers.dropFirst() }
}

/// How well a network does on samples.
public struct Score: Sendable, Equatable {
  /// The mean over the samples.
  public let loss: Double
  /// The share of samples whose label has the largest output, from 0 to 1.
  public let accuracy: Double

  init(_ evaluation: Evaluation) {
    loss = evaluation.loss
    accuracy = evaluation.accuracy
  }
}

/// Why a model gives no answer.
public enum ModelError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Numbers of the network are too large for single precision.
  case overflow
  /// No epoch has been trained yet.
  case untrained
  /// Pictures are bytes; the network was trained on floats.
  case floats
  /// Pictures are grey or coloured; the network's input has so many channels.
  case channels(Int)

  /// One line: what was expected and what was found.
  public var description: String {
    switch self {
    case .overflow: "expected finite outputs of the network, found NaN or infinity"
    case .channels(let count): "expected a network with 1 or 3 input channels, found \(count)"
    case .floats: "expected a network trained on bytes, found one trained on floats"
    case .untrained: "expected a training with at least one epoch, found none"
    }
  }
}
