import ConvoyPictures
import ConvoyProcessLimits
import Foundation

extension PictureFolder {
  /// The names of the training classes, in the order of their labels.
  ///
  /// - Throws: `DatasetError` if there are none, or too many, or another part has a class that
  ///   training lacks.
  func trainingClassNames() throws(DatasetError) -> [String] {
    guard let training = classes[.training] else {
      throw .incomplete(
        directory: directory, dataset: "a folder of pictures", expected: Part.training.names,
        found: paths.values.sorted())
    }
    let names = training.map(\.name)
    guard !names.isEmpty else { throw .noClassFolders(directory: paths[.training] ?? directory) }
    guard names.count <= Int(UInt16.max) + 1 else {
      throw .tooManyClasses(directory: directory, found: names.count)
    }
    for part in Part.allCases where part != .training {
      try requireClasses(names, of: part)
    }
    return names
  }

  /// A network that knows one class has nothing to tell apart. A folder too high in the tree looks like
  /// one class.
  func requireSeveralClasses() throws(DatasetError) {
    guard let classes = classes[.training], classes.count == 1 else { return }
    let below = (try? FileManager.default.contentsOfDirectory(atPath: classes[0].path)) ?? []
    throw .oneClass(
      directory: paths[.training] ?? directory, name: classes[0].name,
      folders: below.count { !Self.isHidden($0) && Self.isFolder("\(classes[0].path)/\($0)") })
  }

  /// Runs `load`. If something about the pictures of a folder stops it, all such things are found, so
  /// that they can be told in one error.
  static func reportingTogether<Result>(
    _ path: String, _ options: PictureOptions, requiring requirement: TestRequirement,
    _ observer: any PictureObserver, _ load: () throws(DatasetError) -> Result
  ) throws(DatasetError) -> Result {
    do throws(DatasetError) {
      return try load()
    } catch {
      switch error {
      case .noTestPart, .sizesDiffer: break
      default: throw error
      }
      guard
        let files = try DatasetDirectory.files(at: path, .options(options), observer)
          as? PictureFiles
      else { throw error }
      let errors = try files.folder.problems(
        path, options, requiring: requirement, observer)
      throw errors.count > 1 ? .several(errors) : error
    }
  }

  /// What options would have to be given for: no test part, several sizes, files that cannot be read.
  private func problems(
    _ path: String, _ options: PictureOptions, requiring requirement: TestRequirement,
    _ observer: any PictureObserver
  ) throws(DatasetError) -> [DatasetError] {
    try requireSeveralClasses()
    var errors: [DatasetError] = []
    if !requirement.isMet(test: classes[.test] != nil, validation: classes[.validation] != nil) {
      errors.append(.noTestPart(file: path))
    }
    if options.size == nil {
      let survey = try PictureSurvey(of: files, observer: observer)
      if survey.sizes.count > 1 {
        errors.append(.sizesDiffer(directory: directory, found: survey.description))
      }
    }
    if !options.skipsUnreadable {
      let files = files
      let failures = PictureReading(files: files, observer: observer).run("checking pictures") {
        (_, path) throws(PictureError) in
        _ = try Picture.decode(path: path, atLeast: PictureSize(width: 64, height: 64))
      }
      guard !observer.isStopped else { throw .stopped }
      let unreadable = failures.unreadable
      if !unreadable.isEmpty { errors.append(.unreadablePictures(unreadable, of: files.count)) }
    }
    return errors
  }

  private func requireClasses(_ names: [String], of part: Part) throws(DatasetError) {
    let known = Set(names)
    guard let stranger = classes[part]?.first(where: { !known.contains($0.name) }) else { return }
    throw .unknownClass(directory: stranger.path, classes: names)
  }

  /// Looks at a training picture of each class.
  private func tellOfBits(_ observer: any PictureObserver) {
    for folder in (classes[.training] ?? []).prefix(64) {
      guard let path = folder.files.first, let header = try? PictureHeader(path: path),
        header.bitsPerChannel > 8
      else { continue }
      return observer.keepsEightBits(of: path, bits: header.bitsPerChannel)
    }
  }

