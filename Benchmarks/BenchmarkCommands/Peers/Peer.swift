import ConvoyNeuralNetwork

/// Another framework, with the variants in which its script can run a network. The fastest counts.
struct Peer: Sendable, Equatable {
  let name: String
  let script: String
  private let training: [String]
  /// Training with products of 16 bits.
  var trainingInHalves: [String] = []
  private let forward: [String]

  /// - Parameter precision: the least that its products may have.
  func variants(_ mode: Workload.Mode, _ precision: Precision) -> [String] {
    switch (mode, precision) {
    case (.train, .fp32): training
    case (.train, .bf16): training + trainingInHalves
    case (.forward, _): forward
    }
  }

  static let all = [
    Peer(
      name: "pytorch", script: "pytorch.py", training: ["eager", "compiled"],
      trainingInHalves: ["eager-bf16", "compiled-bf16"], forward: ["eager", "traced", "compiled"]),
    Peer(
      name: "onnxruntime", script: "onnxruntime_peer.py", training: [], forward: ["session"]),
    Peer(
      name: "tensorflow", script: "tensorflow_peer.py", training: ["function", "xla"],
      forward: ["function", "xla"]),
    Peer(name: "jax", script: "jax_peer.py", training: ["jit"], forward: ["jit"]),
  ]
}
