import ConvoyKeyedRandom
import ConvoyPictures
import ConvoyProcessLimits
import Foundation

extension Dataset {
  /// Decodes a folder of pictures into a packed file, which replaces another atomically.
  ///
  /// - Parameters:
  ///   - testFraction: for a folder without a test part: the share of images that become one. Without
  ///     it, that may be decided by each run.
  ///   - seed: chooses them.
  /// - Returns: the numbers of images in training, validation and test parts, and their shape.
  package static func pack(
    _ path: String, to file: String, testFraction: Double? = nil, seed: UInt64 = 0,
    pictures: PictureOptions = PictureOptions(),
    observer: any PictureObserver = NoPictureObserver()
  ) throws(DatasetError) -> PackedContents {
    let files = try DatasetDirectory.files(at: path, .options(pictures), observer)
    guard let files = files as? PictureFiles else { throw .noPictureFolder(path: path) }
    try files.folder.requireSeveralClasses()
    let table = try PictureFolder.reportingTogether(
      path, pictures, requiring: .nothing, observer
    ) { () throws(DatasetError) in
      try files.folder.pack(
        to: file, pictures, testFraction: testFraction, seed: seed, observer)
    }
    func count(_ part: PackedTable.Part) -> Int { table.parts.count { $0 == part } }
    return PackedContents(
      training: count(.training), validation: count(.validation), test: count(.test),
      shape: table.shape, classes: table.classNames.count)
  }
}

/// What a packed file has: numbers of images, their shape, and the number of classes.
package struct PackedContents: Sendable, Equatable {
  package let training: Int
  package let validation: Int
  package let test: Int
  package let shape: ImageShape
  package let classes: Int
}

extension PictureFolder {
  /// Decodes all pictures of all parts in parallel, a group at a time, and writes them in order, so
  /// that the memory does not grow with their number.
  ///
  /// - Parameter groupBytes: the pixels that are decoded before they are written.
  func pack(
    to path: String, _ options: PictureOptions, testFraction: Double? = nil, seed: UInt64 = 0,
    isCache: Bool = false, groupBytes: Int = 32 << 20, _ observer: any PictureObserver
  ) throws(DatasetError) -> PackedTable {
    guard testFraction == nil || classes[.test] == nil else {
      throw .testPartPresent(file: directory)
    }
    let names = try trainingClassNames()
    // Before the first picture is read, so that one that changes meanwhile is found changed.
    let source = try PackedSource(self, options, drawsTest: testFraction != nil, isCache: isCache)
    var pictures: [(path: String, label: UInt16, part: PackedTable.Part)] = []
    for part in Part.allCases {
      for file in try labeledFiles(part, classNames: names) ?? [] {
        pictures.append((file.path, file.label, part.packed))
      }
    }
    let format = try format(options, observer)
    let group = max(AvailableCores.count, groupBytes / format.shape.pixelCount)
    try checkMemory(images: min(group, pictures.count), of: format)

    var writer = try PackedWriter(replacing: path)
    var numbers: [Int] = []
    var skipped: [PictureError] = []
    try PictureReading(files: pictures.map(\.path), observer: observer).decode(
      "packing pictures", as: format, inGroupsOf: group, skipping: options.skipsUnreadable
    ) { images throws(DatasetError) in
      guard !observer.isStopped else { throw .stopped }
      try writer.append(pixels: images.pixels)
      numbers += images.numbers
      skipped += images.unreadable
    }
    if !skipped.isEmpty { observer.skipped(skipped) }
    guard !numbers.isEmpty else { throw .noPictures(directory: directory, found: pictures.count) }
    let labels = numbers.map { pictures[$0].label }
    var parts = numbers.map { pictures[$0].part }
    for part in Part.allCases {
      let found = zip(labels, parts).lazy.filter { $1 == part.packed }.map(\.0)
      try requireImages(of: part, labels: found, classNames: names)
    }
    if let testFraction {
      try drawTest(testFraction, seed: seed, labels: labels, parts: &parts)
    }
    let table = PackedTable(
      shape: format.shape, fit: format.fit, classNames: names, labels: labels, parts: parts,
      source: source)
    try writer.finish(table)
    return table
  }

  private func checkMemory(images: Int, of format: PictureFormat) throws(DatasetError) {
    do {
      try AvailableMemory.now.check(
        MemoryNeed(bytes: Double(images * format.shape.pixelCount)), for: directory)
    } catch {
      throw .memory(error)
    }
  }

  /// Makes some training images test images: those that a run would draw.
  private func drawTest(
    _ fraction: Double, seed: UInt64, labels: [UInt16], parts: inout [PackedTable.Part]
  ) throws(DatasetError) {
    let numbers = parts.indices.filter { parts[$0] == .training }
    let isTest: [Bool]?
    do {
      isTest = try ImageSet.draw(
        fraction, of: numbers.map { labels[$0] }, seed: seed, for: .testPart, from: directory)
    } catch {
      throw .memory(error)
    }
    guard let isTest else {
      throw .tooFewForTest(file: directory, fraction: fraction, found: numbers.count)
    }
    for (number, isTest) in zip(numbers, isTest) where isTest { parts[number] = .test }
  }

  /// The packed file in which the folder's pictures are kept between runs, made if it is not there or
  /// not of the folder and the options as they are now.
  func cached(
    in path: String, _ options: PictureOptions, _ observer: any PictureObserver
  ) throws(DatasetError) -> PackedFiles {
    let now = try PackedSource(self, options, drawsTest: false)
    let (present, reason) = try cache(at: path, now, options)
    observer.uses(cache: path, anewAs: present == nil ? reason : nil)
    if let present { return present }
    _ = try pack(to: path, options, isCache: true, observer)
    return try PackedFiles(path: path)
  }

  /// A cache that holds the folder's pictures; otherwise the reason why there is none.
  private func cache(
    at path: String, _ now: PackedSource, _ options: PictureOptions
  ) throws(DatasetError) -> (PackedFiles?, reason: String) {
    guard PackedFiles.isPacked(path) else {
      guard unsafe access(path, F_OK) != 0 else { throw .foreignCache(file: path) }
      return (nil, "there is none")
    }
    // One that cannot be read is left alone: what prepare packed may be all that is left of its folder.
    let files = try PackedFiles(path: path)
    guard let difference = files.table.difference(of: now, options) else { return (files, "") }
    guard files.table.source.flags.contains(.cache) else { throw .foreignCache(file: path) }
    return (nil, difference)
  }
}

extension PictureFolder.Part {
  fileprivate var packed: PackedTable.Part {
    switch self {
    case .training: .training
    case .validation: .validation
    case .test: .test
    }
  }
}
