import ConvoyFileAccess
import ConvoyNeuralNetwork

extension Network {
  /// A line for each layer: its place, what it is, its output and its parameters.
  ///
  /// - Parameter input: the shape of a sample.
  /// - Throws: `NetworkError`, which names the layer that does not fit its input.
  public func summary(input: FeatureShape) throws(NetworkError) -> String {
    let layers = try placedLayers(for: input)
    var rows = [["", "input", "\(input)", ""]]
    for layer in layers {
      rows.append([
        layer.place, layer.layer.summary, "\(layer.output)",
        layer.parameters > 0 ? "\(layer.parameters)" : "",
      ])
    }
    rows.append(["", "total", "", "\(layers.reduce(0) { $0 + $1.parameters })"])
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 3 ? space + cell.0 : cell.0 + space
      }
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }

  /// Reads an architecture file: JSON as `convoy train --model` takes it.
  ///
  /// - Throws: `NetworkError`, which names the file and the place in it; `ConvoyError` if it cannot
  ///   be read.
  public init(contentsOf path: String) throws {
    let text = try ConvoyError.visibly {
      try FileContents.read(path, limit: Self.largestText)
    }
    try self.init(json: text, source: path)
  }
}
