import ConvoyDatasets
import ConvoyNeuralNetwork
import ConvoyPictures
import ConvoySafetensors
import ConvoyStrictJSON
import Foundation

/// A trained network in a file: the weights with the names and order of PyTorch's `state_dict`, and
/// the metadata needed to run it. It holds no times and no paths, so equal runs write equal bytes.
package struct ModelFile: Sendable {
  package let architecture: Network
  package let inputShape: FeatureShape
  package let normalization: Normalization
  /// Nil for one of the caller's own.
  package let loss: LossFunction?
  /// The name of that one.
  package let ownLoss: String?
  /// By label; nil if labels are numbers only.
  package let classNames: [String]?
  /// How pictures of other shapes were made to fit; nil if the data was of one shape.
  package let fit: PictureFit?
  /// The mean brightness at the edges of the training images, from 0 for black to 255, where they are
  /// grey; nil if it is not known.
  package let edgeBrightness: Int?
  /// What it was tested on, where the data has no test part.
  package let testPart: TestPart?
  package let weights: WeightTensors

  private enum Key {
    static let architecture = "architecture"
    static let input = "input"
    static let normalization = "normalization"
    static let loss = "loss"
    static let ownLoss = "ownLoss"
    static let classes = "classes"
    static let fit = "fit"
    static let edgeBrightness = "edgeBrightness"
    static let testPart = "testPart"
  }

  /// The names of the metadata about the data: all but the architecture.
  package static let dataKeys = [
    Key.classes, Key.edgeBrightness, Key.fit, Key.input, Key.loss, Key.normalization, Key.ownLoss,
    Key.testPart,
  ]

  /// What the metadata call a loss of the caller's own.
  private static let own = "own"

  package init(
    _ plan: NetworkPlan, _ parameters: ParameterMemory, normalization: Normalization,
    classNames: [String]? = nil, fit: PictureFit? = nil, edgeBrightness: Int? = nil,
    testPart: TestPart? = nil
  ) {
    architecture = plan.architecture
    inputShape = plan.inputShape
    loss = plan.loss
    ownLoss = plan.ownLoss?.name
    self.normalization = normalization
    self.classNames = classNames
    self.fit = fit
    self.edgeBrightness = edgeBrightness
    self.testPart = testPart
    weights = WeightTensors(plan, parameters)
  }

  /// - Throws: `ModelFileError` if a weight is not finite, because such a file could not be read
  ///   back.
  package func write(to path: String) throws {
    try weights.requireFinite(path: path)
    try SafetensorsFile(tensors: weights.tensors, metadata: metadata()).write(to: path)
  }

  /// What the file says beside its weights, by name.
  package func metadata() throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    var metadata = [
      Key.architecture: try architecture.json(),
      Key.input: String(
        decoding: try encoder.encode([inputShape.channels, inputShape.height, inputShape.width]),
        as: UTF8.self),
      Key.normalization: String(decoding: try encoder.encode(normalization), as: UTF8.self),
      Key.loss: loss?.rawValue ?? Self.own,
    ]
    metadata[Key.ownLoss] = ownLoss
    metadata[Key.classes] = try classNames.map {
      String(decoding: try encoder.encode($0), as: UTF8.self)
    }
    metadata[Key.fit] = fit?.rawValue
    metadata[Key.edgeBrightness] = edgeBrightness.map { "\($0)" }
    metadata[Key.testPart] = try testPart.map {
      String(decoding: try encoder.encode($0), as: UTF8.self)
    }
    return metadata
  }

  /// Reads a file that `write` wrote.
  ///
  /// - Throws: `SafetensorsError`, `NetworkError` or `ModelFileError`, which name the file.
  package init(contentsOf path: String) throws {
    let file = try unsafe SafetensorsFile(contentsOf: path)
    try self.init(WeightTensors(tensors: file.tensors), metadata: file.metadata, path: path)
  }

  /// A model of weights and what `metadata()` says.
  ///
  /// - Parameter path: what errors call the file.
  /// - Throws: `NetworkError` or `ModelFileError`.
  package init(
    _ weights: WeightTensors, metadata: [String: String], path: String
  ) throws {
    func text(_ key: String) throws(ModelFileError) -> String {
      guard let text = metadata[key] else {
        throw .metadata(
          path: path, key: key,
          expected: metadata[Checkpoint.Key.state] == nil
            ? "one that convoy train wrote (convoy import takes weights of others)"
            : "a model; convoy train --resume with --output makes one of a checkpoint",
          found: "none")
      }
      return text
    }
    /// The value of a metadata key.
    func read<Value>(
      _ key: String, as expected: String, _ meaning: (JSONValue) -> Value?
    ) throws(ModelFileError) -> Value {
      let text = try text(key)
      guard let json = try? JSONParser.parse(Array(text.utf8)), let value = meaning(json) else {
        throw .metadata(path: path, key: key, expected: expected, found: quoted(text))
      }
      return value
    }

    architecture = try Network(
      json: Data(try text(Key.architecture).utf8), source: "\(path): \(Key.architecture)")
    inputShape = try read(
      Key.input, as: "[channels, height, width], each from 1 to \(Self.largestSize)", Self.shape)
    try architecture.validate(for: inputShape, source: "\(path): \(Key.architecture)")
    let channels = inputShape.channels
    normalization = try read(Key.normalization, as: Normalization.expected) {
      Normalization($0, channels: channels)
    }
    let lossName = try text(Key.loss)
    loss = LossFunction(rawValue: lossName)
    guard loss != nil || lossName == Self.own else {
      throw ModelFileError.metadata(
        path: path, key: Key.loss,
        expected: "one of " + LossFunction.allCases.map(\.rawValue).joined(separator: ", "),
        found: quoted(lossName))
    }
    ownLoss = loss == nil ? try text(Key.ownLoss) : nil
    classNames =
      metadata[Key.classes] == nil
      ? nil : try read(Key.classes, as: "a list of different names", Self.names)
    fit = try metadata[Key.fit].map { text throws(ModelFileError) in
      guard let fit = PictureFit(rawValue: text) else {
        throw .metadata(
          path: path, key: Key.fit,
          expected: "one of " + PictureFit.allCases.map(\.rawValue).joined(separator: ", "),
          found: quoted(text))
      }
      return fit
    }
    edgeBrightness = try metadata[Key.edgeBrightness].map { text throws(ModelFileError) in
      guard let brightness = Int(text), (0...255).contains(brightness) else {
        throw .metadata(
          path: path, key: Key.edgeBrightness, expected: "a whole number from 0 to 255",
          found: quoted(text))
      }
      return brightness
    }
    testPart =
      metadata[Key.testPart] == nil
      ? nil
      : try read(
        Key.testPart, as: "a fraction between 0 and 1, a seed and a number of images", Self.testPart
      )
    self.weights = weights
  }

  /// Reads `{"checksum": …, "fraction": …, "images": …, "seed": …}`, where older files have no checksum.
  private static func testPart(_ value: JSONValue) -> TestPart? {
    guard case .object(let members) = value else { return nil }
    let fields = Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    guard case .number(let digits)? = fields["fraction"], let fraction = Double(digits),
      fraction > 0, fraction < 1, case .number(let number)? = fields["seed"],
      let seed = UInt64(number), case .number(let count)? = fields["images"],
      let images = Int(count)
    else { return nil }
    guard members.count > 3 else { return TestPart(fraction: fraction, seed: seed, of: images) }
    guard members.count == 4, case .number(let sum)? = fields["checksum"],
      let checksum = UInt32(sum)
    else { return nil }
    return TestPart(fraction: fraction, seed: seed, of: images, checksum: checksum)
  }

  /// Reads a list of different strings.
  private static func names(_ value: JSONValue) -> [String]? {
    guard case .array(let elements) = value else { return nil }
    let names = elements.compactMap { element -> String? in
      guard case .string(let name) = element else { return nil }
      return name
    }
    return names.count == elements.count && Set(names).count == names.count && !names.isEmpty
      ? names : nil
  }

  private static let largestSize = 1 << 20

  private static func shape(_ value: JSONValue) -> FeatureShape? {
    guard case .array(let elements) = value else { return nil }
    let sizes = elements.compactMap { element -> Int? in
      guard case .number(let digits) = element else { return nil }
      return Int(digits)
    }
    guard elements.count == 3, sizes.count == 3,
      sizes.allSatisfy({ (1...largestSize).contains($0) })
    else { return nil }
    return FeatureShape(channels: sizes[0], height: sizes[1], width: sizes[2])
  }
}

