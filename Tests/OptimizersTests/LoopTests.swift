import ConvoyOptimizerLoopInterface
import ConvoyTestSupport
import Optimizers
import Testing

@Suite("Loops of each instruction set")
struct LoopTests {
  private static let plain = GradientPreparation(
    scale: 1, limit: .infinity, l2: 0, shrinkage: 1)
  private static let full = GradientPreparation(
    scale: 0.7, limit: 0.4, l2: 0.03, shrinkage: 0.99)
  private static let count = 8 * 33 + 5

  /// Five arrays side by side after 20 steps along gradients that change.
  private func trained(
    _ loops: any LoopSet, _ step: (any LoopSet, BlockMemory) -> Void
  ) -> [UInt32] {
    let count = Self.count
    var memory = Array(repeating: Float(0), count: 5 * count)
    memory.replaceSubrange(0..<count, with: SeededGenerator.floats(seed: 1, count: count))
    for number in 1...20 {
      let gradients = SeededGenerator.floats(seed: UInt64(number + 1), count: count)
      memory.replaceSubrange(count..<2 * count, with: gradients)
      memory.withUnsafeMutableBufferPointer { memory in
        guard let base = memory.baseAddress else { return }
        step(
          loops,
          BlockMemory(
            count: count, parameters: base, gradients: base + count, first: base + 2 * count,
            second: base + 3 * count, third: base + 4 * count))
      }
    }
    return memory.map(\.bitPattern)
  }

  @Test("give the same bits", arguments: [false, true])
  func sameBits(prepared: Bool) {
    let preparation = prepared ? Self.full : Self.plain
    let adam = AdamCoefficients(
      beta1: 0.9, beta2: 0.99, epsilon: 1e-8, stepSize: 0.013, rootCorrection: 1.7)
    let lion = LionCoefficients(rate: 0.1, beta1: 0.9, beta2: 0.99)
    var steps: [(any LoopSet, BlockMemory) -> Void] = [
      { $0.descend($1, preparation, rate: 0.1) },
      { $0.descend($1, preparation, rate: 0.1, momentum: 0.9, nesterov: false) },
      { $0.descend($1, preparation, rate: 0.1, momentum: 0.9, nesterov: true) },
      { $0.adam($1, preparation, adam) },
      { $0.lion($1, preparation, lion) },
      { $0.lookAhead($1, preparation, momentum: 0.9, rest: 0.1) },
      { $0.average($1, share: 0.1) },
    ]
    let lamb = LambCoefficients(adam: adam, meanCorrection: 1.3, decay: 0.02)
    steps.append { loops, block in
      let sums = loops.measureLamb(block, preparation, lamb)
      loops.updateLamb(
        block, lamb, rate: Float(0.1 * (sums.parameters / sums.directions).squareRoot()))
    }
    for centred in [false, true] {
      for momentum in [0, 0.9] {
        let coefficients = RMSPropCoefficients(
          rate: 0.01, decay: 0.9, epsilon: 1e-8, momentum: momentum)
        steps.append { $0.rmsProp($1, preparation, coefficients, centred: centred) }
      }
    }
    for (place, step) in steps.enumerated() {
      let expected = trained(LoopDispatch.available[0], step)
      for loops in LoopDispatch.available.dropFirst() {
        #expect(trained(loops, step) == expected, "rule \(place) of \(loops)")
      }
    }
  }

