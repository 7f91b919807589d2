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
