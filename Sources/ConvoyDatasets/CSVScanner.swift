/// Scans the rows of a table of images, one chunk of bytes after another.
struct CSVScanner<Source: ByteSource> {
  private let layout: CSVLayout
  private let source: Source
  private(set) var pixels: [UInt8] = []
  private(set) var labels: [UInt16] = []
  private var line = 1
  private var column = 0
  private var state = State.beforeNumber
  /// Of the digits so far, and no larger than the first one above all limits.
  private var value = 0

  /// The place within a field.
  private enum State {
    case beforeNumber, inNumber, afterQuote, inQuotedNumber, afterNumber, afterCarriageReturn
  }

  init(_ layout: CSVLayout, _ source: Source) {
    self.layout = layout
    self.source = source
  }

  /// The first line was read otherwise.
  mutating func skipLine() { line += 1 }

  mutating func scan(_ chunk: [UInt8]) throws(DatasetError) {
    try reserve(for: chunk.count)
    var index = 0
    while index < chunk.count {
      // Most fields are digits and a comma.
      if state == .beforeNumber, let pixel = plainPixel(chunk, &index) {
        pixels.append(pixel)
        column += 1
        continue
      }
      let byte = chunk[index]
      defer { index += 1 }
      let digit = byte &- UInt8(ascii: "0")
      if digit <= 9 {
        switch state {
        case .inNumber, .inQuotedNumber: break
        case .beforeNumber: state = .inNumber
        case .afterQuote: state = .inQuotedNumber
        case .afterNumber, .afterCarriageReturn: throw damage(chunk, index)
        }
        if value <= Int(UInt16.max) { value = value * 10 + Int(digit) }
        continue
      }
      switch (byte, state) {
      case (UInt8(ascii: ","), .inNumber), (UInt8(ascii: ","), .afterNumber):
        try endField(chunk, index)
      case (CSV.newline, .inNumber), (CSV.newline, .afterNumber),
        (CSV.newline, .afterCarriageReturn):
        try endLine(chunk, index)
      case (CSV.newline, .beforeNumber) where column == 0: line += 1
      case (CSV.carriageReturn, .inNumber), (CSV.carriageReturn, .afterNumber):
        state = .afterCarriageReturn
      case (CSV.carriageReturn, .beforeNumber) where column == 0: break
      case (CSV.quote, .beforeNumber): state = .afterQuote
      case (CSV.quote, .inQuotedNumber): state = .afterNumber
      case (CSV.space, .inNumber), (CSV.tab, .inNumber): state = .afterNumber
      case (CSV.space, .beforeNumber), (CSV.tab, .beforeNumber), (CSV.space, .afterNumber),
        (CSV.tab, .afterNumber):
        break
      default: throw damage(chunk, index)
      }
    }
  }

  /// The pixel in a field of one to three digits and a comma; nil for any other, which `index` then
  /// stays before.
  @inline(__always)
  private func plainPixel(_ chunk: [UInt8], _ index: inout Int) -> UInt8? {
    // With four bytes left, no end of the chunk need be looked for.
    guard column < layout.columns - 1, column != layout.labelColumn, column != layout.indexColumn,
      chunk.count - index >= 4
    else { return nil }
    var value = chunk[index] &- UInt8(ascii: "0")
    guard value <= 9 else { return nil }
    var next = index + 1
    var number = Int(value)
    for _ in 0..<2 {
      value = chunk[next] &- UInt8(ascii: "0")
      guard value <= 9 else { break }
      number = number * 10 + Int(value)
      next += 1
    }
    guard number <= UInt8.max, chunk[next] == UInt8(ascii: ",") else { return nil }
    index = next + 1
    return UInt8(number)
  }

  /// Ends the last line, if that has no newline.
  mutating func end() throws(DatasetError) {
    if column > 0 || state != .beforeNumber { try scan([CSV.newline]) }
  }

  /// A value takes two bytes at least, one for what ends it.
  private mutating func reserve(for byteCount: Int) throws(DatasetError) {
    let needed = pixels.count + byteCount / 2 + 1
    if needed > pixels.capacity {
      let capacity = max(needed, 2 * pixels.capacity)
      try source.verifyMemory(byteCount: capacity)
      pixels.reserveCapacity(capacity)
    }
  }

  @inline(__always)
  private mutating func endField(_ chunk: [UInt8], _ index: Int) throws(DatasetError) {
    if column == layout.labelColumn {
      guard let label = UInt16(exactly: value) else { throw damage(chunk, index) }
      labels.append(label)
    } else if column != layout.indexColumn {
      guard let pixel = UInt8(exactly: value) else { throw damage(chunk, index) }
      guard column < layout.columns else { throw wrongCount(column + 1) }
      pixels.append(pixel)
    }
    column += 1
    value = 0
    state = .beforeNumber
  }

  private mutating func endLine(_ chunk: [UInt8], _ index: Int) throws(DatasetError) {
    try endField(chunk, index)
    guard column == layout.columns else { throw wrongCount(column) }
    column = 0
    line += 1
  }

  private func wrongCount(_ found: Int) -> DatasetError {
    .damaged(
      file: source.path, at: .field(line: line, column: found),
      expected: "\(layout.columns) values in each line, as in the first", found: "\(found)")
  }

  /// - Parameter index: of the first byte that does not fit, or after a number that is too large.
  private func damage(_ chunk: [UInt8], _ index: Int) -> DatasetError {
    func isEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ",") || byte == CSV.newline }
    let start = chunk[..<index].lastIndex(where: isEnd).map { $0 + 1 } ?? 0
    let end = chunk[index...].firstIndex(where: isEnd) ?? chunk.count
    let field = chunk[start..<end]
    let limit =
      switch column {
      case layout.labelColumn: "a label from 0 to 65535"
      case layout.indexColumn: "a row number"
      default: "a pixel from 0 to 255"
      }
    return .damaged(
      file: source.path, at: .field(line: line, column: column + 1), expected: limit,
      found: field.isEmpty ? "nothing" : DatasetError.quoted(field))
  }
}

/// Bytes with a meaning in a table of comma-separated values.
enum CSV {
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let quote = UInt8(ascii: "\"")
  static let space = UInt8(ascii: " ")
  static let tab = UInt8(ascii: "\t")
}
