import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoyONNX
import ConvoySafetensors

extension Model {
  /// What the network of another program takes for a pixel.
  public enum PixelMeaning: Sendable, Equatable {
    /// Byte / 255, from 0 to 1: what PyTorch's `ToTensor` gives.
    case unit
    /// The byte, from 0 to 255.
    case bytes
    /// (byte / 255 − mean) / deviation, with a mean and a deviation per channel.
    case normalized(means: [Double], deviations: [Double])
  }

  /// Reads a network that another program trained: an ONNX graph, or the tensors of a `state_dict` in
  /// safetensors.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - network: the layers that its tensors are for, by name or by shape; nil for those of an ONNX graph.
  ///   - input: the shape of an image; nil for that of an ONNX graph.
  ///   - pixels: what it takes for a pixel; nil for what an ONNX graph that Convoy wrote says, and
  ///     `unit` otherwise.
  ///   - names: what the file calls each tensor of `network`, as `["0.weight": "stem.conv.weight"]`; nil to
  ///     find out by names, shapes and order.
  /// - Throws: ``ConvoyError`` or `NetworkError`, which name the file or the layer, with what was expected
  ///   and found, also where layers are alike and the names of their tensors do not tell their order;
  ///   ``DataError`` if a file of tensors comes without a network or a shape.
  public init(
    importing path: String, as network: Network? = nil, input: FeatureShape? = nil,
    pixels: PixelMeaning? = nil, names: [String: String]? = nil
  ) throws {
    let meaning: PixelInput? =
      switch pixels {
      case nil: nil
      case .unit: .unit
      case .bytes: .bytes
      case .normalized(let means, let deviations): .standard(means: means, deviations: deviations)
      }
    let kernels = KernelDispatch.best
    let names = names.map { TensorNames($0, source: "the names") }
    let imported = try ConvoyError.visibly {
      switch try ImportedFormat(of: path) {
      case .onnx:
        var settings = ImportedModel.Settings(
          architecture: network, input: input, pixels: meaning)
        settings.names = names
        return try ImportedModel(
          ONNXModel(contentsOf: path), settings, kernels: kernels, path: path)
      case .safetensors:
        guard let network, let input else {
          throw DataError.unsuitable(
            expected: "a network and an input shape, which tensors do not say", found: "none")
        }
        return try ImportedModel(
          stateDict: unsafe SafetensorsFile(contentsOf: path).tensors, architecture: network,
          input: input, pixels: meaning, names: names, kernels: kernels, path: path)
      }
    }
    try ConvoyError.visibly { try imported.match?.requireCertainty(path: path) }
    try self.init(imported.file, path: path)
  }
}