  /// The format that options and, where they leave something open, the headers of all pictures of
  /// all parts determine.
  func format(
    _ options: PictureOptions, _ observer: any PictureObserver
  ) throws(DatasetError) -> PictureFormat {
    tellOfBits(observer)
    var (size, color) = (options.size, options.color)
    if size == nil || color == nil {
      let survey = try PictureSurvey(of: files, observer: observer)
      color = color ?? (survey.hasColor ? .rgb : .gray)
      if size == nil {
        guard !survey.sizes.isEmpty else {
          throw .noPictures(directory: directory, found: files.count)
        }
        size =
          survey.sizes.count > 1
          ? nil
          : survey.sizes.first.flatMap { ImageSize(height: $0.key.height, width: $0.key.width) }
        if size == nil {
          throw .sizesDiffer(directory: directory, found: survey.description)
        }
      }
    }
    guard let size, let color else { preconditionFailure("A size and a color are found by now.") }
    return PictureFormat(
      shape: ImageShape(channels: color.channels, height: size.height, width: size.width),
      fit: options.fit)
  }

  /// The files of a part with their labels, class by class; nil if there is no such part.
  ///
  /// - Parameter names: the classes, by label.
  func labeledFiles(
    _ part: Part, classNames names: [String]
  ) throws(DatasetError) -> [(path: String, label: UInt16)]? {
    guard let classes = classes[part] else { return nil }
    try requireClasses(names, of: part)
    guard names.count <= Int(UInt16.max) + 1 else {
      throw .tooManyClasses(directory: directory, found: names.count)
    }
    let labels = Dictionary(
      zip(names, names.indices.map(UInt16.init)), uniquingKeysWith: { first, _ in first })
    return classes.flatMap { folder in
      guard let label = labels[folder.name] else {
        preconditionFailure("The names have those of all folders.")
      }
      return folder.files.map { (path: $0, label: label) }
    }
  }

  /// Throws if a class of a part has none of the images that were read.
  func requireImages(
    of part: Part, labels: some Sequence<UInt16>, classNames names: [String]
  ) throws(DatasetError) {
    let found = Set(labels.map { names[Int($0)] })
    for folder in classes[part] ?? [] where !found.contains(folder.name) {
      throw .noPictures(directory: folder.path, found: folder.files.count)
    }
  }

  /// Reads the pictures of a part; nil if there is none.
  ///
  /// - Parameter names: the classes, by label.
  func read(
    _ part: Part, as format: PictureFormat, classNames names: [String], skipping: Bool,
    _ observer: any PictureObserver
  ) throws(DatasetError) -> ImageSet? {
    guard let files = try labeledFiles(part, classNames: names), let path = paths[part] else {
      return nil
    }
    let imageSize = format.shape.pixelCount
    let (byteCount, overflow) = files.count.multipliedReportingOverflow(by: imageSize)
    guard !overflow, byteCount <= PictureFormat.byteLimit else {
      throw .tooLarge(
        file: path, limit: PictureFormat.byteLimit, dimensions: [files.count, imageSize])
    }
    do {
      try AvailableMemory.now.check(MemoryNeed(bytes: Double(byteCount)), for: path)
    } catch {
      throw .memory(error)
    }
    var images: PictureReading.Decoded?
    try PictureReading(files: files.map(\.path), observer: observer).decode(
      "reading pictures", as: format, inGroupsOf: files.count, skipping: skipping
    ) { images = $0 }
    guard let images, !images.numbers.isEmpty else {
      throw .noPictures(directory: path, found: files.count)
    }
    if !images.unreadable.isEmpty { observer.skipped(images.unreadable) }
    let labels = images.numbers.map { files[$0].label }
    try requireImages(of: part, labels: labels, classNames: names)
    return ImageSet(
      shape: format.shape, pixels: images.pixels, labels: labels, classNames: names,
      fit: format.fit, files: images.numbers.map { files[$0].path }, imagesFile: path,
      labelsFile: path)
  }
}

extension PictureFormat {
  /// Decodes a picture and gives it this format.
  func image(at path: String) throws(PictureError) -> [UInt8] {
    image(of: try Picture.decode(path: path, atLeast: size))
  }

  private var size: PictureSize { PictureSize(width: shape.width, height: shape.height) }

  /// Gives a picture this format.
  func image(of picture: Picture) -> [UInt8] {
    // Before padding, which is black.
    let picture = inverts ? picture.inverted : picture
    // In grey, there is less to resize.
    return shape.channels == 1
      ? picture.converted(to: .gray).resized(to: size, fit: fit).bytes
      : picture.resized(to: size, fit: fit).converted(to: .rgb).bytes
  }
}
