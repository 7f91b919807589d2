import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoyTerminal
import Foundation
import Testing

@testable import ConvoyBenchmarkCommands

@Suite struct ClusterTests {
  private let model = ClusterModel(roundTrip: 1, latency: 10, bandwidth: 100)

  /// Up to eight cores share a counter: half a round trip for each, and one for those who wait. More cores
  /// than chunks have nothing to do.
  @Test(arguments: [(1, 8), (2, 4 + 2), (3, 4 + 2.5), (4, 2 + 3), (64, 2 + 3)] as [(Int, Double)])
  func aPhaseIsAsLongAsItsLongestCore(cores: Int, seconds: Double) {
    let step = ClusterModel.Step(phases: [(8, 4)], messages: 0, bytes: 0)
    #expect(model.seconds(step, cores: cores) == seconds)
  }

  /// 64 cores have eight branches of eight, of which four chunks take four: one addition at a branch, four
  /// at the root.
  @Test(arguments: [(4, 1 + 1 + 2.5), (64, 1 + 1 + 8), (640, 10 + 1 + 8)] as [(Int, Double)])
  func manyCoresCountInBranches(chunks: Int, seconds: Double) {
    let step = ClusterModel.Step(
      phases: [(64, 64), (Double(chunks), chunks)], messages: 0, bytes: 0)
    #expect(model.seconds(step, cores: 64) == 1 + 1 + 8 + seconds)
  }

  @Test func messagesTakeLatencyAndBandwidth() {
    let step = ClusterModel.Step(phases: [(8, 1), (0, 0)], messages: 2, bytes: 500)
    #expect(model.seconds(step, cores: 1) == 8 + 20 + 5)
  }

  /// A batch of 64 is 16 groups. More cores have smaller chunks, and sum the groups apart, whatever
  /// cores this machine has.
  @Test(arguments: [1, 2]) func aStepIsCutForItsCores(machines: Int) throws {
    let workload = Workload(
      name: "x",
      architecture: Network([Convolution(filters: 8, kernelSize: 3), Flatten(), Dense(10)]),
      input: FeatureShape(channels: 1, height: 6, width: 6), batch: 64, mode: .train)
    let images = try BenchmarkImages.load(for: workload, data: "nowhere")
    let steps = try MeasuredStep.measure(
      [1, 64].map {
        try MeasuredStep(
          workload, images: images, machines: machines, cores: $0, seconds: 0.001,
          kernels: KernelDispatch.best)
      }, seconds: 0.001)
    let (one, many) = (steps[0], steps[1])
    #expect(one.phases[0].chunks == 16 / machines)
    #expect(many.phases[0].chunks == 64 / machines)
    #expect(many.phases.count == one.phases.count + 1)
    #expect(one.phases.allSatisfy { $0.seconds > 0 })
    #expect((one.bytes > 0) == (machines > 1))
  }

  @Test func theTableHasEveryNumberOfMachines() {
    let run = ToolRun([
      "cluster", "--model", "small", "--batch", "8", "--machines", "1,2,64", "--cores", "2",
      "--rounds", "1", "--seconds", "0.001", "--warm-up", "0.001",
    ])
    #expect(run.exitCode == .success, "\(run.errors)")
    let words = run.lines(of: "small").map { $0.split { $0.isWhitespace } }
    #expect(words.count == 1 && words[0][0] == "small" && words[0][1] == "8")
    #expect(words[0][2].hasSuffix("%") && words[0][3].hasSuffix("%") && words[0][4] == "–")
    #expect(run.errors.contains("small  8  "))
  }
}
