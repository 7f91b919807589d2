/// The name of an IDX file, and what it says about the file.
struct IDXFileName {
  let text: String
  /// `MNIST` for the names that MNIST and Fashion-MNIST share; otherwise, for example,
  /// `emnist-balanced`.
  let dataset: String
  let split: Dataset.Split
  let content: IDXContent
  let isCompressed: Bool

  /// Nil when `text` is not the name of an IDX file of a known data set.
  init?(_ text: String) {
    let isCompressed = text.hasSuffix(Self.compressedEnding)
    let stem = isCompressed ? text.dropLast(Self.compressedEnding.count) : text[...]
    for content in IDXContent.allCases {
      guard let ending = content.nameEndings.first(where: { stem.hasSuffix("-\($0)") }) else {
        continue
      }
      let beginning = stem.dropLast(ending.count + 1)
      guard let (dataset, split) = Self.meaning(of: beginning) else { return nil }
      self.text = text
      self.dataset = dataset
      self.split = split
      self.content = content
      self.isCompressed = isCompressed
      return
    }
    return nil
  }

  /// Whether its images are stored column after column, as EMNIST's are (Cohen et al., 2017).
  var isTransposed: Bool { content == .images && dataset != Self.plainDataset }

  static let compressedEnding = ".gz"
  static let plainDataset = "MNIST"

  /// The beginning of a file name, before the `-` and the content.
  static func beginning(dataset: String, split: Dataset.Split) -> String {
    switch (dataset == plainDataset, split) {
    case (true, .training): "train"
    case (true, .test): "t10k"
    case (false, .training): "\(dataset)-train"
    case (false, .test): "\(dataset)-test"
    }
  }

  private static func meaning(of beginning: Substring) -> (String, Dataset.Split)? {
    for split in Dataset.Split.allCases {
      if beginning == Self.beginning(dataset: plainDataset, split: split) {
        return (plainDataset, split)
      }
      let ending = Self.beginning(dataset: "", split: split)
      let dataset = beginning.dropLast(ending.count)
      let collection = "emnist-"
      if beginning.hasSuffix(ending), dataset.hasPrefix(collection), dataset != collection {
        return (String(dataset), split)
      }
    }
    return nil
  }
}

/// What an IDX file of a data set holds.
enum IDXContent: String, CaseIterable {
  case images
  case labels

  /// The number of dimensions that the file must have: images by rows by columns, or labels.
  var rank: Int {
    switch self {
    case .images: 3
    case .labels: 1
    }
  }

  /// The first four bytes: two zeros, 8 for unsigned bytes, and the rank.
  var magicNumber: UInt32 { 0x0000_0800 | UInt32(rank) }

  /// The ends of file names, the preferred one first: both are in circulation.
  var nameEndings: [String] { ["-", "."].map { "\(rawValue)\($0)idx\(rank)-ubyte" } }
}
