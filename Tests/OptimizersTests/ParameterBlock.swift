import ConvoyTestSupport
import Optimizers

/// Parameters, gradients and moments side by side in guarded memory.
struct ParameterBlock {
  private(set) var memory = GuardedMemory()
  let count: Int
  private let parametersPlace: Int
  private let gradientsPlace: Int
  private let firstPlace: Int
  private let secondPlace: Int
  private let thirdPlace: Int

  init(parameters: [Double], gradients: [Double]) {
    count = parameters.count
    parametersPlace = memory.place(parameters)
    gradientsPlace = memory.place(gradients)
    firstPlace = memory.place(Array(repeating: Float(0), count: count))
    secondPlace = memory.place(Array(repeating: Float(0), count: count))
    thirdPlace = memory.place(Array(repeating: Float(0), count: count))
  }

  var parameters: [Float] { Array(memory.floats[parametersPlace..<parametersPlace + count]) }
  var first: [Float] { Array(memory.floats[firstPlace..<firstPlace + count]) }
  var second: [Float] { Array(memory.floats[secondPlace..<secondPlace + count]) }
  var third: [Float] { Array(memory.floats[thirdPlace..<thirdPlace + count]) }

  /// Updates part of the block, or all of it.
  mutating func update(
    by optimizer: any Optimizer, _ step: UpdateStep, range: Range<Int>? = nil,
    gradients: [Double]? = nil
  ) {
    let range = range ?? 0..<count
    let places = (parametersPlace, gradientsPlace, firstPlace, secondPlace, thirdPlace)
    memory.withPointer { base in
      if let gradients {
        for (index, gradient) in gradients.enumerated() {
          base[places.1 + index] = Float(gradient)
        }
      }
      let moments = Moments(
        first: optimizer.momentCount >= 1 ? base + places.2 + range.lowerBound : nil,
        second: optimizer.momentCount >= 2 ? base + places.3 + range.lowerBound : nil,
        third: optimizer.momentCount >= 3 ? base + places.4 + range.lowerBound : nil)
      optimizer.update(
        UnsafeMutableBufferPointer(
          start: base + places.0 + range.lowerBound, count: range.count),
        along: UnsafeBufferPointer(
          start: base + places.1 + range.lowerBound, count: range.count),
        moments: moments, step: step)
    }
  }

  /// Where updates of a range may write.
  func places(of range: Range<Int>, momentCount: Int) -> [Int] {
    [parametersPlace, firstPlace, secondPlace, thirdPlace].prefix(1 + momentCount).flatMap {
      place in
      range.map { place + $0 }
    }
  }
}
