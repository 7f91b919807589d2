import Convoy
import ConvoyTestSupport
import Foundation
import Synchronization
import Testing

/// Several processes that train from a program; here they are threads.
@Suite struct RanksTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// What a program does as each of so many ranks. Each has a thread for its tasks, as processes have: ranks
  /// wait for each other.
  private static func run<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Ranks) async throws -> Value
  ) async throws -> [Value] {
    try await withCheckedThrowingContinuation { continuation in
      let thread = Thread {
        continuation.resume(
          with: Result {
            try LocalRank.run(count) { rank in
              try RankThread().wait { try await body(Ranks(rank, threads: 1)) }
            }
          })
      }
      thread.start()
    }
  }

  private final class RankThread: TaskExecutor {
    private let queue = DispatchQueue(label: "rank")

    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    func wait<Value: Sendable>(
      _ body: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
      let result = Mutex<Result<Value, any Error>?>(nil)
      let done = DispatchSemaphore(value: 0)
      Task.detached(executorPreference: self) {
        do {
          let value = try await body()
          result.withLock { $0 = .success(value) }
        } catch {
          result.withLock { $0 = .failure(error) }
        }
        done.signal()
      }
      done.wait()
      guard let value = result.withLock({ $0 }) else { preconditionFailure("a result is there") }
      return try value.get()
    }
  }

  private struct Outcome: Sendable, Equatable {
    var losses: [Double] = []
    var scores: [Score?] = []
    var model = Data()
    var files: Set<String> = []
  }

  private static func training(_ ranks: Ranks, batch: Int = 16) throws -> Training {
    var training = try Training(
      of: Squares.network, on: Squares.data(), with: .adamW(learningRate: 0.02), batch: batch,
      augmentation: Augmentation("translate:0.1"), seed: 3)
    training.ranks = ranks
    return training
  }

  private static func bytes(_ training: Training, _ path: String) throws -> Data {
    try training.model.write(to: path)
    return try Data(contentsOf: URL(filePath: path))
  }

  @Test(arguments: [2, 3])
  func ranksGiveTheBytesOfOneProcess(count: Int) async throws {
    let directory = directory.path
    let train: @Sendable (Ranks) async throws -> Outcome = { ranks in
      let own = "\(directory)/\(ranks.count)-\(ranks.rank)-"
      var training = try Self.training(ranks)
      #expect(training.threads == ranks.threads)
      (training.checkpoint, training.log) = (own + "run.ckpt", own + "run.jsonl")
      var outcome = Outcome()
      for try await epoch in training.epochs(3) {
        outcome.losses.append(epoch.loss)
        outcome.scores.append(epoch.test)
      }
      outcome.files = Set(
        ["run.ckpt", "run.jsonl"].filter { FileManager.default.fileExists(atPath: own + $0) })
      outcome.model = try Self.bytes(training, own + "model")
      ranks.leave()
      ranks.leave()
      return outcome
    }
    let one = try await #require(Self.run(1, train).first)
    #expect(one.files.count == 2 && one.scores.last??.accuracy ?? 0 > 0.5)
    for (rank, outcome) in try await Self.run(count, train).enumerated() {
      #expect(outcome.files == (rank == 0 ? one.files : []), "rank \(rank)")
      #expect((outcome.losses, outcome.scores) == (one.losses, one.scores), "rank \(rank)")
      #expect(outcome.model == one.model, "rank \(rank)")
    }
    // The checkpoint and the log are those of any run.
    let resumed = try Training(
      resuming: "\(directory)/\(count)-0-run.ckpt", on: Squares.data())
    #expect(resumed.settings.batchSize == 16)
    let logs = ["1-0", "\(count)-0"].map { "\(directory)/\($0)-run.jsonl" }
    #expect(try Comparison(logs: logs).rows.count == 1)
  }

  /// A run that one rank cancels is resumed by others, to the bytes of a whole one.
  @Test func oneRankCancelsAll() async throws {
    let path = directory.path
    let alone = try await Self.run(1) { ranks in
      var training = try Self.training(ranks)
      for try await _ in training.epochs(4) {}
      return try Self.bytes(training, path + "/whole")
    }
    let ends = try await Self.run(3) { ranks in
      let task = Task {
        var training = try Self.training(ranks)
        training.checkpoint = path + "/run.ckpt"
        let all = training.epochs(4)
        do {
          for try await epoch in all where epoch.number == 2 && ranks.rank == 1 {
            await all.stop()
          }
          return "ended"
        } catch is CancellationError {
          return "cancelled"
        }
      }
      return try await task.value
    }
    #expect(ends == ["cancelled", "cancelled", "cancelled"])
    let models = try await Self.run(2) { ranks in
      var training = try Training(resuming: path + "/run.ckpt", on: Squares.data())
      training.ranks = ranks
      var numbers: [Int] = []
      for try await epoch in training.epochs() { numbers.append(epoch.number) }
      #expect(numbers == [3, 4])
      return try Self.bytes(training, path + "/\(ranks.rank)")
    }
    #expect(models == alone + alone)
  }

  private struct Descent: Optimizer {
    let name = "descent"
    let momentNames: [String] = []
    let learningRate: Double

    func update(_ block: borrowing UpdateBlock) {
      let rate = Float(block.learningRate)
      block.updateEach { parameter, gradient, _ in parameter -= rate * gradient }
    }
  }

  /// What differs, or keeps one rank from beginning, is an error of all.
  @Test func ranksAgreeOrEnd() async throws {
    func errors(
      _ change: @escaping @Sendable (Ranks, inout Training) throws -> Void
    ) async throws -> [String] {
      try await Self.run(3) { ranks in
        do {
          var training = try Self.training(ranks)
          try change(ranks, &training)
          for try await _ in training.epochs(1) {}
          return "agreed"
        } catch let error as ConvoyError {
          return "\(error.kind): \(error)"
        } catch {
          return "\(type(of: error)): \(error)"
        }
      }
    }
    #expect(try await errors { _, _ in } == ["agreed", "agreed", "agreed"])
    #expect(try await errors { ranks, training in training.threads = 1 + ranks.rank }.count == 3)
    let settings = try await errors { ranks, training in
      if ranks.rank == 2 { training.settings.batchSize = 17 }
    }
    #expect(
      settings.allSatisfy {
        $0 == "ranks: rank 2: expected the option --batch of rank 0, 16, found 17"
      }, "\(settings)")
    let rules = try await errors { ranks, training in
      training.ownRule = Descent(learningRate: ranks.rank == 1 ? 0.1 : 0.2)
    }
    #expect(
      rules.allSatisfy {
        $0 == "ranks: rank 1: expected the option --learning-rate of rank 0, 0.2, found 0.1"
      }, "\(rules)")
    let data = try await errors { ranks, training in
      guard ranks.rank == 1 else { return }
      training = try Training(
        of: Squares.network, on: Squares.Data(training: Squares.samples(1..<91)),
        with: .adamW(learningRate: 0.02), batch: 16, augmentation: Augmentation("translate:0.1"),
        seed: 3)
      training.ranks = ranks
    }
    #expect(data.allSatisfy { $0.hasPrefix("ranks: rank 1: expected the data of") }, "\(data)")
    let threads = try await errors { ranks, training in
      if ranks.rank == 1 { training.threads = 0 }
    }
    #expect(threads[1] == "SettingsError: threads: expected at least 1, found 0")
    let failed = "ranks: rank 1: threads: expected at least 1, found 0"
    #expect([threads[0], threads[2]] == [failed, failed])
    let files = try await errors { _, training in training.checkpoint = "/no/such/directory/run" }
    #expect(files[0].hasPrefix("file: /no/such/directory/run"))
    #expect(files[1] == files[2] && files[1].hasPrefix("ranks: rank 0: /no/such"), "\(files)")
    let many = try await errors { _, training in training.settings.batchSize = 2 }
    #expect(many.allSatisfy { $0.hasPrefix("ranks: a batch of 2 images") }, "\(many)")
  }

  /// A run that is left alone makes way for the next; after leaving, there is none.
  @Test func runsFollowEachOther() async throws {
    let path = directory.path
    let models = try await Self.run(2) { ranks in
      var first = try Self.training(ranks)
      let epochs = first.epochs(9)
      for try await _ in epochs { break }
      var second = try Self.training(ranks)
      for try await _ in second.epochs(2) {}
      let model = try Self.bytes(second, path + "/\(ranks.rank)")
      await #expect(throws: CancellationError.self) { for try await _ in epochs {} }
      // Paused, and ended by leaving.
      var third = try Self.training(ranks)
      let last = third.epochs(9)
      for try await _ in last { break }
      ranks.leave()
      await #expect(throws: CancellationError.self) { for try await _ in last {} }
      let late = third.epochs(1)
      await #expect(throws: SettingsError.self) { for try await _ in late {} }
      #expect(throws: SettingsError.self) { try ranks.data { try Source.samples(fails: false) } }
      return model
    }
    let alone = try await Self.run(1) { ranks in
      var training = try Self.training(ranks)
      for try await _ in training.epochs(2) {}
      return try Self.bytes(training, path + "/alone")
    }
    #expect(models == alone + alone)
  }

  private struct Source: ImageSource {
    struct Gone: Error, CustomStringConvertible { let description = "gone" }
    let fails: Bool

    func read(_ number: Int, into image: inout MutableSpan<UInt8>) throws {
      guard !fails || number < 5 else { throw Gone() }
      for (place, value) in Squares.pixels(number).enumerated() { image[place] = value }
    }

    static func samples(fails: Bool) throws -> Samples {
      try Samples(
        from: Source(fails: fails), shape: Squares.shape, labels: (0..<20).map { $0 % 4 },
        classNames: Squares.names)
    }
  }

  @Test func theDataComesFromRank0() async throws {
    let floats = try Samples(
      images: (0..<30).flatMap { Squares.pixels($0).map { Float($0) * 1.5 - 7 } },
      shape: Squares.shape, labels: (0..<30).map { $0 % 4 })
    /// All but the names of files.
    func contents(_ samples: Samples?) -> [[Float]]? {
      samples.map { samples in
        (0..<samples.count).map { samples.values(of: $0) + [Float(samples.label(of: $0))] }
      }
    }
    for data in [try Squares.data(validation: true), Squares.Data(training: floats)] {
      let all = try await Self.run(3) { ranks in
        try ranks.data {
          #expect(ranks.isFirst)
          return data
        }
      }
      for shared in all {
        #expect(contents(shared.training) == contents(data.training))
        #expect(contents(shared.validation) == contents(data.validation))
        #expect(contents(shared.test) == contents(data.test))
        #expect(shared.training.classNames == data.training.classNames)
        #expect(shared.training.areFloats == data.training.areFloats)
      }
    }
    let read = try await Self.run(2) { try $0.data { try Source.samples(fails: false) }.training }
    let expected = contents(try Squares.samples(0..<20))
    #expect(read.allSatisfy { contents($0) == expected })
    func errors(_ read: @escaping @Sendable () throws -> Samples) async throws -> [String] {
      try await Self.run(2) { ranks in
        do {
          return "\(try ranks.data(read).training.count)"
        } catch let error as ConvoyError {
          return "\(error.kind): \(error)"
        } catch {
          return "\(error)"
        }
      }
    }
    #expect(
      try await errors { try Source.samples(fails: true) } == ["gone", "ranks: rank 0: gone"])
    #expect(
      try await errors { throw Source.Gone() } == ["gone", "ranks: rank 0: gone"])
  }

  /// The others wait for a rank that cannot go on, so it ends them.
  @Test func aRankThatFailsWhileItTrainsEndsAll() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = try await RanksTests.run(2) { ranks in
        let fails = ranks.rank == 1
        let samples = try Source.samples(fails: false)
        let late = Late(fails: fails)
        var training = try Training(
          of: Squares.network,
          on: Squares.Data(
            training: Samples(
              from: late, shape: samples.shape, labels: (0..<20).map { $0 % 4 })), batch: 8)
        training.settings.normalization = .unit
        training.ranks = ranks
        for try await _ in training.epochs(50) {}
      }
      exit(0)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("rank 1: late\n"), "\(text)")
  }

  /// Fails once the run has begun.
  private final class Late: ImageSource {
    struct Error: Swift.Error, CustomStringConvertible { let description = "late" }
    private let readings = Mutex(0)
    private let fails: Bool

    init(fails: Bool) { self.fails = fails }

    func read(_ number: Int, into image: inout MutableSpan<UInt8>) throws {
      let count = readings.withLock {
        $0 += 1
        return $0
      }
      guard !fails || count < 100 else { throw Error() }
      for (place, value) in Squares.pixels(number).enumerated() { image[place] = value }
    }
  }

  /// Without a launcher, a program is a rank by itself.
  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment.keys.allSatisfy {
        !$0.hasPrefix("OMPI_") && !$0.hasPrefix("PMI_") && !$0.hasPrefix("SLURM_")
      }))
  func aProcessByItselfIsRank0() throws {
    let ranks = try Ranks.launched()
    #expect(ranks.rank == 0 && ranks.count == 1 && ranks.isFirst && ranks.threads >= 1)
    #expect(try ranks.data { try Squares.data() }.training == Squares.data().training)
    ranks.leave()
  }
}
