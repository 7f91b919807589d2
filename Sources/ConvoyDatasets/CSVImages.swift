/// Images in the rows of a table of comma-separated values (RFC 4180), as Kaggle's digit recognizer
/// has them: a label, then the pixels of an image, row by row. In colour, the channels of a pixel
/// are adjacent.
///
/// The first line may name the columns. The one called `label` or `class` then has the labels,
/// wherever it is; without one, the images have none. A first column without a name, pandas' row
/// numbers, is left out. Without names, the labels are in the first column. Numbers may have
/// quotes and spaces around them. Empty lines are skipped.
struct CSVImages {
  let shape: ImageShape
  let pixels: [UInt8]
  /// Nil if the table has none.
  let labels: [UInt16]?

  private static let chunkSize = 1 << 18
  /// Far more than the names of a large image's pixels take.
  private static let longestFirstLine = 1 << 24

  init(_ source: some ByteSource, labels expectation: CSVLayout.Labels) throws(DatasetError) {
    let first = try Self.firstLine(of: source)
    let layout = try CSVLayout(firstLine: first.line, file: source.path, labels: expectation)
    var scanner = CSVScanner(layout, source)
    if layout.hasNames {
      scanner.skipLine()
    } else {
      try scanner.scan(first.line + [CSV.newline])
    }
    var chunk = first.rest
    repeat {
      try scanner.scan(chunk)
      chunk = try source.upTo(Self.chunkSize)
    } while !chunk.isEmpty
    try scanner.end()
    guard !scanner.pixels.isEmpty else { throw .emptySet(file: source.path) }
    shape = layout.shape
    pixels = scanner.pixels
    labels = layout.labelColumn == nil ? nil : scanner.labels
  }

  static func layout(
    of source: some ByteSource, labels: CSVLayout.Labels
  ) throws(DatasetError) -> CSVLayout {
    try CSVLayout(firstLine: firstLine(of: source).line, file: source.path, labels: labels)
  }

  /// The first line without its end, and what was read after it.
  private static func firstLine(
    of source: some ByteSource
  ) throws(DatasetError) -> (line: [UInt8], rest: [UInt8]) {
    // Spreadsheets mark UTF-8 by these bytes.
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    var line = try source.upTo(mark.count)
    if line == mark { line = [] }
    if let end = line.firstIndex(of: CSV.newline) {
      return (Array(line[..<end]), Array(line[(end + 1)...]))
    }
    while true {
      let chunk = try source.upTo(chunkSize)
      if let end = chunk.firstIndex(of: CSV.newline) {
        line += chunk[..<end]
        return (line, Array(chunk[(end + 1)...]))
      }
      line += chunk
      if chunk.count < chunkSize { return (line, []) }
      guard line.count <= longestFirstLine else {
        throw .damaged(
          file: source.path, at: .field(line: 1, column: 1),
          expected: "a line of at most \(longestFirstLine) bytes", found: "a longer one")
      }
    }
  }
}
