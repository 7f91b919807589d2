/// One of the two data sets of Krizhevsky, "Learning Multiple Layers of Features from Tiny Images"
/// (2009), in its binary version: files of records, each with labels of a byte and then the three
/// colour planes of an image.
enum CIFARVersion: CaseIterable {
  case cifar10
  case cifar100

  static let shape = ImageShape(channels: 3, height: 32, width: 32)

  var name: String {
    switch self {
    case .cifar10: "CIFAR-10"
    case .cifar100: "CIFAR-100"
    }
  }

  /// What the archive unpacks to.
  var subdirectory: String {
    switch self {
    case .cifar10: "cifar-10-batches-bin"
    case .cifar100: "cifar-100-binary"
    }
  }

  var classes: Int {
    switch self {
    case .cifar10: 10
    case .cifar100: 100
    }
  }

  /// The bytes before an image. CIFAR-100 has the coarse label, then the fine one, which is used.
  var labelSize: Int {
    switch self {
    case .cifar10: 1
    case .cifar100: 2
    }
  }

  var recordSize: Int { labelSize + Self.shape.pixelCount }

  var testName: String {
    switch self {
    case .cifar10: "test_batch.bin"
    case .cifar100: "test.bin"
    }
  }

  /// The name of the training file with a number from 1 up; CIFAR-100 has one, without a number.
  func trainingName(_ number: Int) -> String {
    switch self {
    case .cifar10: "data_batch_\(number).bin"
    case .cifar100: "train.bin"
    }
  }

  /// A line for each class, in the order of the labels.
  var classNamesFile: String {
    switch self {
    case .cifar10: "batches.meta.txt"
    case .cifar100: "fine_label_names.txt"
    }
  }

  /// The number of a training file; nil for any other name.
  func trainingNumber(of name: String) -> Int? {
    switch self {
    case .cifar10:
      let digits = name.dropFirst("data_batch_".count).dropLast(".bin".count)
      guard let number = Int(digits), number > 0, name == trainingName(number) else { return nil }
      return number
    case .cifar100:
      return name == trainingName(1) ? 1 : nil
    }
  }

  func isFileName(_ name: String) -> Bool {
    name == testName || name == classNamesFile || trainingNumber(of: name) != nil
  }
}
