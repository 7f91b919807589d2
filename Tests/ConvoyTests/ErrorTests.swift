import Convoy
import ConvoyTestSupport
import Foundation
import Testing

/// Errors that a program sees are of public types.
@Suite struct ErrorTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func path(_ name: String, _ contents: String? = nil) throws -> String {
    let path = directory.path + "/" + name
    if let contents { try Data(contents.utf8).write(to: URL(filePath: path)) }
    return path
  }

  private func expect(
    _ kind: ConvoyError.Kind, _ words: String, _ location: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
  ) {
    let error = #expect(throws: ConvoyError.self, sourceLocation: location) { try body() }
    #expect(error?.kind == kind, sourceLocation: location)
    #expect(error?.description.contains(words) == true, sourceLocation: location)
  }

  @Test func filesNameWhatIsWrong() throws {
    let none = try path("none")
    expect(.file, none) { _ = try Model(contentsOf: none) }
    expect(.file, none) { _ = try Image(contentsOf: none) }
    expect(.file, none) { _ = try Network(contentsOf: none) }
    expect(.file, none) { _ = try ImageFolder(none) }
    expect(.file, none) { _ = try DataFiles(none) }
    expect(.file, none) { _ = try Training(resuming: none, on: Squares.data()) }
    let other = try path("other", "no model, picture or data set at all")
    expect(.model, other) { _ = try Model(contentsOf: other) }
    expect(.data, other) { _ = try Image(contentsOf: other) }
    expect(.data, other) { _ = try DataFiles(other) }
    expect(.model, other) { _ = try Training(resuming: other, on: Squares.data()) }
    #expect(throws: NetworkError.self) { try Network(contentsOf: other) }
    expect(.data, "picture") { _ = try Image(decoding: [1, 2, 3]) }
  }

  @Test func runsNameWhatIsWrong() async throws {
    var training = try Training(of: Squares.network, on: Squares.data(), batch: 16)
    training.checkpoint = directory.path + "/no/such/run.ckpt"
    let unwritable = training.epochs(1)
    let error = await #expect(throws: ConvoyError.self) { for try await _ in unwritable {} }
    #expect(error?.kind == .file && error?.description.contains("no/such") == true)

    training.checkpoint = try path("run.ckpt")
    for try await _ in training.epochs(1) {}
    var other = try Training(
      resuming: path("run.ckpt"), on: Squares.Data(training: Squares.samples(1..<90)))
    let epochs = other.epochs(2)
    let mismatch = await #expect(throws: ConvoyError.self) { for try await _ in epochs {} }
    #expect(mismatch?.kind == .mismatch)

    let model = try training.model
    expect(.file, "no/such") { try model.write(to: directory.path + "/no/such/model") }
    let ten = Network {
      Flatten()
      Dense(10)
    }
    expect(.mismatch, "10") { _ = try Training(of: ten, on: Squares.data()) }
    let small = try Samples(
      images: [1, 2], shape: FeatureShape(channels: 1, height: 1, width: 2), labels: [0])
    expect(.mismatch, "1×8×8") { _ = try model.evaluate(on: small) }
    expect(.mismatch, "1×8×8") { _ = try model.scores(of: small) }
    #expect(throws: SettingsError.self) { try model.scores(of: small, threads: 0) }
  }

  /// Pictures that are left out are named, with the reason.
  @Test func skippedPicturesAreReported() throws {
    let files = FileManager.default
    for (name, value) in [("dark", UInt8(10)), ("light", 240)] {
      try files.createDirectory(atPath: path(name), withIntermediateDirectories: true)
      for number in 0..<3 {
        let picture = Data("P5 2 2 255\n".utf8) + [value, value, value, UInt8(number)]
        try picture.write(to: URL(filePath: path("\(name)/\(number).pgm")))
      }
    }
    _ = try path("light/1.pgm", "P5 2 2 255\nabc")
    _ = try path("dark/notes.txt", "no picture")
    _ = try path("dark/x.png", "no picture either")
    expect(.data, "1.pgm") {
      try files.removeItem(atPath: path("dark/x.png"))
      defer { _ = try? path("dark/x.png", "no picture either") }
      _ = try ImageFolder(directory.path)
    }
    let folder = try ImageFolder(directory.path, skipsUnreadable: true)
    #expect(folder.training.count == 5)
    try #require(folder.skipped.map(\.path) == [try path("dark/x.png"), try path("light/1.pgm")])
    #expect(folder.skipped.allSatisfy { $0.reason.hasPrefix($0.path + ": ") })
    #expect(folder.skipped[1].reason.contains("truncated"))
    // Packed, they are the same images.
    let file = directory.path + ".packed"
    defer { try? files.removeItem(atPath: file) }
    #expect(throws: ConvoyError.self) { try ImageFolder.pack(directory.path, to: file) }
    let skipped = try ImageFolder.pack(directory.path, to: file, skipsUnreadable: true)
    #expect(skipped == folder.skipped)
    let packed = try DataFiles(file).training
    #expect(packed.classNames == folder.training.classNames && packed.count == 5)
    for image in 0..<5 {
      #expect(packed.label(of: image) == folder.training.label(of: image))
      #expect(packed.pixels(of: image) == folder.training.pixels(of: image))
    }
  }
}
