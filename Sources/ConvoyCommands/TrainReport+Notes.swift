import ConvoyDatasets
import ConvoyFigures
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoySafetensors
import ConvoyStrictJSON
import ConvoyTraining

/// What a run says of its data and its weights before it begins.
extension TrainReport {
  /// A line each.
  func notes(on run: TrainingRun, _ options: TrainOptions) -> [String] {
    let (dataset, settings) = (run.dataset, options.settings)
    let judged = run.validation.map { (JudgedEpoch.Images.validation, $0) } ?? (.test, dataset.test)
    var notes = [RankOptions.bindingNote].compactMap(\.self)
    notes += Self.absentClasses(dataset.training, judged, of: run.setup.plan.classes)
    notes += [Self.unbalancedClasses(dataset.training)].compactMap(\.self)
    notes += [Self.equalImages(dataset.training)].compactMap(\.self)
    notes += Self.reading(dataset.training, settings.shuffle)
    if (1..<Self.fewImages).contains(judged.1.count) {
      notes.append(
        "only \(judged.1.count) \(judged.0.rawValue) image\(judged.1.count == 1 ? "" : "s"): each is "
          + "\(Figures.percent(1 / Double(judged.1.count))) of the accuracy")
    }
    notes += [Self.precisionNote(settings.precision, run.setup.plan)].compactMap(\.self)
    guard options.resumed == nil else { return notes }
    guard let path = settings.initialWeights else {
      if SafetensorsFile.isOne(settings.model) {
        notes.append(
          "the network of \(settings.model), with new weights; --initial-weights \(settings.model) "
            + "begins with its own")
      }
      return notes
    }
    notes += [
      run.setup.partialLoad.map { Self.partialLoad($0, of: path) },
      Self.otherNormalization(run.setup.normalization, than: path),
    ].compactMap(\.self)
    return notes
  }

  /// Says why a precision makes nothing faster.
  private static func precisionNote(_ precision: Precision, _ plan: NetworkPlan) -> String? {
    guard precision != .fp32 else { return nil }
    guard plan.roundsProducts else {
      return
        "--precision \(precision.rawValue) changes nothing: no convolution of this network is made by "
        + "Winograd's algorithm"
    }
    return bfloat16Note(
      hasDot: plan.kernels.hasBFloat16Dot, isFast: KernelDispatch.hasFastBFloat16Dot)
  }

  /// - Parameters:
  ///   - hasDot: whether the kernels multiply bfloat16 by AVX512-BF16.
  ///   - isFast: whether the processor does so faster than it multiplies floats.
  static func bfloat16Note(hasDot: Bool, isFast: Bool) -> String? {
    if hasDot && isFast { return nil }
    return "--precision bf16 is usually slower than fp32 here: "
      + (hasDot
        ? "this processor's products of bfloat16 (AVX512-BF16) are slower than those of floats"
        : "this processor, or this instruction set, has no products of bfloat16 (AVX512-BF16)")
  }

  /// Says that weights were trained on pixels that were normalised otherwise. Nil if they were not, or if
  /// their file does not say.
  static func otherNormalization(_ normalization: Normalization, than path: String) -> String? {
    guard let file = try? ModelFile(contentsOf: path), file.normalization != normalization else {
      return nil
    }
    func text(_ normalization: Normalization) -> String {
      func list(_ numbers: [Double]) -> String {
        numbers.map(Figures.loss).joined(separator: ", ")
      }
      return "means \(list(normalization.means)) and deviations \(list(normalization.deviations))"
    }
    return "pixels are normalised by \(text(normalization)); \(path) was trained with "
      + text(file.normalization)
  }

