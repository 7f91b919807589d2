import ConvoyFileAccess
import Foundation

extension ClassWeights {
  /// The largest file that is read, in bytes: more than enough for the most classes.
  private static let largestFile = 1 << 22

  /// Reads a text file of numbers, one a line or several between commas. Spaces around a number and
  /// empty lines at the end do not count.
  ///
  /// - Throws: `FileError`, or `ClassWeightsError` with the first line that is wrong.
  package init(contentsOf path: String) throws {
    let data = try FileContents.read(path, limit: Self.largestFile)
    var lines = String(decoding: data, as: UTF8.self)
      .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    while lines.count > 1, lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    var numbers: [Double] = []
    for (index, line) in lines.enumerated() {
      for part in line.split(separator: ",", omittingEmptySubsequences: false) {
        let text = part.trimmingWhitespace()
        guard let number = Self.number(text) else {
          throw ClassWeightsError(path: path, line: index + 1, found: String(text.prefix(60)))
        }
        numbers.append(number)
      }
    }
    self = .listed(numbers)
  }
}

extension Substring {
  fileprivate func trimmingWhitespace() -> Substring {
    let rest = drop(while: \.isWhitespace)
    guard let last = rest.lastIndex(where: { !$0.isWhitespace }) else {
      return rest[..<rest.startIndex]
    }
    return rest[...last]
  }
}

/// A line of a file of class weights that is not made of weights.
package struct ClassWeightsError: Error, Sendable, Equatable, CustomStringConvertible {
  package let path: String
  /// Counted from 1.
  package let line: Int
  package let found: String

  package var description: String {
    let range = ClassWeights.range
    return "\(path): line \(line): expected numbers, 0 or from \(range.lowerBound) to "
      + "\(range.upperBound), between commas if there are several, found '\(found)'"
  }
}
