import ConvoyReference
import Foundation

/// MNIST as this repository has it, in gzipped IDX files.
enum MNIST {
  struct Unreadable: Error, CustomStringConvertible {
    let description: String
  }

  /// - Parameters:
  ///   - part: `train` or `t10k`.
  ///   - folder: has the four files.
  static func samples(_ part: String, in folder: URL) throws -> ReferenceSamples<Float> {
    try ReferenceSamples(
      images: gunzip(folder.appending(path: "\(part)-images-idx3-ubyte.gz")),
      labels: gunzip(folder.appending(path: "\(part)-labels-idx1-ubyte.gz")))
  }

  private static func gunzip(_ file: URL) throws -> [UInt8] {
    let gzip = Process()
    gzip.executableURL = URL(filePath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-dc", file.path]
    let output = Pipe()
    gzip.standardOutput = output
    try gzip.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    gzip.waitUntilExit()
    guard gzip.terminationStatus == 0 else {
      throw Unreadable(description: "\(file.path): expected a gzipped file, gzip refused it")
    }
    return Array(bytes)
  }
}
