import KernelInterface

/// A kernel with the shape it is called for.
enum KernelCall: Sendable, Equatable {
  case convolution(ConvolutionGeometry, hasBias: Bool)
  case pooledConvolution(ConvolutionGeometry, PoolingGeometry, ActivationFunction)
  case weightGradient(ConvolutionGeometry)
  case rowSums(rows: Int, columns: Int, step: Int)
  case maxPoolGradient(PoolingGeometry)
  case activation(ActivationFunction, RowGeometry)
  case activationGradient(ActivationFunction, RowGeometry)
  case crossEntropy(classes: Int)
  case normalization(rows: Int, count: Int, step: Int)
  case copy(RowGeometry)
  case slotSum(slots: Int, step: Int, count: Int)
  case transposition(rows: Int, columns: Int, step: Int)

  var name: String {
    switch self {
    case .convolution: "convolve"
    case .pooledConvolution: "convolveAndMaxPool"
    case .weightGradient: "weightGradient"
    case .rowSums: "sumRows"
    case .maxPoolGradient: "maxPoolGradient"
    case .activation: "activate"
    case .activationGradient: "activationGradient"
    case .crossEntropy: "softmaxCrossEntropy"
    case .normalization: "normalize"
    case .copy: "copyRows"
    case .slotSum: "sumSlots"
    case .transposition: "transposeTile"
    }
  }

  /// Channels are as they are stored.
  var shape: String {
    switch self {
    case .convolution(let geometry, _), .weightGradient(let geometry): geometry.shape
    case .pooledConvolution(let geometry, let pooling, _):
      "\(geometry.shape), pooled \(pooling.kernelSize)×\(pooling.kernelSize)"
    case .rowSums(let rows, let columns, _): "\(rows) × \(columns)"
    case .maxPoolGradient(let pooling):
      "\(pooling.outputRows)×\(pooling.outputColumns)×\(pooling.channels)"
    case .activation(_, let rows), .activationGradient(_, let rows), .copy(let rows):
      "\(rows.rows) × \(rows.count)"
    case .crossEntropy(let classes): "\(classes)"
    case .normalization(let rows, let count, _): "\(rows) × \(count)"
    case .slotSum(let slots, _, let count): "\(slots) × \(count)"
    case .transposition(let rows, let columns, _): "\(rows) × \(columns)"
    }
  }

  /// Floating-point operations of the sum that the kernel stands for, a multiply-add as two; nil
  /// where moving numbers is what takes the time.
  var operations: Int? {
    switch self {
    case .convolution(let geometry, _), .pooledConvolution(let geometry, _, _),
      .weightGradient(let geometry):
      2 * geometry.outputRows * geometry.outputColumns * geometry.weights.count
    default: nil
    }
  }

  /// Whether the kernel reaches the sum with less arithmetic than that.
  var savesArithmetic: Bool { false }
}

extension ConvolutionGeometry {
  /// Where the input's pixels lie: a dense layer is one row of samples.
  var isDense: Bool { kernelRows == 1 && outputRows == 1 }
  /// As stored. Kernels are square.
  var inputChannels: Int { rowRun / kernelRows }
  var stride: Int { isDense ? 1 : inputColumnStep / inputChannels }
  /// From a pixel to the next, in floats.
  var pixelStep: Int { isDense ? inputColumnStep : inputChannels }
  var inputRows: Int { (outputRows - 1) * stride + kernelRows }
  var inputColumns: Int { (outputColumns - 1) * stride + kernelRows }

  fileprivate var shape: String {
    isDense
      ? "\(outputColumns) × \(rowRun) → \(outputChannels)"
      : "\(kernelRows)×\(kernelRows), \(inputChannels) → \(outputRows)×\(outputColumns)×\(outputChannels)"
  }
}
