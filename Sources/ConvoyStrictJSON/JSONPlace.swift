/// The way from the outermost value of a text to one inside, such as `layers 1.units`.
package struct JSONPlace: Equatable, Sendable, CustomStringConvertible {
  private enum Step: Equatable {
    case member(String)
    case element(Int)
  }

  private var steps: [Step] = []

  package init() {}

  package var isOutermost: Bool { steps.isEmpty }

  package func member(_ name: String) -> JSONPlace { appending(.member(name)) }
  package func element(_ index: Int) -> JSONPlace { appending(.element(index)) }

  package mutating func enterMember(_ name: String) { steps.append(.member(name)) }
  package mutating func enterElement(_ index: Int) { steps.append(.element(index)) }
  package mutating func leave() { steps.removeLast() }

  private func appending(_ step: Step) -> JSONPlace {
    var place = self
    place.steps.append(step)
    return place
  }

  package var description: String {
    steps.reduce(into: "") { text, step in
      switch step {
      case .member(let name): text += text.isEmpty ? brief(name) : ".\(brief(name))"
      case .element(let index): text += text.isEmpty ? "\(index)" : " \(index)"
      }
    }
  }
}
