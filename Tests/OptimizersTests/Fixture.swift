import Foundation

/// Files of the folder `Fixtures`, which PyTorch made.
enum Fixture {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().appending(path: "Fixtures")

  static func read<Content: Decodable>(_ name: String) throws -> Content {
    try JSONDecoder().decode(
      Content.self, from: Data(contentsOf: folder.appending(path: "\(name).json")))
  }
}
