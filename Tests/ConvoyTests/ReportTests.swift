import Convoy
import ConvoyTestSupport
import Foundation
import Synchronization
import Testing

/// What runs and networks show to a program: pages, tables and curves.
@Suite struct ReportTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func path(_ name: String) -> String { directory.path + "/" + name }

  private func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path(name))), as: UTF8.self)
  }

  /// Trains with a log.
  ///
  /// - Returns: the training, and the accuracy on the test samples after each epoch.
  @discardableResult
  private func run(
    _ name: String, _ network: Network = Squares.network,
    with optimizer: OptimizerSettings = .adam(learningRate: 0.02), on data: Squares.Data? = nil,
    seed: UInt64 = 0, change: (inout Training) -> Void = { _ in }
  ) async throws -> (training: Training, accuracies: [Double]) {
    var training = try Training(
      of: network, on: data ?? Squares.data(), with: optimizer, batch: 16, seed: seed)
    training.log = path(name)
    change(&training)
    var accuracies: [Double] = []
    for try await epoch in training.epochs(2) { accuracies.append(epoch.test?.accuracy ?? .nan) }
    return (training, accuracies)
  }

  @Test func aPageShowsARunAndItsNetwork() async throws {
    let training = try await run("run.jsonl").training
    let (model, test) = (try training.model, try Squares.samples(110..<140))
    var report = try Report(logs: [path("run.jsonl")])
    #expect(report.title.contains("network ") && report.title.contains(" on data "))
    try report.write(to: path("curves.html"))
    #expect(try !text("curves.html").contains("<h2>Network</h2>"))
    report.title = "Corners & squares"
    try report.add(model, on: test)
    try report.write(to: path("page.html"))
    let page = try text("page.html")
    let accuracy = String(format: "%.2f%%", 100 * (try model.evaluate(on: test).accuracy))
    #expect(page.contains("<dt>test accuracy</dt><dd>\(accuracy)</dd>"))
    for words in [
      "<h1>Corners &amp; squares</h1>", "<h3>Loss</h3>", "<h2>Classes</h2>", "north-west",
      "<h2>Network</h2>", "<dt>--batch</dt><dd>16</dd>", "data:image/png",
    ] {
      #expect(page.contains(words), "\(words)")
    }
    // Added twice, it is there once.
    try report.add(model, on: test, threads: 1)
    try report.write(to: path("again.html"))
    #expect(try text("again.html") == page)
  }

  @Test func aPageShowsANetworkOfFloats() async throws {
    func floats(_ numbers: Range<Int>) throws -> Samples {
      try Samples(
        images: numbers.flatMap { Squares.pixels($0).map { Float($0) * 3 - 200 } },
        shape: Squares.shape, labels: numbers.map { $0 % 4 })
    }
    var training = try Training(
      of: Squares.network, on: Squares.Data(training: floats(0..<90)),
      with: .adam(learningRate: 0.02), batch: 16)
    for try await _ in training.epochs(2) {}
    var report = try Report()
    let samples = try floats(90..<120)
    try report.add(training.model, on: samples)
    try report.write(to: path("floats.html"))
    let page = try text("floats.html")
    let data = #/data:image\/png;base64,([A-Za-z0-9+\/=]+)/#
    let pictures = try page.matches(of: data).map { match in
      try Image(decoding: [UInt8](try #require(Data(base64Encoded: String(match.1))))).pixels
    }
    // From the least value, black, to the largest, white, as their bytes would be.
    let expected = (0..<30).map { number in
      let values = samples.values(of: number)
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      return values.map { UInt8(($0 / 2 - low / 2) / (high / 2 - low / 2) * 255) }
    }
    #expect(expected.filter(pictures.contains).count >= 24)
  }

  /// Corners that are made when they are needed, until they cannot be.
  private final class Source: ImageSource {
    struct Gone: Error, Equatable {}
    let readings = Mutex(0)
    let most: Int
    init(most: Int = .max) { self.most = most }

    func read(_ number: Int, into image: inout MutableSpan<UInt8>) throws {
      let count = readings.withLock {
        $0 += 1
        return $0
      }
      guard count <= most else { throw Gone() }
      for (place, value) in Squares.pixels(number).enumerated() { image[place] = value }
    }
  }

  /// A picture takes one reading, not one for each of its bytes.
  @Test func imagesAreReadOnce() async throws {
    let model = try await run("run.jsonl").training.model
    func samples(_ source: Source) throws -> Samples {
      try Samples(
        from: source, shape: Squares.shape, labels: (0..<30).map { $0 % 4 },
        classNames: Squares.names)
    }
    var report = try Report()
    let source = Source()
    try report.add(model, on: samples(source))
    // Once to judge it; a picture is perhaps in three galleries, and three have maps.
    let readings = source.readings.withLock { $0 }
    let most = 30 * 4 + 6
    #expect(readings <= most)
    try report.write(to: path("all.html"))
    for most in [0, 31] {
      #expect(throws: Source.Gone.self) { try report.add(model, on: samples(Source(most: most))) }
      try report.write(to: path("still.html"))
      #expect(try text("still.html") == text("all.html"))
    }
  }

  @Test func runsAreRowsByWhatDiffers() async throws {
    var accuracies: [Double] = []
    for (name, optimizer, seed) in [
      ("a0", OptimizerSettings.adam(learningRate: 0.002), 0),
      ("sgd", .sgd(learningRate: 0.002), 0), ("a1", .adam(learningRate: 0.002), 1),
    ] {
      let run = try await run(name, with: optimizer, seed: UInt64(seed)) { training in
        // What changes no result names no row.
        training.threads = 1 + seed
        training.settings.logsSteps = seed == 1
      }
      if name != "sgd" { accuracies.append(try #require(run.accuracies.last)) }
    }
    let logs = ["a0", "sgd", "a1", "a0"].map(path)
    let comparison = try Comparison(logs: logs)
    try #require(comparison.rows.count == 2)
    let adam = comparison.rows[0]
    #expect(adam.logs == [logs[0], logs[2]] && comparison.rows[1].logs == [logs[1]])
    #expect(adam.options == ["optimizer": "adam"])
    #expect(comparison.rows[1].options == ["optimizer": "sgd"])
    #expect(adam.epochs == 2...2)
    #expect(accuracies[0] != accuracies[1])
    #expect(abs(adam.accuracy.mean - (accuracies[0] + accuracies[1]) / 2) < 1e-12)
    let deviation = abs(accuracies[0] - accuracies[1]) / 2.0.squareRoot()
    #expect(abs(try #require(adam.accuracy.deviation) - deviation) < 1e-12)
    #expect(comparison.rows[1].accuracy.deviation == nil && adam.seconds.mean > 0)
    let lines = "\(comparison)".split(separator: "\n")
    #expect(lines.count == 3 && lines[0].hasPrefix("optimizer  runs"))
    #expect(lines[1].hasPrefix("adam") && lines[2].hasPrefix("sgd"))
    try comparison.writeSVG(to: path("runs.svg"))
    let drawn = try text("runs.svg")
    #expect(drawn.hasPrefix("<svg ") && drawn.ranges(of: "<circle").count == 4)
    #expect(drawn.contains("optimizer adam (mean of 2 runs)</text>"))
    // A report tells them apart too.
    try Report(logs: logs.dropLast()).write(to: path("runs.html"))
    #expect(try text("runs.html").contains("<th scope=\"row\">--optimizer</th>"))
  }

  /// Against the distribution of Student's t as tables have it.
  @Test(arguments: [(1, 12.7062), (2, 4.30265), (3, 3.18245), (10, 2.22814), (30, 2.04227)])
  func rowsDifferByPairsOfSeeds(degreesOfFreedom: Int, largest: Double) async throws {
    try await run("run") { $0.settings.epochs = 1 }
    let log = try text("run")
    func write(_ optimizer: String, _ seed: Int, _ accuracy: Double) throws -> String {
      let name = path("\(optimizer)-\(seed)")
      try Data(
        log.replacing("\"optimizer\":\"adam\"", with: "\"optimizer\":\"\(optimizer)\"")
          .replacing("\"seed\":\"0\"", with: "\"seed\":\"\(seed)\"")
          .replacing(/"testAccuracy":[0-9.]+/, with: "\"testAccuracy\":\(accuracy)").utf8
      ).write(to: URL(filePath: name))
      return name
    }
    let pairs = degreesOfFreedom + 1
    let others: [Double] = (0..<pairs).map { 0.7 + 0.01 * Double($0 % 7) }
    let differences: [Double] = (0..<pairs).map { -0.03 + 0.002 * Double($0 * $0 % 11) }
    // Seeds that only one row has, and a row with one seed, have no pair.
    var logs: [String] = []
    for (seed, other) in others.enumerated() { logs.append(try write("adam", seed, other)) }
    logs.append(try write("adam", 99, 0.1))
    for (seed, (other, difference)) in zip(others, differences).enumerated() {
      logs.append(try write("sgd", seed, other + difference))
    }
    logs.append(try write("sgd", 98, 0.9))
    logs.append(try write("lion", 0, 0.8))
    let comparison = try Comparison(logs: logs)
    let mean = differences.reduce(0, +) / Double(pairs)
    let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let margin =
      largest * (squares / Double(degreesOfFreedom)).squareRoot() / Double(pairs).squareRoot()
    try #require(comparison.rows.count == 3)
    let difference = try #require(comparison.rows[1].difference)
    #expect(difference.pairs == pairs && abs(difference.mean - mean) < 1e-9)
    #expect(abs(difference.interval.upperBound - mean - margin) < 1e-5 * margin)
    #expect(abs(mean - difference.interval.lowerBound - margin) < 1e-5 * margin)
    #expect(comparison.rows[0].difference == nil && comparison.rows[2].difference == nil)
    let lines = "\(comparison)".split(separator: "\n")
    #expect(lines[0].hasSuffix("  to the first"))
    #expect(
      lines[2].hasSuffix(String(format: "  %+.2f ± %.2f", 100 * mean, 100 * margin)))
    #expect(lines[4].hasPrefix("to the first: the mean difference"))
    // A log that was changed has no infinite interval.
    let endless = try [
      ("adam", 0, 1.0), ("adam", 1, 1.0), ("sgd", 0, 1.7e308), ("sgd", 1, 1.7e308),
    ]
    .map { try write($0.0, $0.1, $0.2) }
    #expect(try Comparison(logs: endless).rows[1].difference == nil)
    // The same data elsewhere: a resumed run has its absolute path.
    let moved = try String(decoding: Data(contentsOf: URL(filePath: logs[0])), as: UTF8.self)
      .replacing(/"data":"[^"]+"/, with: "\"data\":\"/elsewhere\"")
      .replacing("\"seed\":\"0\"", with: "\"seed\":\"7\"")
    #expect(moved.contains("/elsewhere"))
    try Data(moved.utf8).write(to: URL(filePath: path("moved")))
    #expect(try Comparison(logs: [logs[0], path("moved")]).rows.count == 1)
  }

  private struct Descent: Optimizer {
    let name = "descent"
    let momentNames: [String] = []
    let learningRate = 0.05

    func update(_ block: borrowing UpdateBlock) {
      let rate = Float(block.learningRate)
      block.updateEach { parameter, gradient, _ in parameter -= rate * gradient }
    }
  }

  /// Networks and data have no files, and yet runs on others are other rows.
  @Test func otherNetworksDataAndRulesAreOtherRows() async throws {
    func network(_ activation: any Layer) -> Network {
      Network {
        Flatten()
        Dense(6)
        [activation]
        Dense(4)
      }
    }
    try await run("relu", network(ReLU()))
    try await run("relu again", network(ReLU()), seed: 5)
    try await run("gelu", network(GELU()))
    let other = Squares.Data(
      training: try Squares.samples(1..<91), test: try Squares.samples(110..<140))
    try await run("other", network(ReLU()), on: other)
    try await run("rule", network(ReLU())) { $0.ownRule = Descent() }
    let names = ["relu", "gelu", "relu again", "other", "rule"]
    let comparison = try Comparison(logs: names.map(path))
    #expect(
      comparison.rows.map(\.logs)
        == [["relu", "relu again"], ["gelu"], ["other"], ["rule"]].map { $0.map(path) })
    let options = comparison.rows.map(\.options)
    try #require(options.count == 4)
    #expect(options[0]["model"] != options[1]["model"] && options[0]["data"] == options[1]["data"])
    #expect(options[0]["model"] == options[2]["model"] && options[0]["data"] != options[2]["data"])
    #expect(options[3]["optimizer"] == "descent" && options[3]["learning-rate"] == "0.05")
  }

  @Test func whatCannotBeShownIsAnError() async throws {
    func expect(
      _ kind: ConvoyError.Kind, _ words: String, _ location: SourceLocation = #_sourceLocation,
      _ body: () throws -> Void
    ) {
      let error = #expect(throws: ConvoyError.self, sourceLocation: location) { try body() }
      #expect(error?.kind == kind, sourceLocation: location)
      #expect(error?.description.contains(words) == true, sourceLocation: location)
    }
    let run = try await run("run.jsonl").training
    let (log, none) = (path("run.jsonl"), path("none"))
    for (name, contents) in [("bad", "{\"step\": 1, \"loss\": 1}\nnonsense\n"), ("empty", "")] {
      try Data(contents.utf8).write(to: URL(filePath: path(name)))
    }
    expect(.file, none) { _ = try Report(logs: [log, none]) }
    expect(.log, "bad: line 2: expected") { _ = try Report(logs: [path("bad")]) }
    expect(.file, none) { _ = try Comparison(logs: [log, none]) }
    expect(.log, "bad: line 2: expected") { _ = try Comparison(logs: [path("bad")]) }
    expect(.log, "empty: expected the log of a run") { _ = try Comparison(logs: [path("empty")]) }
    let header = try text("run.jsonl").prefix { $0 != "\n" } + "\n"
    try Data(header.utf8).write(to: URL(filePath: path("header")))
    expect(.log, "header: expected a log with an epoch, found no epoch yet") {
      _ = try Comparison(logs: [path("header")])
    }
    #expect(throws: DataError.tooFew("log", found: 0)) { try Comparison(logs: []) }

    var report = try Report(logs: [log])
    let before = try text("run.jsonl")
    #expect(throws: SettingsError.self) { try report.write(to: directory.path + "/./run.jsonl") }
    #expect(throws: SettingsError.self) { try Comparison(logs: [log]).writeSVG(to: log) }
    #expect(try text("run.jsonl") == before)
    expect(.file, "no/such") { try report.write(to: path("no/such/page.html")) }
    expect(.file, "no/such") { try Comparison(logs: [log]).writeSVG(to: path("no/such.svg")) }

    let model = try run.model
    let small = try Samples(
      images: [1, 2], shape: FeatureShape(channels: 1, height: 1, width: 2), labels: [0])
    expect(.mismatch, "1×8×8") { try report.add(model, on: small) }
    #expect(throws: SettingsError.self) {
      try report.add(model, on: Squares.samples(0..<4), threads: 0)
    }
  }

  @Test func aNetworkThatOverflowsHasNoPage() async throws {
    var settings = try Training(of: Squares.network, on: Squares.data(), batch: 16)
    for try await _ in settings.epochs(1) {}
    try settings.model.write(to: path("model"))
    // The largest exponents make each product overflow.
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path("model"))))
    for place in bytes.indices.suffix(1024 + 16) where place % 4 == bytes.count % 4 {
      (bytes[(place + 3) % bytes.count], bytes[(place + 2) % bytes.count]) = (0x7f, 0x7f)
    }
    try Data(bytes).write(to: URL(filePath: path("model")))
    var report = try Report()
    let model = try Model(contentsOf: path("model"))
    #expect(throws: ModelError.overflow) { try report.add(model, on: Squares.samples(0..<8)) }
  }
}
