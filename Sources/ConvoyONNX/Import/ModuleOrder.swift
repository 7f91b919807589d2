/// What is known of the order of a file's modules.
struct ModuleOrder {
  /// The first place in the network of the layers that were matched, by the path of a module that
  /// holds them.
  private var places: [String: Int] = [:]

  mutating func add(_ layer: String, at place: Int) {
    var path = ""
    for part in layer.split(separator: ".", omittingEmptySubsequences: false).dropLast() {
      path += "\(part)."
      places[path] = min(places[path] ?? place, place)
    }
  }

  /// Layers in their probable order, and whether it is certain.
  func sorted<Layer>(
    _ layers: [Layer], by name: (Layer) -> String
  ) -> (layers: [Layer], isCertain: Bool) {
    let sorted = layers.sorted { compare(name($0), name($1)).isLess }
    return (
      sorted, zip(sorted, sorted.dropFirst()).allSatisfy { compare(name($0), name($1)).isCertain }
    )
  }

  /// By the first part in which two paths differ: by its numbers, if there is no other difference, or
  /// by where the modules of these names are. Otherwise the names' own order is a guess.
  private func compare(_ one: String, _ other: String) -> (isLess: Bool, isCertain: Bool) {
    let (one, other) = (one.split(separator: "."), other.split(separator: "."))
    var path = ""
    for (part, otherPart) in zip(one, other) {
      if part == otherPart {
        path += "\(part)."
        continue
      }
      let isLess = NaturalOrder(String(part)) < NaturalOrder(String(otherPart))
      if NaturalOrder.text(part) == NaturalOrder.text(otherPart) { return (isLess, true) }
      guard let place = places["\(path)\(part)."], let second = places["\(path)\(otherPart)."],
        place != second
      else { return (isLess, false) }
      return (place < second, true)
    }
    return (one.count < other.count, one.count == other.count)
  }
}

/// The order of names in which numbers count as numbers: 2 before 10.
private struct NaturalOrder: Comparable {
  private let parts: [Part]

  /// What is left of a name without its digits.
  static func text(_ name: some StringProtocol) -> String {
    String(name.filter { !("0"..."9").contains($0) })
  }

  private enum Part: Comparable {
    case number(length: Int, digits: String)
    case text(String)
  }

  init(_ name: String) {
    var parts: [Part] = []
    var rest = name.unicodeScalars[...]
    func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
    while let first = rest.first {
      let run = rest.prefix { isDigit($0) == isDigit(first) }
      rest = rest.dropFirst(run.count)
      let text = String(run)
      parts.append(isDigit(first) ? .number(length: run.count, digits: text) : .text(text))
    }
    self.parts = parts
  }

  static func < (one: NaturalOrder, other: NaturalOrder) -> Bool {
    one.parts.lexicographicallyPrecedes(other.parts)
  }
}
