import ConvoyMessagePassing
import Foundation
import Synchronization

/// Ranks that are threads of one process.
package struct LocalRank: MessagePassing {
  package let rank: Int
  package let size: Int
  private let mail: Mail

  /// Messages on their way.
  private final class Mail: Sendable {
    private struct Route: Hashable {
      let sender: Int
      let receiver: Int
    }

    private let messages = Mutex<[Route: [[UInt8]]]>([:])
    private let condition = NSCondition()

    func send(_ message: [UInt8], from sender: Int, to receiver: Int) {
      condition.withLock {
        messages.withLock {
          $0[Route(sender: sender, receiver: receiver), default: []].append(message)
        }
        condition.broadcast()
      }
    }

    func receive(from sender: Int, to receiver: Int) -> [UInt8] {
      let route = Route(sender: sender, receiver: receiver)
      return condition.withLock {
        while true {
          let message = messages.withLock { messages -> [UInt8]? in
            guard messages[route]?.isEmpty == false else { return nil }
            return messages[route]?.removeFirst()
          }
          if let message { return message }
          // Longer than any test computes; a test that would hang fails.
          let comes = condition.wait(until: .now + 120)
          precondition(comes, "rank \(receiver) waits for a message of rank \(sender)")
        }
      }
    }
  }

  /// Runs `body` as each of so many ranks at once.
  package static func run<Value: Sendable>(
    _ size: Int, _ body: @escaping @Sendable (LocalRank) throws -> Value
  ) throws -> [Value] {
    let mail = Mail()
    let results = Mutex([Result<Value, any Error>?](repeating: nil, count: size))
    let group = DispatchGroup()
    for rank in 0..<size {
      group.enter()
      let thread = Thread {
        let result = Result { try body(LocalRank(rank: rank, size: size, mail: mail)) }
        results.withLock { $0[rank] = result }
        group.leave()
      }
      // As much as the first thread of a process has.
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    return try results.withLock { results in try results.map { try $0!.get() } }
  }

  package func exchange(
    _ sent: UnsafeRawBufferPointer, to receiver: Int,
    _ received: UnsafeMutableRawBufferPointer, from sender: Int
  ) {
    mail.send(Array(sent), from: rank, to: receiver)
    let message = mail.receive(from: sender, to: rank)
    precondition(message.count == received.count, "a message is as long as its receiver expects")
    received.copyBytes(from: message)
  }
}
