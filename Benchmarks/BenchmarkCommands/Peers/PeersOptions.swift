import ConvoyCommandLineOptions
import ConvoyKernelInterface
import ConvoyNetworkOptions
import ConvoyNeuralNetwork

/// The contestants, and where to find them.
struct PeersOptions {
  static let descriptions: [OptionDescription] = [
    .value("python", "path", help: "The Python that has the frameworks.", default: "python3"),
    .value(
      "peers", "names",
      help: "Frameworks, separated by commas: "
        + "\(Peer.all.map(\.name).joined(separator: ", ")); or none.",
      default: "all"),
    .value("scripts", "directory", help: "The peers' scripts.", default: "Benchmarks/peers"),
    .value(
      "against", "path",
      help: "Another build of this program, to be measured as a contestant as well."),
    .value("pause", "seconds", help: "Before each turn.", default: "0.3"),
    .choice(
      "precision", of: Precision.self,
      help:
        "With bf16, contestants may train with products of 16 bits; Convoy in single precision is measured "
        + "as another.", default: .fp32),
    NetworkOptions.data, NetworkOptions.threads, NetworkOptions.instructionSet,
  ]

  let peers: [Peer]
  let data: String
  let threads: Int
  let pause: Double
  private let precision: Precision
  let kernels: any KernelSet
  private let python: String
  private let scripts: String
  private let against: String?

  init(_ options: ParsedOptions) throws(UsageError) {
    peers = try Self.peers(options)
    python = options.string("python") ?? "python3"
    scripts = options.string("scripts") ?? "Benchmarks/peers"
    against = options.string("against")
    data = NetworkOptions.data(options)
    pause = try options.number("pause", in: 0...60) ?? 0.3
    precision = try NetworkOptions.precision(options)
    threads = try NetworkOptions.threads(options)
    kernels = try NetworkOptions.kernels(options)
  }

  private static func peers(_ options: ParsedOptions) throws(UsageError) -> [Peer] {
    guard let names = try options.list("peers") else { return Peer.all }
    if names == ["none"] { return [] }
    var peers: [Peer] = []
    for name in names {
      guard let peer = Peer.all.first(where: { $0.name == name }) else {
        throw .notAmong(Peer.all.map(\.name), or: "none", option: "--peers", found: name)
      }
      peers.append(peer)
    }
    return peers
  }

  /// All contestants: Convoy first, then the others in each of their variants.
  func entries(_ mode: Workload.Mode) -> [Entry] {
    let instructionSet = kernels.instructionSet.rawValue
    let trainedIn = mode == .train ? precision : .fp32
    func convoy(_ name: String, _ program: String, _ precision: Precision) -> Entry {
      let isSingle = precision == .fp32
      return Entry(
        name: name, variant: instructionSet + (isSingle ? "" : ", \(precision.rawValue)"),
        command: [program, "contestant", "--instruction-set", instructionSet]
          + (isSingle ? [] : ["--precision", precision.rawValue]))
    }
    var entries = [convoy("convoy", OwnProgram.path, trainedIn)]
    if trainedIn != .fp32 { entries.append(convoy("single", OwnProgram.path, .fp32)) }
    if let against { entries.append(convoy("against", against, trainedIn)) }
    for peer in peers {
      for variant in peer.variants(mode, trainedIn) {
        let command = [python, "\(scripts)/\(peer.script)"]
        entries.append(Entry(name: peer.name, variant: variant, command: command))
      }
    }
    return entries
  }

  /// A contestant to start.
  struct Entry {
    let name: String
    let variant: String
    let command: [String]
  }
}