  /// What there is to say of the order in which images are read.
  static func reading(
    _ images: ImageSet, _ shuffle: Shuffle, memory: AvailableMemory = .now
  ) -> [String] {
    if shuffle == .blocks {
      let blocks = BlockShuffle(images: images.count, imageSize: images.shape.pixelCount)
      let window = blocks.blockSize * blocks.windowBlocks
      return [
        "shuffling blocks of \(Figures.grouped(blocks.blockSize)) images, within windows of "
          + Figures.grouped(min(images.count, window))
      ]
    }
    guard shuffle == .on, images.pixels.isMapped else { return [] }
    do {
      try images.requireRoom(in: memory)
      return []
    } catch {
      return ["\(error); --shuffle blocks reads less often".onOneLine]
    }
  }

  /// What was loaded of a file and what was left, in it and in the network.
  static func partialLoad(_ load: PartialLoad, of path: String) -> String {
    "loaded \(some(load.loaded)) of \(path); left in it: \(some(load.leftInFile)); "
      + "initialised: \(some(load.leftInNetwork))"
  }

  /// How many names there are, and the first of them.
  private static func some(_ names: [String]) -> String {
    guard !names.isEmpty else { return "none" }
    let first = names.prefix(mostNames).map(brief).joined(separator: ", ")
    return "\(Figures.grouped(names.count)) tensor\(names.count == 1 ? "" : "s") (\(first)"
      + (names.count > mostNames ? ", …)" : ")")
  }

  private static let mostNames = 6

  /// The number of threads in use and, if it is less than requested, the reason.
  static func threads(
    _ used: Int, requested: Int, cores: Int = AvailableCores.count
  ) -> String {
    let text = used == 1 ? "1 thread" : "\(used) threads"
    guard used < requested else { return text }
    let reason =
      used < cores
      ? "a step has work for \(used)" : cores == 1 ? "1 core available" : "\(cores) cores available"
    return text + " (\(Figures.grouped(requested)) requested, \(reason))"
  }

  /// Lists the classes without training images, and of the others those that epochs are not judged by.
  static func absentClasses(
    _ training: ImageSet, _ judged: (JudgedEpoch.Images, ImageSet), of classes: Int
  ) -> [String] {
    func line(_ absent: Set<Int>, _ kind: String) -> String? {
      guard !absent.isEmpty else { return nil }
      let some = absent.sorted().prefix(mostClasses).map { training.classNames?[$0] ?? "\($0)" }
        .joined(separator: ", ")
      return "\(Figures.grouped(absent.count)) of \(Figures.grouped(classes)) classes without "
        + "\(kind) images: " + some + (absent.count > mostClasses ? ", …" : "")
    }
    let trained = Set(training.labels.map(Int.init))
    return [
      line(Set(0..<classes).subtracting(trained), "training"),
      line(trained.subtracting(judged.1.labels.map(Int.init)), judged.0.rawValue),
    ].compactMap(\.self)
  }

  /// How many images the classes have, if one has several times as many as another: accuracy then says
  /// little of the rare ones.
  static func unbalancedClasses(_ training: ImageSet) -> String? {
    let counts = Dictionary(grouping: training.labels) { Int($0) }.mapValues(\.count)
    guard let least = counts.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }),
      let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
      most.value >= 3 * least.value
    else { return nil }
    func text(_ class: (key: Int, value: Int)) -> String {
      "\(training.classNames?[`class`.key] ?? "\(`class`.key)") \(Figures.grouped(`class`.value))"
    }
    return counts.count <= mostClasses
      ? "training images by class: "
        + counts.sorted { $0.key < $1.key }.map(text).joined(separator: ", ")
      : "training images by class: from \(text(least)) to \(text(most))"
  }

  /// Says that there is nothing to tell apart. The first two images nearly always differ.
  static func equalImages(_ training: ImageSet) -> String? {
    let size = training.shape.pixelCount
    guard training.count > 1 else { return nil }
    let first = training.pixels.prefix(size)
    for image in 1..<training.count
    where !training.pixels[image * size..<(image + 1) * size].elementsEqual(first) { return nil }
    return "all training images are alike: there is nothing to learn from"
  }

  private static let mostClasses = 12
  private static let fewImages = 8
}
