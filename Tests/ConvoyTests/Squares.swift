import Convoy

/// Small grey images with a bright square in one of four corners, in noise: four classes.
enum Squares {
  static let shape = FeatureShape(channels: 1, height: 8, width: 8)
  static let names = ["north-west", "north-east", "south-west", "south-east"]

  static func pixels(_ number: Int) -> [UInt8] {
    (0..<64).map { place in
      let noise = UInt8((number &* 31 &+ place &* place &* 17 &+ number &* place) % 60)
      let (row, column) = (place / 8 / 4, place % 8 / 4)
      return row * 2 + column == number % 4 ? 180 + noise : noise
    }
  }

  static func samples(_ numbers: Range<Int>) throws -> Samples {
    try Samples(
      images: numbers.flatMap(pixels), shape: shape, labels: numbers.map { $0 % 4 },
      classNames: names)
  }

  /// With test and validation samples, each only where asked for.
  struct Data: TrainingData {
    let training: Samples
    var validation: Samples?
    var test: Samples?
  }

  static func data(validation: Bool = false, test: Bool = true) throws -> Data {
    Data(
      training: try samples(0..<90), validation: validation ? try samples(90..<110) : nil,
      test: test ? try samples(110..<140) : nil)
  }

  static let network = Network {
    Convolution(filters: 4, kernelSize: 3, padding: .same, bias: false)
    BatchNormalization()
    ReLU()
    MaxPooling(2)
    Flatten()
    Dense(4)
  }
}
