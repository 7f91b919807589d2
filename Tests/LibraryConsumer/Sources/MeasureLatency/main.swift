import Convoy
import Dispatch

// Prints the median time of a prediction of one image, and of 256, on one thread:
//
//     swift run -c release --package-path Tests/LibraryConsumer MeasureLatency MODEL...

for path in CommandLine.arguments.dropFirst() {
  let began = DispatchTime.now()
  let model = try Model(contentsOf: path)
  print(path, terminator: ":")
  for count in [1, 256] {
    let pixels = (0..<count * model.inputShape.count).map { UInt8(truncatingIfNeeded: $0 &* 97) }
    var scores = [Float](repeating: 0, count: count * model.classes)
    func predict() -> Double {
      var span = scores.mutableSpan
      let start = DispatchTime.now()
      model.predict(pixels.span, into: &span)
      return microseconds(since: start)
    }
    let first = predict()
    if count == 1 { print(" first answer after", microseconds(since: began), terminator: " µs") }
    let times = (0..<(count == 1 ? 500 : 50)).map { _ in predict() }.sorted()
    print(",", count, "in", times[times.count / 2], "µs, the first in", first, terminator: "")
  }
  print()
}

func microseconds(since start: DispatchTime) -> Double {
  Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1_000
}
