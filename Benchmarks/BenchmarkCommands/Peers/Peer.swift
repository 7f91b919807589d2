/// Another framework, with the variants in which its script can run a network. The fastest counts.
struct Peer: Sendable, Equatable {
  let name: String
  let script: String
  private let training: [String]
  private let forward: [String]

  func variants(_ mode: Workload.Mode) -> [String] {
    switch mode {
    case .train: training
    case .forward: forward
    }
  }

  static let all = [
    Peer(
      name: "pytorch", script: "pytorch.py", training: ["eager", "compiled"],
      forward: ["eager", "traced", "compiled"]),
    Peer(
      name: "onnxruntime", script: "onnxruntime_peer.py", training: [], forward: ["session"]),
    Peer(
      name: "tensorflow", script: "tensorflow_peer.py", training: ["function", "xla"],
      forward: ["function", "xla"]),
    Peer(name: "jax", script: "jax_peer.py", training: ["jit"], forward: ["jit"]),
  ]
}
