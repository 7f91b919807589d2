import ConvoySafetensors
import Foundation
import Testing

/// Headers that are long, and would take long if the work for each byte grew with the header.
@Suite struct LongHeaderTests {
  /// Names are compared as Unicode has it, for which marks on a letter are put in order: half a
  /// million of them took minutes.
  @Test func aNameOfManyMarksIsRefused() throws {
    func file(marks: Int) -> Data {
      let name = "a" + String(repeating: "\u{301}\u{323}", count: marks / 2)
      return SafetensorsFile(tensors: [], metadata: ["k": name]).encoded()
    }
    #expect(throws: Never.self) { try SafetensorsFile(decoding: file(marks: 30), path: "model") }
    for marks in [32, 500_000] {
      let bytes = file(marks: marks)
      let error = expectLittleTime {
        #expect(throws: SafetensorsError.self) {
          try SafetensorsFile(decoding: bytes, path: "model")
        }
      }
      #expect(
        error?.description
          == "model: header, byte 29: expected at most 30 combining marks in a row, found more")
    }
  }

  @Test func manyTensors() throws {
    let tensors = (0..<50_000).map { NamedTensor(name: "\($0)", shape: [0], values: []) }
    let file = SafetensorsFile(tensors: tensors)
    let bytes = file.encoded()
    let decoded = try expectLittleTime { try SafetensorsFile(decoding: bytes, path: "model") }
    #expect(decoded == file)
  }

  @Test func muchWhiteSpace() throws {
    let spaces = String(repeating: " \n\t", count: 500_000)
    let bytes = fileBytes(header: "{\(spaces)}\(String(repeating: " ", count: 500_000))")
    let decoded = try expectLittleTime { try SafetensorsFile(decoding: bytes, path: "model") }
    #expect(decoded == SafetensorsFile(tensors: []))
  }

  @Test func aShapeOfManyDimensions() {
    let shape = String(repeating: "1,", count: 500_000) + "2"
    let bytes = fileBytes(
      header: #"{"a":{"dtype":"F32","shape":[\#(shape)],"data_offsets":[0,4]}}"#)
    let error = expectLittleTime {
      #expect(throws: SafetensorsError.self) { try SafetensorsFile(decoding: bytes, path: "model") }
    }
    #expect(
      error?.description
        == "model: tensor 'a': expected 8 bytes for shape [1, 1, 1, 1, 1, 1, 1, 1, …], found 4")
  }

  /// Expects that `body` takes at most 30 s of its thread's processor time. Work that grows with the
  /// square of these headers takes minutes. Elapsed time would count the other tests too.
  private func expectLittleTime<Result>(_ body: () throws -> Result) rethrows -> Result {
    let before = threadSeconds()
    let result = try body()
    #expect(threadSeconds() - before < 30)
    return result
  }

  /// The processor time that this thread has taken so far.
  private func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
