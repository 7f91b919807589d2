import Dispatch
import Foundation
import Optimizers
import Synchronization
import Testing

/// Trainers of one process share nothing.
@Suite struct ConcurrentTrainersTests {
  @Test func twoAtOnceGiveTheBitsThatEachGivesAlone() throws {
    let trainings: [@Sendable () throws -> MixedRun] = [
      { try MixedRun(threads: 3) },
      {
        try MixedRun(
          threads: 2, batchSize: 64, seed: 4, optimizer: Momentum(learningRate: 0.05),
          clipping: .norm(0.5))
      },
    ]
    let alone = try trainings.map { try $0() }
    #expect(alone[0] != alone[1])
    for _ in 0..<4 {
      #expect(try atOnce(trainings) == alone)
    }
  }

  /// What each of `works` gives, each on a thread of its own.
  private func atOnce<Value: Sendable>(
    _ works: [@Sendable () throws -> Value]
  ) throws -> [Value] {
    let results = Results<Value>()
    let group = DispatchGroup()
    for (number, work) in works.enumerated() {
      group.enter()
      Thread {
        let result = Result(catching: work)
        results.values.withLock { $0[number] = result }
        group.leave()
      }.start()
    }
    group.wait()
    let values = results.values.withLock(\.self)
    return try works.indices.map { try #require(values[$0]).get() }
  }

  private final class Results<Value: Sendable>: Sendable {
    let values = Mutex<[Int: Result<Value, any Error>]>([:])
  }
}
