/// What the columns of a table of images are.
struct CSVLayout: Equatable {
  let columns: Int
  /// Nil if there are no labels.
  let labelColumn: Int?
  /// The column of pandas' row numbers, the first, whose name is empty; nil if there is none.
  let indexColumn: Int?
  let shape: ImageShape
  /// Whether the first line has names.
  let hasNames: Bool

  /// What to expect of a table.
  enum Labels {
    case required
    /// Without names, the first column is taken for labels only if the number of the others is that
    /// of an image and the number of all is not.
    case optional
  }

  init(firstLine: [UInt8], file: String, labels: Labels) throws(DatasetError) {
    let fields = firstLine.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    columns = fields.count
    // The names of pandas' columns may be numbers, but that of its row numbers is empty.
    let hasRowNumbers = fields.count > 1 && fields.first.map(Self.name) == ""
    hasNames =
      hasRowNumbers
      || firstLine.contains {
        ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z")
      }
    indexColumn = hasRowNumbers ? 0 : nil
    if hasNames {
      let names = fields.map(Self.name)
      let places = names.indices.filter { Self.labelNames.contains(names[$0]) }
      guard places.count <= 1 else {
        throw .damaged(
          file: file, at: .field(line: 1, column: places[1] + 1),
          expected: "one column called \(Self.labelNames.joined(separator: " or "))",
          found: "a second one")
      }
      labelColumn = places.first
    } else {
      let isLabeled = labels == .required || Self.shape(pixels: fields.count) == nil
      labelColumn = isLabeled ? 0 : nil
    }
    for (separator, name) in [(UInt8(ascii: ";"), "semicolons"), (CSV.tab, "tabs")]
    where fields.count == 1 && firstLine.contains(separator) {
      throw .damaged(
        file: file, at: .field(line: 1, column: 1), expected: "commas between columns", found: name)
    }
    if labels == .required, labelColumn == nil {
      throw .noLabels(file: file, found: fields.map { String(decoding: $0, as: UTF8.self) })
    }
    let count = fields.count - (labelColumn == nil ? 0 : 1) - (indexColumn == nil ? 0 : 1)
    guard let shape = Self.shape(pixels: count) else {
      throw .damaged(
        file: file, at: .field(line: 1, column: fields.count),
        expected: "as many pixels as a square image has, such as 784 for 28 × 28, or 3,072 for "
          + "32 × 32 in three channels; a .npy file can hold images of any size",
        found: "\(count)")
    }
    if shape.channels > 1, let labelColumn, hasNames, Self.name(fields[labelColumn]) == "class" {
      throw .damaged(
        file: file, at: .field(line: 1, column: labelColumn + 1),
        expected: "the name label, beside pixels whose three channels are adjacent",
        found: "class, beside which OpenML's tables have them one after another")
    }
    self.shape = shape
  }

  /// Names of the column of labels: Kaggle's, and OpenML's.
  static let labelNames = ["label", "class"]

  private static func name(_ field: ArraySlice<UInt8>) -> String {
    let name = field.filter { ![CSV.space, CSV.tab, CSV.quote, CSV.carriageReturn].contains($0) }
    return String(decoding: name, as: UTF8.self).lowercased()
  }

  /// A square of one channel, or else of three; nil for any other number.
  private static func shape(pixels: Int) -> ImageShape? {
    for channels in [1, 3] where pixels > 0 && pixels.isMultiple(of: channels) {
      let size = pixels / channels
      let side = Int(Double(size).squareRoot())
      if side * side == size { return ImageShape(channels: channels, height: side, width: side) }
    }
    return nil
  }
}
