/// Small data sets that a network can learn, in the formats of real ones.
package enum ImageFiles {
  package static func header(_ magicNumber: UInt32, _ dimensions: Int...) -> [UInt8] {
    ([magicNumber] + dimensions.map { UInt32($0) }).flatMap { number in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
  }

  /// Square images: the quarter that is bright is the class, the number of the image modulo 4.
  package static func images(_ count: Int, size: Int = 8) -> [UInt8] {
    var bytes = header(0x803, count, size, size)
    for image in 0..<count {
      for place in 0..<size * size {
        let quarter = place / size / (size / 2) * 2 + place % size / (size / 2)
        // Any pattern will do that is not the class's own.
        let noise = (image * 7 + place * 13 + image * place) % 61
        bytes.append(UInt8(quarter == image % 4 ? 250 - noise : noise))
      }
    }
    return bytes
  }

  /// - Parameter first: the label of the first class.
  package static func labels(_ count: Int, first: Int = 0) -> [UInt8] {
    header(0x801, count) + (0..<count).map { UInt8($0 % 4 + first) }
  }

  /// Pictures of one grey each, six in a folder for each class.
  ///
  /// - Parameter contrast: between one class and the next.
  package static func pictures(of classes: [String], in folder: String, contrast: Int) -> [String:
    [UInt8]]
  {
    var files: [String: [UInt8]] = [:]
    for (place, name) in classes.enumerated() {
      for number in 0..<6 {
        files["\(folder)/\(name)/\(number).pgm"] =
          Array("P5 4 4 255\n".utf8)
          + [UInt8](repeating: UInt8(place * contrast + number), count: 16)
      }
    }
    return files
  }

  package static let trainingImages = "train-images-idx3-ubyte"
  package static let trainingLabels = "train-labels-idx1-ubyte"
  package static let testImages = "t10k-images-idx3-ubyte"
  package static let testLabels = "t10k-labels-idx1-ubyte"

  /// As MNIST and Fashion-MNIST come.
  ///
  /// - Parameter count: images to train on.
  package static func mnist(size: Int = 8, count: Int = 50) -> [String: [UInt8]] {
    [
      trainingImages: images(count, size: size), trainingLabels: labels(count),
      testImages: images(21, size: size), testLabels: labels(21),
    ]
  }

  /// As EMNIST Letters comes: its labels begin at 1.
  package static func emnistLetters() -> [String: [UInt8]] {
    [
      "emnist-letters-train-images-idx3-ubyte": images(50),
      "emnist-letters-train-labels-idx1-ubyte": labels(50, first: 1),
      "emnist-letters-test-images-idx3-ubyte": images(21),
      "emnist-letters-test-labels-idx1-ubyte": labels(21, first: 1),
    ]
  }

  /// As CIFAR-10's binary version unpacks: each class a colour.
  package static func cifar10() -> [String: [UInt8]] {
    func record(_ number: Int) -> [UInt8] {
      let colour = number % 3
      let pixels = (0..<3 * 1024).map { place -> UInt8 in
        let base = place / 1024 == colour ? 180 : 40
        return UInt8(base + (place * 7 + number) % 40)
      }
      return [UInt8(colour)] + pixels
    }
    return [
      "cifar-10-batches-bin/data_batch_1.bin": (0..<20).flatMap(record),
      "cifar-10-batches-bin/data_batch_2.bin": (20..<31).flatMap(record),
      "cifar-10-batches-bin/test_batch.bin": (0..<9).flatMap(record),
    ]
  }
}
