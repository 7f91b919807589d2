import ConvoyDatasets
import ConvoyTestSupport
import Foundation
import Testing

@Suite("What lies in a directory")
struct DiscoveryTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test("No such directory")
  func missingDirectory() {
    let url = directory.url.appendingPathComponent("absent")
    expectRefusal(of: url.path, with: .missingDirectory(directory: url.path), saying: "absent")
  }

  @Test("A file in place of a directory")
  func notADirectory() throws {
    try directory.write([1], to: "file")
    let url = directory.url.appendingPathComponent("file")
    expectRefusal(of: url.path, with: .notADirectory(file: url.path), saying: url.path)
  }

  @Test(
    "Names that come close",
    arguments: [
      "images-idx3-ubyte", "train-images-idx1-ubyte", "test-images-idx3-ubyte",
      "emnist-train-images-idx3-ubyte", "emnist--train-images-idx3-ubyte",
      "train-images-idx3-ubyte.zip", ".gz", "data_batch_0.bin", "data_batch_01.bin",
      "data_batch_.bin", "data_batch_1", "batches.meta.txt", "train.txt",
      "cifar-10-batches-bin/readme.html",
    ])
  func nothingFound(name: String) throws {
    try directory.write([1], to: name)
    expectRefusal(
      of: directory.path,
      with: .nothingFound(
        directory: directory.url.path,
        expected: [
          "train-images-idx3-ubyte (MNIST)", "emnist-<split>-train-images-idx3-ubyte (EMNIST)",
          "data_batch_1.bin (CIFAR-10)", "train.bin (CIFAR-100)",
          "<name>.npz or x_train.npy (NumPy)", "train.csv",
          "a folder of pictures per class",
        ]),
      saying: directory.url.path, "train-images-idx3-ubyte", "emnist-", "data_batch_1.bin")
  }

  @Test("Two splits of EMNIST")
  func twoSplits() throws {
    try directory.write(Samples.emnist("letters"))
    try directory.write(Samples.emnist("balanced"))
    expectRefusal(
      of: directory.path,
      with: .ambiguous(
        directory: directory.url.path, found: ["emnist-balanced", "emnist-letters"]),
      saying: directory.url.path, "emnist-balanced, emnist-letters")
  }

  @Test("MNIST beside CIFAR-10")
  func twoFormats() throws {
    try directory.write(Samples.mnist)
    try directory.write([1], to: "cifar-10-batches-bin/test_batch.bin")
    expectRefusal(
      of: directory.path,
      with: .ambiguous(
        directory: directory.url.path,
        found: ["MNIST", "CIFAR-10 in cifar-10-batches-bin"]),
      saying: "MNIST", "CIFAR-10")
  }

  @Test("CIFAR-10 twice")
  func twoPlaces() throws {
    try directory.write([1], to: "test_batch.bin")
    try directory.write([1], to: "cifar-10-batches-bin/test_batch.bin")
    expectRefusal(
      of: directory.path,
      with: .ambiguous(
        directory: directory.url.path, found: ["CIFAR-10", "CIFAR-10 in cifar-10-batches-bin"]))
  }

  @Test("A data set without one of its files", arguments: Array(Samples.mnist.keys))
  func incomplete(name: String) throws {
    try directory.write(Samples.mnist)
    try directory.remove(name)
    expectRefusal(
      of: directory.path,
      with: .incomplete(
        directory: directory.url.path, dataset: "MNIST", expected: [name, name + ".gz"],
        found: Samples.mnist.keys.filter { $0 != name }.sorted()),
      saying: directory.url.path, name, "MNIST")
  }

  @Test("EMNIST without its test labels")
  func incompleteEMNIST() throws {
    let name = "emnist-digits-test-labels-idx1-ubyte"
    let files = try Samples.compressed(Samples.emnist("digits"))
    try directory.write(files)
    try directory.remove(name + ".gz")
    expectRefusal(
      of: directory.path,
      with: .incomplete(
        directory: directory.url.path, dataset: "emnist-digits", expected: [name, name + ".gz"],
        found: files.keys.filter { $0 != name + ".gz" }.sorted()))
  }

  @Test("A directory in place of a file")
  func notAFile() throws {
    try directory.write(Samples.mnist)
    let name = Samples.trainingImagesName
    try directory.remove(name)
    try directory.write([1], to: name + "/inner")
    expectRefusal(
      of: directory.path,
      with: .unreadable(file: directory.path(of: name), reason: "not a regular file"),
      saying: name, "not a regular file")
  }

  @Test("A link that leads nowhere")
  func brokenLink() throws {
    try directory.write(Samples.mnist)
    let name = Samples.testImagesName
    try directory.remove(name)
    try FileManager.default.createSymbolicLink(
      atPath: directory.path(of: name), withDestinationPath: "nowhere")
    let reason = String(cString: strerror(ENOENT))
    expectRefusal(
      of: directory.path, with: .unreadable(file: directory.path(of: name), reason: reason),
      saying: name, reason)
  }
}
