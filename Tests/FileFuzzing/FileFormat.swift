import ConvoyTestSupport

/// The formats of files that Convoy reads.
package enum FileFormat: String, CaseIterable, Codable, Sendable {
  case idxImages = "IDXImages"
  case idxLabels = "IDXLabels"
  case gzip = "Gzip"
  case cifar10 = "CIFAR10"
  case safetensors = "Safetensors"
  case model = "Model"
  case architecture = "Architecture"
  case checkpoint = "Checkpoint"
  case picture = "Picture"
  case cifar100 = "CIFAR100"
  case npy = "NPY"
  case npz = "NPZ"
  case csv = "CSV"
  case packed = "Packed"
  case onnx = "ONNX"
  case log = "Log"

  var reader: any FuzzedReader.Type {
    switch self {
    case .idxImages: IDXImagesReader.self
    case .idxLabels: IDXLabelsReader.self
    case .gzip: GzipReader.self
    case .cifar10: CIFAR10Reader.self
    case .safetensors: SafetensorsReader.self
    case .model: ModelReader.self
    case .architecture: ArchitectureReader.self
    case .checkpoint: CheckpointReader.self
    case .picture: PictureReader.self
    case .cifar100: CIFAR100Reader.self
    case .npy: NPYReader.self
    case .npz: NPZReader.self
    case .csv: CSVReader.self
    case .packed: PackedReader.self
    case .onnx: ONNXReader.self
    case .log: LogReader.self
    }
  }

  /// Whole files that the format's reader accepts.
  package var seeds: [[UInt8]] { get throws { try reader.seeds } }

  /// The mutants of the format's seeds, by their numbers.
  package func mutants() throws -> (Int) throws -> [UInt8] {
    let reader = reader
    let seeds = try reader.seeds
    let salt = UInt64(Self.allCases.firstIndex(of: self) ?? 0)
    return { number in
      var mutator = Mutator(
        seed: UInt64(number) << 8 | salt, words: reader.words, others: seeds)
      let seed = mutator.generator.pick(seeds)
      return try reader.mutant(of: seed, &mutator)
    }
  }

  /// A check of any file: whether the reader accepted it.
  ///
  /// - Returns: a function that throws `Violation` if the reader did what it must not.
  package func check() throws -> @Sendable ([UInt8]) throws -> Bool {
    let type = reader
    let reader = try type.init()
    return { file in
      do {
        try reader.read(file)
        return true
      } catch let violation as Violation {
        throw violation
      } catch {
        let message = "\(error)"
        try Violation.require(
          type.isRefusal(error), "an error of type \(Swift.type(of: error)): \(message)")
        // However long the file's own names and lists are.
        try Violation.require(
          message.utf8.count <= 2_000, "a message of \(message.utf8.count) bytes")
        return false
      }
    }
  }
}
