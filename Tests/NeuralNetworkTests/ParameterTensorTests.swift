import ConvoyKernelDispatch
import ConvoyKernelInterface
import Testing

@testable import ConvoyNeuralNetwork

@Suite struct ParameterTensorTests {
  /// Every number has a place of its own, and any range is read as the whole is.
  @Test(arguments: RandomArchitecture.all.prefix(60))
  func anyRangeIsReadAsTheWholeIs(random: RandomArchitecture) throws {
    let plan = try NetworkPlan(
      random.architecture, input: random.input, loss: random.loss, kernels: KernelDispatch.best)
    let memory = ParameterMemory(plan)
    var next: Float = 1
    for tensor in plan.tensors {
      let values = (0..<tensor.count).map { _ in
        defer { next += 1 }
        return next
      }
      tensor.write(values, to: memory)
    }
    let stored = memory.values.elements.filter { $0 != 0 }.sorted()
    #expect(stored == (1..<Int(next)).map(Float.init))
    next = 1
    for tensor in plan.tensors {
      let whole = tensor.read(from: memory)
      #expect(whole == (0..<tensor.count).map { Float($0) + next })
      next += Float(tensor.count)
      for (begin, end) in [(0, 1), (1, 8), (3, 1_000), (tensor.count / 2, tensor.count)] {
        let range = min(begin, tensor.count)..<min(end, tensor.count)
        var read = [Float](repeating: .nan, count: range.count)
        read.withUnsafeMutableBufferPointer { buffer in
          guard let first = buffer.baseAddress else { return }
          tensor.read(range, from: memory.values.pointer, into: first)
        }
        #expect(read == Array(whole[range]), "\(tensor.name), \(range)")
      }
    }
  }
}
