import ConvoyPictures
import Foundation
import Testing

/// A picture file, and the pixels that Pillow or numpy gives for it.
struct PictureFixture: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let file: Data
  let width: Int
  let height: Int
  let channels: Int
  let pixels: Data
  let orientation: Int?
  let atLeast: [Int]?

  var testDescription: String { name }
  var bytes: [UInt8] { [UInt8](file) }

  var picture: Picture {
    Picture(width: width, height: height, channels: channels, bytes: [UInt8](pixels))
  }

  var smallestSize: PictureSize? {
    atLeast.map { PictureSize(width: $0[0], height: $0[1]) }
  }

  var isJPEG: Bool { name.hasPrefix("JPEG") }

  /// In `Fixtures`, with the script that wrote them.
  static let all: [PictureFixture] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/pictures.json")
    do {
      return try JSONDecoder().decode([PictureFixture].self, from: Data(contentsOf: file))
    } catch {
      fatalError("\(file.path): \(error)")
    }
  }()

  static let jpeg = all.filter(\.isJPEG)
  static let others = all.filter { !$0.isJPEG }

  static func named(_ name: String) throws -> PictureFixture {
    try #require(all.first { $0.name == name })
  }
}
