import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTraining

/// Collects the nodes and tensors of a graph.
struct GraphBuilder {
  private(set) var graph = ONNXGraph()
  private let tensors: [String: NamedTensor]
  /// The file of the tensors, for errors.
  private let path: String
  /// The value that the next layer reads.
  var flow: String

  init(_ weights: WeightTensors, path: String, input: ONNXValue) {
    tensors = Dictionary(weights.tensors.map { ($0.name, $0) }) { first, _ in first }
    self.path = path
    graph.inputs = [input]
    flow = input.name
  }

  /// Adds a node that reads the flow and becomes it. It has the name of the layer, so that viewers
  /// show where in the model file it is; a layer of several nodes has a suffix for each but the last.
  mutating func add(
    _ operation: String, at place: String, _ suffix: String = "", reading others: [String] = [],
    with attributes: [String: ONNXNode.Attribute.Value] = [:]
  ) {
    add(operation, at: place, suffix, inputs: [flow] + others, with: attributes)
  }

  /// Adds a node that reads these values and becomes the flow.
  mutating func add(
    _ operation: String, at place: String, _ suffix: String = "", inputs: [String],
    with attributes: [String: ONNXNode.Attribute.Value] = [:]
  ) {
    let name = suffix.isEmpty ? place : "\(place).\(suffix)"
    graph.nodes.append(
      ONNXNode(
        operation: operation, name: name, inputs: inputs, outputs: [name],
        attributes: attributes.sorted { $0.key < $1.key }.map { .init(name: $0, value: $1) }))
    flow = name
  }

  /// A number for each channel of a map or feature of a vector, or a single one.
  mutating func constant(_ name: String, _ values: [Float], shape: [Int]) -> String {
    graph.initializers.append(ONNXTensor(name: name, shape: shape, elements: .floats(values)))
    return name
  }

  mutating func number(_ name: String, _ value: Float) -> String {
    constant(name, [value], shape: [])
  }

  mutating func integers(_ name: String, _ values: [Int]) -> String {
    graph.initializers.append(
      ONNXTensor(name: name, shape: [values.count], elements: .integers(values)))
    return name
  }

  /// A tensor of the model file.
  ///
  /// - Parameter shape: in the graph; nil for the file's.
  mutating func weights(
    _ name: String, at place: String, count: Int, shape: [Int]? = nil
  ) throws(ModelFileError) -> String {
    let name = "\(place).\(name)"
    guard let tensor = tensors[name], tensor.values.count == count else {
      throw .tensor(
        path: path, name: name, expected: "\(count) numbers",
        found: tensors[name].map { "\($0.values.count)" } ?? "none")
    }
    return constant(name, tensor.values, shape: shape ?? tensor.shape)
  }

  /// The graph, whose only output is the flow under a name.
  consuming func finished(output: String, count: Int) -> ONNXGraph {
    guard let last = graph.nodes.indices.last else {
      preconditionFailure("a network has a layer that makes a vector")
    }
    graph.nodes[last].outputs = [output]
    graph.outputs = [ONNXValue(name: output, shape: [.symbol("batch"), .size(count)])]
    return graph
  }
}
