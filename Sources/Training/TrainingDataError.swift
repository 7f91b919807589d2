/// Why images do not go with a network.
package enum TrainingDataError: Error, Sendable, Equatable, CustomStringConvertible {
  case shape(source: String, expected: String, found: String)
  case label(source: String, image: Int, classes: Int, found: Int)

  package var description: String {
    switch self {
    case .shape(let source, let expected, let found):
      "\(source): expected images of \(expected), as the network was made for, found \(found)"
    case .label(let source, let image, let classes, let found):
      "\(source): image \(image): expected a label below \(classes), the network's outputs, "
        + "found \(found)"
    }
  }
}
