import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoyTestSupport
import ConvoyTraining
import Foundation
import Testing

@testable import ConvoyONNX

/// Models whose numbers lie in a file beside them, as PyTorch's exporter writes them.
struct ExternalTensorTests {
  private let directory: TemporaryDirectory
  private let model: String
  private let numbers: String

  init() throws {
    directory = try TemporaryDirectory()
    model = directory.path(of: "external.onnx")
    numbers = directory.path(of: "external.onnx.data")
  }

  private static func fixture(_ name: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
  }

  private func imported(_ name: String) throws -> ImportedModel {
    try ImportedModel(
      ONNXModel(contentsOf: Self.fixture(name).path), ImportedModel.Settings(),
      kernels: KernelDispatch.best, path: name)
  }

  private func refusal() -> String {
    let error = #expect(throws: ONNXError.self) { _ = try ONNXModel(contentsOf: model) }
    return error.map { "\($0)" } ?? ""
  }

  @Test func theyAreRead() throws {
    let (whole, parted) = (try imported("foreign.onnx").file, try imported("external.onnx").file)
    #expect(parted.architecture == whole.architecture)
    #expect(parted.weights == whole.weights)
    #expect(parted.weights.tensors.count > 4)
  }

  @Test func aFileThatIsMissingOrShortIsRefused() throws {
    try FileManager.default.copyItem(atPath: Self.fixture("external.onnx").path, toPath: model)
    #expect(refusal() == "\(numbers): cannot open: No such file or directory")
    let data = Array(try Data(contentsOf: Self.fixture("external.onnx.data")))
    try data.dropLast().write(to: numbers)
    let error = refusal()
    #expect(error.hasPrefix("\(model): tensor '"), "\(error)")
    #expect(
      error.contains(
        "expected a part of the \(data.count - 1) bytes of 'external.onnx.data', found "),
      "\(error)")
    try data.write(to: numbers)
    #expect(try ONNXModel(contentsOf: model).externalFiles == [numbers])
  }

  /// Of the same length as the fixture's, so that the file stays well-formed.
  @Test(arguments: ["../ernal.onnx.data", "/xternal.onnx.data", "external.onnx\0data"])
  func aFileElsewhereIsRefused(name: String) throws {
    var bytes = Array(try Data(contentsOf: Self.fixture("external.onnx")))
    try Data(contentsOf: Self.fixture("external.onnx.data")).write(to: URL(filePath: numbers))
    let old = Array("external.onnx.data".utf8)
    for place in 0...(bytes.count - old.count)
    where Array(bytes[place..<place + old.count]) == old {
      bytes.replaceSubrange(place..<place + old.count, with: name.utf8)
    }
    try bytes.write(to: model)
    #expect(refusal().contains("expected numbers in a file of the model's folder, found '"))
  }

  private static let parts: [(offset: String?, length: String?, range: Range<Int>?)] = [
    ("0", "8", 0..<8), ("4", "4", 4..<8), ("3", nil, 3..<8), ("8", nil, 8..<8), (nil, nil, 0..<8),
    ("9", nil, nil), ("9", "0", nil), ("4", "5", nil), ("-1", "2", nil), ("1", "-1", nil),
    ("x", nil, nil), ("-9223372036854775808", nil, nil), ("9223372036854775807", "1", nil),
    ("1", "9223372036854775807", nil), ("99999999999999999999", nil, nil),
  ]

  @Test(arguments: parts)
  func onlyBytesThatAreThereAreRead(offset: String?, length: String?, range: Range<Int>?) {
    var tensor = ExternalTensor()
    if let offset { tensor.add(ONNXModel.Property(key: "offset", value: offset)) }
    if let length { tensor.add(ONNXModel.Property(key: "length", value: length)) }
    #expect(tensor.range(in: 8) == range)
  }
}
