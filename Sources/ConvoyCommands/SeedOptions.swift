import ConvoyCommandLineOptions

/// `--seeds`: several runs that differ in their seed.
enum SeedOptions {
  static let option = OptionDescription.value(
    "seeds", "first:last",
    help: "Train once for each seed from the first to the last, such as 0:4, and print the results "
      + "with their mean and standard deviation. --log run.jsonl is then run-0.jsonl and so on, a log for "
      + "each seed, and --output likewise; no other file is written.")

  static let mostSeeds: UInt64 = 1_000

  /// A number alone is taken for how many.
  private static func suggestion(for text: String) -> String? {
    UInt64(text).flatMap { (1...mostSeeds).contains($0) ? "0:\($0 - 1)" : nil }
  }

  /// The seeds in their order; nil for a single run.
  static func seeds(_ options: ParsedOptions) throws(UsageError) -> [UInt64]? {
    guard let text = options.string("seeds") else { return nil }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { UInt64($0) }
    guard parts.count == 2, let first = parts[0], let last = parts[1], first <= last,
      last - first < mostSeeds
    else {
      throw .invalidValue(
        option: "--seeds", expected: "the first and the last of at most 1,000 seeds, such as 0:4",
        found: text, suggestion: suggestion(for: text))
    }
    for name in ["seed", "report", "tensorboard", "checkpoint", "resume"]
    where options.isGiven(name) {
      throw .invalidCombination("--seeds: expected no --\(name) beside it, found one")
    }
    return Array(first...last)
  }

  /// A file of one of several runs: `run.jsonl` becomes `run-3.jsonl`.
  static func path(_ path: String, ofSeed seed: UInt64) -> String {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    // A dot at the beginning hides a file, and ends no name.
    guard let dot = name.dropFirst().lastIndex(of: ".") else { return "\(path)-\(seed)" }
    return "\(path[..<dot])-\(seed)\(path[dot...])"
  }
}
