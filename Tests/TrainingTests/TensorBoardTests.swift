import ConvoyTestSupport
import Foundation
import Testing

@testable import ConvoyTraining

@Suite struct TensorBoardTests {
  /// The check value of the catalogue of parametrised CRCs (Cook), and a vector of RFC 3720.
  @Test func checksumsAreCastagnolis() {
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.checksum(Array(repeating: 0, count: 32)) == 0x8A91_36AA)
  }

  /// The bytes that tensorboard 2.21 writes for the same event.
  @Test func anEventIsAMessage() {
    let event = TensorBoardLog.event([("loss", 0.5)], step: 300, time: 2)
    #expect(
      event == [
        0x09, 0, 0, 0, 0, 0, 0, 0, 0x40,  // wall_time 2
        0x10, 0xAC, 0x02,  // step 300
        0x2A, 13, 0x0A, 11, 0x0A, 4, 0x6C, 0x6F, 0x73, 0x73, 0x15, 0, 0, 0, 0x3F,
      ])
  }

  @Test func recordsFrameEvents() throws {
    let directory = try TemporaryDirectory()
    let log = try TensorBoardLog(directory: directory.path + "/runs/first")
    try log.add([
      TrainedStep(epoch: 1, number: 7, loss: 1, learningRate: 0.1, gradientNorm: 2),
      TrainedStep(epoch: 1, number: 8, loss: 0.5, learningRate: 0.1, gradientNorm: nil),
    ])
    try log.add([("accuracy", 0.25), ("loss", 2)], step: 8)
    let folder = directory.path + "/runs/first"
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
    #expect(name.hasPrefix("events.out.tfevents."))
    var rest = [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\(name)")))[...]
    var events: [[UInt8]] = []
    func take(_ count: Int) -> [UInt8] {
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    func number(_ bytes: [UInt8]) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }
    while !rest.isEmpty {
      let length = take(8)
      #expect(number(take(4)) == Int(CRC32C.masked(length)))
      let event = take(number(length))
      #expect(number(take(4)) == Int(CRC32C.masked(event)))
      events.append(event)
    }
    #expect(events.count == 4)
    #expect(events[0].suffix(13) == Array("brain.Event:2".utf8)[...])
    #expect(events[1][9...10] == [0x10, 7] && events[2][9...10] == [0x10, 8])
    let texts = events.map { String(decoding: $0, as: UTF8.self) }
    #expect(texts[1].contains("learning rate") && texts[1].contains("gradient norm"))
    #expect(texts[2].contains("learning rate") && !texts[2].contains("gradient norm"))
  }
}
