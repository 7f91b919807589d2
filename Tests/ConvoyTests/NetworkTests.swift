import Convoy
import ConvoyTestSupport
import Foundation
import Testing

/// Networks as programs write them.
@Suite struct NetworkTests {
  private struct Doubled: Block {
    let block: any Block

    var body: Network {
      [block]
      [block]
    }
  }

  private func network(_ json: String) throws -> Network {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/" + "network.json"
    try Data("{\"layers\": [\(json)]}".utf8).write(to: URL(filePath: path))
    return try Network(contentsOf: path)
  }

  @Test func layersAreThoseOfFiles() throws {
    let written = Network {
      Convolution(filters: 3, kernelSize: 5, stride: 2, padding: 2, groups: 1, bias: false)
      Convolution(filters: 6, kernelSize: 3, padding: .same, dilation: 2)
      Convolution(filters: 6, kernelSize: Pair(1, 3), padding: .zeros(Pair(0, 1)))
      BatchNormalization()
      ReLU()
      Residual {
        GroupNormalization(groups: 2)
        GELU()
      } shortcut: {
        Convolution(filters: 6, kernelSize: 1)
      }
      Concatenation(
        of: Network { MaxPooling(3, stride: 1, padding: 1) }, Network { Identity() })
      GlobalAveragePooling()
      Dropout(rate: 0.5)
      Dense(10, bias: false)
    }
    let read = try network(
      """
      {"type": "convolution", "filters": 3, "kernelSize": 5, "stride": 2, "padding": 2, "bias": false},
      {"type": "convolution", "filters": 6, "kernelSize": 3, "padding": "same", "dilation": 2},
      {"type": "convolution", "filters": 6, "kernelSize": [1, 3], "padding": [0, 1]},
      {"type": "batchNormalization"}, {"type": "relu"},
      {"type": "residual", "layers": [{"type": "groupNormalization", "groups": 2}, {"type": "gelu"}],
       "shortcut": [{"type": "convolution", "filters": 6, "kernelSize": 1}]},
      {"type": "concatenate", "branches": [
        [{"type": "maxPooling", "kernelSize": 3, "stride": 1, "padding": 1}], [{"type": "identity"}]]},
      {"type": "globalAveragePooling"}, {"type": "dropout", "rate": 0.5},
      {"type": "dense", "units": 10, "bias": false}
      """)
    #expect(written == read)
  }

  @Test(arguments: [true, false], [0, 1, 3])
  func theBuilderTakesControlFlow(isDeep: Bool, count: Int) {
    let built = Network {
      for _ in 0..<count { ReLU() }
      if isDeep { Doubled(block: Tanh()) }
      if isDeep { Sigmoid() } else { Network { GELU() } }
      Repeat(2) {
        ELU()
        SiLU()
      }
    }
    var expected: [any Block] = []
    for _ in 0..<count { expected.append(ReLU()) }
    if isDeep { expected += [Tanh(), Tanh()] as [any Block] }
    expected += isDeep ? [Sigmoid()] : [GELU()]
    expected += [ELU(), SiLU(), ELU(), SiLU()] as [any Block]
    #expect(built == Network { expected })
    #expect(built != Network { ReLU() })
  }

  @Test func summaryHasShapesAndParameters() throws {
    #expect(
      try Squares.network.summary(input: Squares.shape) == """
           input                                   1×8×8
        0  convolution 4 3×3 same padding no bias  4×8×8   36
        1  batchNormalization                      4×8×8    8
        2  relu                                    4×8×8
        3  maxPooling 2×2                          4×4×4
        4  flatten                                 64
        5  dense 4                                 4      260
           total                                          304
        """)
    let wrong = Network {
      Flatten()
      MaxPooling(2)
    }
    #expect(throws: NetworkError.self) { try wrong.summary(input: Squares.shape) }
  }
}
