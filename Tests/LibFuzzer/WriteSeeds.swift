import ConvoyFileFuzzing
import Foundation

/// Writes the sound files of each format to a directory of its name: where libFuzzer begins.
@main enum WriteSeeds {
  static func main() throws {
    let corpora = URL(filePath: CommandLine.arguments.dropFirst().first ?? "corpora")
    for format in FileFormat.allCases {
      let corpus = corpora.appending(path: format.rawValue)
      try FileManager.default.createDirectory(at: corpus, withIntermediateDirectories: true)
      for (number, seed) in try format.seeds.enumerated() {
        try Data(seed).write(to: corpus.appending(path: "seed-\(number)"))
      }
    }
  }
}
