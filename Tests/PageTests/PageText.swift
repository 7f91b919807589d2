import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoyPage
import ConvoyTraining
import Foundation
import Testing

/// The text of a page, and what its scripts read in it.
struct PageText {
  let text: String

  init(
    _ model: ModelFile, title: String = "A title", mostParameters: Int = ModelPage.mostParameters
  ) throws {
    var text = ""
    try ModelPage(
      model, path: "model", title: title, kernels: KernelDispatch.best,
      mostParameters: mostParameters
    ).forEachPiece { text += $0 }
    self.text = text
  }

  /// The contents of the element with an identifier.
  func element(_ id: String) throws -> Substring {
    let start = try #require(text.range(of: #" id="\#(id)">"#)?.upperBound)
    let end = try #require(text.range(of: "</script>", range: start..<text.endIndex)?.lowerBound)
    return text[start..<end]
  }

  func network() throws -> Network {
    try JSONDecoder().decode(Network.self, from: Data(try element("network").utf8))
  }

  func weights() throws -> [Float] {
    let data = try #require(Data(base64Encoded: String(try element("weights"))))
    return data.withUnsafeBytes { bytes in
      bytes.bindMemory(to: UInt32.self).map { Float(bitPattern: UInt32(littleEndian: $0)) }
    }
  }

  struct Network: Decodable {
    let title: String
    let classes: [String]
    let parameters: Int
    let outputs: String
    let fit: String
    let normalization: Normalization
    let steps: [Step]
    let summary: [Row]

    struct Normalization: Decodable {
      let means: [Double]
      let deviations: [Double]
    }

    struct Step: Decodable {
      let place: String
      let name: String
      let type: String
      let inputs: [Int]
      let shape: [Int]
      let tensors: [String: Tensor]
    }

    struct Tensor: Decodable {
      let offset: Int
      let shape: [Int]
    }

    struct Row: Decodable {
      let place: String
      let parameters: Int
    }
  }
}
