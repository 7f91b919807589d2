import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFigures
import ConvoyNetworkOptions
import ConvoyPictures
import ConvoyTerminal
import ConvoyTraining

/// What helps where the data is not what a command needs, and cautions where results mean less.
extension DataOptions {
  /// The advice that an error of the data calls for.
  ///
  /// - Parameter given: the command line of a command that takes pictures as they are.
  static func advised(_ error: DatasetError, _ given: ParsedOptions? = nil) -> any Error {
    let advice: String
    switch error {
    case .stopped: return InterruptedPacking(signal: Interruption.pending ?? 0)
    case .noPictureFolder: return AdvisedError(description: "--cache: \(error)")
    case .packedPictures:
      return UsageError.invalidCombination("--image-size, --color, --fit: \(error)")
    case .missingDirectory(NetworkOptions.defaultData):
      advice = "--data, such as --data photos, names a folder or file of images"
    case .missingDirectory(AccuracyRecord.fashionData):
      advice = "apt-get install dataset-fashion-mnist, or name Fashion-MNIST's folder by --data"
    case .noTestPart where given?.isGiven("resume") == true:
      advice = "a run goes on with its own data; --initial-weights begins a new one from a model"
    case .noTestPart:
      let fraction = "--test-fraction, such as 0.1, takes one from the training images"
      let hasValidation = given?.command.options.contains { $0.name == "validation" } ?? false
      advice =
        (given.map { "try: \($0.commandLine(adding: mending(error)))" } ?? fraction)
        + (hasValidation ? "; a run with --validation may have none" : "")
    case .sizesDiffer: advice = "--image-size, such as 64, gives them one"
    case .unreadablePictures(let errors, _) where errors.allSatisfy(\.isOfContents):
      advice = "--skip-unreadable leaves them out"
    case .several(let errors):
      let options = errors.flatMap { mending($0) }
      advice =
        given.map { "try: \($0.commandLine(adding: options))" }
        ?? "try \(options.joined(separator: " "))"
    default: return error
    }
    return AdvisedError(description: "\(error); \(advice)")
  }

  /// Says where an accuracy means less than it seems to.
  ///
  /// - Parameters:
  ///   - testFraction: that was asked for, with a seed; nil for that of the network's run.
  static func caution(
    on images: ImageSet, _ origin: TestOrigin, testFraction: Double?, seed: UInt64?,
    for input: TrainedInput, _ console: Console
  ) {
    if input.testPart == nil, origin == .all || origin == .part && testFraction != nil {
      console.error(
        "caution: the data has no test part; on images that the network was trained on, the accuracy is too high\n"
      )
    }
    if origin == .changed {
      console.error(
        "caution: these are not the images of the run; on any that it trained on, the accuracy is too high\n"
      )
    }
    if let own = input.testPart {
      let mayHaveTrained =
        switch origin {
        case .all: true
        case .partOfTheRun, .changed, .validation: false
        // Asked for, or the data's own.
        case .part:
          testFraction.map { fraction in
            own.checksum.map { $0 != images.checksum }
              ?? (fraction != own.fraction || seed ?? own.seed != own.seed)
          } ?? false
        }
      if mayHaveTrained {
        console.error(
          "caution: the run trained on all but \(Figures.percent(own.fraction)) of "
            + "\(Figures.grouped(own.images)) images; on those, the accuracy is too high\n")
      }
    }
    cautionOfFit(images, for: input, console)
  }

  /// Warns if the pictures were packed with another `--fit` than the model's.
  static func cautionOfFit(_ images: ImageSet, for input: TrainedInput, _ console: Console) {
    if let packed = images.fit, let trained = input.fit, packed != trained {
      console.error(
        "caution: \(images.imagesFile.onOneLine) was packed with --fit \(packed.rawValue), the model "
          + "was trained with --fit \(trained.rawValue)\n")
    }
  }

  /// The options under which an error does not come.
  private static func mending(_ error: DatasetError) -> [String] {
    switch error {
    case .noTestPart: ["--test-fraction", "0.1"]
    case .sizesDiffer: ["--image-size", "64"]
    case .unreadablePictures(let errors, _) where errors.allSatisfy(\.isOfContents):
      ["--skip-unreadable"]
    default: []
    }
  }

  struct AdvisedError: Error, CustomStringConvertible { let description: String }
}

extension ParsedOptions {
  /// The command with its arguments and options, as it can be given to a shell.
  func commandLine(adding words: [String]) -> String {
    let arguments = command.arguments.flatMap { self.arguments($0.name) }
    let given = command.options.flatMap { option -> [String] in
      guard let text = texts[option.name] else { return [] }
      return text.isEmpty ? ["--\(option.name)"] : ["--\(option.name)", text]
    }
    return (["convoy", command.name] + arguments + given + words).map(InterruptedCommand.quoted)
      .joined(separator: " ")
  }
}