  /// Ragged edges on all sides, and more terms than one turn adds. Between NaN that stay.
  @Test(
    "multiply matrices to the same bits",
    arguments: [(1, 1, 1), (2, 3, 5), (4, 16, 16), (5, 300, 17), (7, 256, 40), (11, 513, 8)],
    [false, true])
  func products(shape: (rows: Int, inner: Int, columns: Int), isTransposed: Bool) {
    let (rows, inner, columns) = shape
    let left = SeededGenerator.floats(seed: 1, count: rows * inner)
    let right = SeededGenerator.floats(seed: 2, count: inner * columns)
    let addend = SeededGenerator.floats(seed: 3, count: rows * columns)
    let guards = 20
    func multiplied(_ loops: any LoopSet, scaled: Bool) -> [Float] {
      var result = Array(repeating: Float.nan, count: rows * columns + 2 * guards)
      var scratch = Array(repeating: Float.nan, count: MatrixProduct.scratchCount)
      left.withUnsafeBufferPointer { left in
        right.withUnsafeBufferPointer { right in
          addend.withUnsafeBufferPointer { addend in
            result.withUnsafeMutableBufferPointer { result in
              guard let leftBase = left.baseAddress, let rightBase = right.baseAddress,
                let resultBase = result.baseAddress
              else { return }
              let product = MatrixProduct(
                rows: rows, inner: inner, columns: columns, left: leftBase, right: rightBase,
                rightIsTransposed: isTransposed, addend: scaled ? addend.baseAddress : nil,
                addendScale: -0.5, productScale: 0.25, result: resultBase + guards)
              scratch.withUnsafeMutableBufferPointer { scratch in
                guard let scratchBase = scratch.baseAddress else { return }
                // In two parts, the last columns first: only those are written.
                let cut = columns / 2
                loops.multiply(product, columns: cut..<columns, scratch: scratchBase)
                for place in 0..<rows * columns {
                  #expect(resultBase[guards + place].isNaN == (place % columns < cut))
                }
                loops.multiply(product, columns: 0..<cut, scratch: scratchBase)
              }
            }
          }
        }
      }
      #expect(result.prefix(guards).allSatisfy { $0.isNaN })
      #expect(result.suffix(guards).allSatisfy { $0.isNaN })
      return Array(result.dropFirst(guards).dropLast(guards))
    }
    for scaled in [false, true] {
      let found = multiplied(LoopDispatch.available[0], scaled: scaled)
      for loops in LoopDispatch.available.dropFirst() {
        #expect(multiplied(loops, scaled: scaled) == found, "\(loops)")
      }
      for place in found.indices {
        let (row, column) = place.quotientAndRemainder(dividingBy: columns)
        // A sum in the order of its terms, every operation rounded.
        var sum: Float = 0
        for term in 0..<inner {
          let factor = right[isTransposed ? column * inner + term : term * columns + column]
          sum += left[row * inner + term] * factor
        }
        #expect(found[place] == (scaled ? addend[place] * -0.5 + sum * 0.25 : sum))
      }
    }
  }

  /// At every address in a cache line.
  @Test("measure for LAMB the same bits at any address", arguments: 0...17)
  func lambSums(count: Int) {
    let adam = AdamCoefficients(
      beta1: 0.9, beta2: 0.99, epsilon: 1e-8, stepSize: 0.013, rootCorrection: 1.7)
    let lamb = LambCoefficients(adam: adam, meanCorrection: 1.3, decay: 0.02)
    var sums: [LambSums] = []
    for loops in LoopDispatch.available {
      for offset in 0..<16 {
        var memory = Array(repeating: Float(0), count: 4 * 40)
        for array in 0..<2 {
          let values = SeededGenerator.floats(seed: UInt64(array), count: count)
          memory.replaceSubrange(array * 40 + offset..<array * 40 + offset + count, with: values)
        }
        memory.withUnsafeMutableBufferPointer { memory in
          guard let base = memory.baseAddress else { return }
          let block = BlockMemory(
            count: count, parameters: base + offset, gradients: base + 40 + offset,
            first: base + 80 + offset, second: base + 120 + offset, third: base)
          sums.append(loops.measureLamb(block, Self.full, lamb))
        }
      }
    }
    #expect(sums.allSatisfy { $0 == sums[0] })
    let plain = SeededGenerator.floats(seed: 0, count: count)
      .reduce(0.0) { $0 + Double($1 * 0.99) * Double($1 * 0.99) }
    #expect(abs(sums[0].parameters - plain) <= Double(count) * 0x1p-53 * plain)
  }

  @Test("sum squares to the same bits", arguments: 0...17)
  func sums(count: Int) {
    let values = SeededGenerator.floats(seed: 3, count: count + 1)
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      let sums = LoopDispatch.available.map { $0.sumOfSquares(of: base, count: count) }
      #expect(Set(sums).count == 1)
      let plain = values.dropLast().reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(sums[0] - plain) <= Double(count) * 0x1p-53 * plain)
    }
  }
}