/// Why a well-formed safetensors file is not the expected model.
package enum ModelFileError: Error, Sendable, Equatable, CustomStringConvertible {
  case tensor(path: String, name: String, expected: String, found: String)
  case metadata(path: String, key: String, expected: String, found: String)
  /// No tensor of the file is one of the network.
  case nothingFits(path: String, expected: String, found: String)
  /// A number of the tensor is one that it cannot have.
  case value(path: String, tensor: String, expected: String, found: String)
  /// A number of the tensor is NaN or infinity.
  case notFinite(path: String, tensor: String)
  /// The checksum does not match the bytes.
  case damaged(path: String, expected: String, found: String)

  /// Whether a name or a shape is not the network's.
  package var isMisfit: Bool {
    if case .tensor = self { true } else { false }
  }

  package var description: String {
    switch self {
    case .tensor(let path, let name, let expected, let found),
      .value(let path, let name, let expected, let found):
      "\(path): tensor \(quoted(name)): expected \(expected), found \(found)"
    case .notFinite(let path, let tensor):
      "\(path): tensor \(quoted(tensor)): expected finite numbers, found NaN or infinity"
    case .nothingFits(let path, let expected, let found):
      "\(path): expected \(expected), found \(found)"
    case .metadata(let path, let key, let expected, let found):
      "\(path): metadata '\(key)': expected \(expected), found \(found)"
    case .damaged(let path, let expected, let found):
      "\(path): damaged: expected checksum \(expected), found \(found)"
    }
  }
}
