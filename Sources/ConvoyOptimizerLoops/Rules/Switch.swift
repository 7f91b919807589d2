/// A choice made when code is compiled, so that no loop asks for it.
protocol Switch {
  static var isOn: Bool { get }
}

enum On: Switch {
  static var isOn: Bool { true }
}

enum Off: Switch {
  static var isOn: Bool { false }
}
