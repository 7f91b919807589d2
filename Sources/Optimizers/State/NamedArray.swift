/// Numbers with a name, as a model file holds them.
public struct NamedArray: Sendable, Equatable {
  public let name: String
  public let values: [Float]

  public init(name: String, values: [Float]) {
    self.name = name
    self.values = values
  }
}
