import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport

/// A pooling of a random shape: windows that overlap, touch or leave gaps.
struct PoolingCase {
  let window: ReferenceWindow
  let input: ReferenceTensor<Double>
  let outputGradient: ReferenceTensor<Double>
  let inputMap: StoredMap
  let outputMap: StoredMap
  let description: String

  /// - Parameter ties: whole numbers, many of them equal, and blank regions.
  init(size: Int, stride: Int, seed: UInt64, ties: Bool) {
    var generator = SeededGenerator(seed: seed)
    window = ReferenceWindow(height: size, width: size, stride: stride)
    let channels = generator.pick([1, 3, 7, 17])
    let rows = generator.integer(in: 1...4)
    let columns = generator.integer(in: 1...6)
    let shape = ReferenceShape(
      channels: channels,
      height: (rows - 1) * stride + size + generator.integer(in: 0...stride - 1),
      width: (columns - 1) * stride + size + generator.integer(in: 0...stride - 1))
    var values =
      ties
      ? generator.gridValues(count: shape.count, in: -2...2)
      : generator.values(count: shape.count)
    if ties {
      // Negative blanks beside them, so that a maximum that starts from zero shows.
      for index in values.indices where index / 11 % 3 == 0 { values[index] = -1 }
    }
    input = ReferenceTensor(shape: shape, values: values)
    let outputShape = ReferenceShape(channels: channels, height: rows, width: columns)
    outputGradient = ReferenceTensor(
      shape: outputShape, values: generator.values(count: outputShape.count))
    inputMap = StoredMap(shape, margin: generator.integer(in: 0...1))
    outputMap = StoredMap(outputShape, margin: generator.integer(in: 0...1))
    description =
      "seed \(seed): \(channels) × \(shape.height) × \(shape.width), window \(size), "
      + "stride \(stride), output \(rows) × \(columns)"
  }

  var geometry: PoolingGeometry {
    PoolingGeometry(
      kernelSize: window.height, stride: window.stride,
      outputRows: outputGradient.shape.height, outputColumns: outputGradient.shape.width,
      channels: inputMap.channels, inputRowStep: inputMap.rowStep,
      outputRowStep: outputMap.rowStep)
  }

  /// Outputs without a margin: winners and gradients.
  var denseMap: StoredMap { StoredMap(outputGradient.shape) }

  /// Windows that an input may belong to.
  var windowsAnInput: Int {
    let along = (window.height + window.stride - 1) / window.stride
    return along * along
  }

  /// The input's places that some window covers, for all stored channels or the added ones.
  func reached(added: Bool) -> [Bool] {
    let shape = inputMap.shape
    let channels = added ? inputMap.channels - shape.channels : shape.channels
    func covers(_ index: Int, outputs: Int) -> Bool {
      (0..<outputs).contains {
        ($0 * window.stride..<$0 * window.stride + window.height).contains(index)
      }
    }
    var reached: [Bool] = []
    for _ in 0..<channels {
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          reached.append(
            covers(row, outputs: outputGradient.shape.height)
              && covers(column, outputs: outputGradient.shape.width))
        }
      }
    }
    return reached
  }
}
