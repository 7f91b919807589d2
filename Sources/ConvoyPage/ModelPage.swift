import ConvoyFileAccess
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoyTraining
import ConvoyWebFiles
import Foundation

/// A trained network as one HTML file that runs it: weights, scripts and styles are inside, and it
/// loads nothing.
package struct ModelPage {
  private let network: PageNetwork
  private let weights: PageWeights

  /// The most parameters: base64 of as many is a third of the longest string of a browser.
  package static let mostParameters = 1 << 25

  /// - Parameters:
  ///   - path: the model's file, for errors.
  ///   - title: the heading of the page.
  /// - Throws: `ModelFileError`, `MemoryError` or `ModelPageError`.
  package init(
    _ model: ModelFile, path: String, title: String, kernels: any KernelSet,
    mostParameters: Int = mostParameters
  ) throws {
    guard [1, 3].contains(model.inputShape.channels) else {
      throw ModelPageError.channels(path: path, found: model.inputShape.channels)
    }
    guard !model.normalization.areFloats else { throw ModelPageError.floats(path: path) }
    let plan = try NetworkPlan(
      model.architecture, input: model.inputShape, loss: model.loss, kernels: kernels)
    guard plan.parameterCount <= mostParameters else {
      throw ModelPageError.parameters(
        path: path, limit: mostParameters, found: plan.parameterCount)
    }
    if let names = model.classNames, names.count != plan.classes {
      throw ModelFileError.metadata(
        path: path, key: "classes", expected: "\(plan.classes) names, one for each output",
        found: "\(names.count)")
    }
    try AvailableMemory.now.check(
      MemoryNeed(evaluating: plan, images: 1, threads: 1, cores: 1), for: path)
    var parameters = ParameterMemory(plan)
    try model.weights.load(into: parameters, of: plan, path: path)
    var computed = plan
    if let folded = FoldedNetwork(plan) {
      let foldedParameters = ParameterMemory(folded.plan)
      folded.fold(parameters, into: foldedParameters)
      (computed, parameters) = (folded.plan, foldedParameters)
    }
    network = try PageNetwork(model, title: title, plan, folded: computed)
    weights = PageWeights(tensors: computed.tensors, parameters: parameters)
  }

  /// Writes the page, replacing a file atomically.
  package func write(to path: String) throws {
    var file = try AtomicFile(replacing: path)
    try forEachPiece { piece in
      try unsafe Data(piece.utf8).bytes.withUnsafeBytes { bytes throws(FileError) in
        try unsafe file.append(bytes)
      }
    }
    try file.commit()
  }

  /// The text of the page, piece by piece.
  package func forEachPiece(_ body: (String) throws -> Void) throws {
    let parts = unsafe String(cString: convoy_page).components(separatedBy: "{{")
    try body(parts[0])
    for part in parts.dropFirst() {
      let halves = part.components(separatedBy: "}}")
      switch halves[0] {
      case "style":
        try unsafe body(String(cString: convoy_style))
        try unsafe body(String(cString: convoy_page_style))
      case "network": try body(try networkText())
      case "weights": try weights.forEachPiece(body)
      case "scripts": try unsafe body(String(cString: convoy_page_scripts))
      default: preconditionFailure("The template has a place for \(halves[0]).")
      }
      try body(halves[1])
    }
  }

  /// The network as JSON inside a `script` element, which only `<` could end.
  private func networkText() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(network), as: UTF8.self)
      .replacing("<", with: "\\u003c")
  }
}

/// Why a model cannot be put on a page.
package enum ModelPageError: Error, Equatable, CustomStringConvertible {
  case channels(path: String, found: Int)
  /// A page shows and draws images of bytes.
  case floats(path: String)
  case parameters(path: String, limit: Int, found: Int)

  package var description: String {
    switch self {
    case .channels(let path, let found):
      "\(path): expected images with 1 or 3 channels for a page, found \(found)"
    case .floats(let path):
      "\(path): expected a network trained on bytes for a page, found one trained on floats"
    case .parameters(let path, let limit, let found):
      "\(path): expected at most \(limit) parameters for a page, found \(found)"
    }
  }
}
