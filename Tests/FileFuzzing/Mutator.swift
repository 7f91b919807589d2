import ConvoyTestSupport

/// Spoils files by chance: the same way for the same seed, on every machine.
package struct Mutator {
  var generator: SeededGenerator
  private let words: [[UInt8]]
  /// Whole files, from which pieces are taken over.
  private let others: [[UInt8]]

  package init(seed: UInt64, words: [String], others: [[UInt8]]) {
    generator = SeededGenerator(seed: seed)
    self.words = words.map { Array($0.utf8) }
    self.others = others
  }

  /// The file after a change or a few.
  package mutating func mutant(of file: [UInt8]) -> [UInt8] {
    var bytes = file
    repeat {
      change(&bytes)
    } while generator.chance(of: 0.4)
    return bytes
  }

  /// The file with another number in the place of one that is written in digits.
  mutating func mutantNumber(of file: [UInt8]) -> [UInt8] {
    var bytes = file
    guard !file.isEmpty else { return file }
    overwriteDigits(in: &bytes, from: generator.integer(in: 0...file.count - 1))
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else {
      bytes = noise()
      return
    }
    let place = generator.integer(in: 0...bytes.count - 1)
    switch generator.pick(Mutation.allCases) {
    case .flipBit: bytes[place] ^= 1 << generator.integer(in: 0...7)
    case .setByte:
      bytes[place] = generator.pick([0, 1, 0x7F, 0x80, 0xFF, 0x20, 0x22, 0x2C, 0x2D, 0x30, 0x5B])
    case .randomByte: bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
    case .truncate: bytes.removeSubrange(place...)
    case .extend: bytes += noise()
    case .delete: bytes.removeSubrange(block(of: bytes, from: place))
    case .duplicate:
      let block = block(of: bytes, from: place)
      bytes.insert(contentsOf: bytes[block], at: generator.pick([place, block.upperBound]))
    case .copy:
      let block = block(of: bytes, from: place)
      let target = generator.integer(in: 0...bytes.count - block.count)
      bytes.replaceSubrange(target..<target + block.count, with: Array(bytes[block]))
    case .splice:
      let other = generator.pick(others)
      guard !other.isEmpty else { return }
      let first = generator.integer(in: 0...other.count - 1)
      bytes.replaceSubrange(
        block(of: bytes, from: place), with: other[block(of: other, from: first)])
    case .overwriteInteger: overwriteInteger(in: &bytes, at: place)
    case .overwriteDigits: overwriteDigits(in: &bytes, from: place)
    case .insertWord:
      guard !words.isEmpty else { return }
      bytes.insert(contentsOf: generator.pick(words), at: place)
    case .overwriteWord:
      guard !words.isEmpty else { return }
      let word = generator.pick(words).prefix(bytes.count - place)
      bytes.replaceSubrange(place..<place + word.count, with: word)
    }
  }

  private mutating func noise() -> [UInt8] {
    let isZero = generator.chance(of: 0.3)
    return (0..<generator.integer(in: 1...40)).map { _ in
      isZero ? 0 : UInt8.random(in: .min ... .max, using: &generator)
    }
  }

  /// Short blocks more often than long ones.
  private mutating func block(of bytes: [UInt8], from place: Int) -> Range<Int> {
    let longest = generator.pick([1, 4, 16, 64, 1_024])
    return place..<min(bytes.count, place + generator.integer(in: 1...longest))
  }

  private mutating func overwriteInteger(in bytes: inout [UInt8], at place: Int) {
    let width = generator.pick([1, 2, 4, 8])
    guard place + width <= bytes.count else { return }
    let isLittle = generator.chance(of: 0.5)
    let field = bytes[place..<place + width]
    let old = (isLittle ? Array(field.reversed()) : Array(field))
      .reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let number = boundary(width: width, old: old, fileSize: bytes.count)
    let big = (0..<width).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    bytes.replaceSubrange(place..<place + width, with: isLittle ? big.reversed() : big)
  }

  /// A number at which an integer of some bytes, or arithmetic with it, may break.
  private mutating func boundary(width: Int, old: UInt64, fileSize: Int) -> UInt64 {
    let power = UInt64(1) << UInt64(generator.integer(in: 0...8 * width - 1))
    let size = UInt64(fileSize)
    return generator.pick([
      0, 1, .max, power, power &- 1, power &+ 1, 0 &- power, old &+ 1, old &- 1, old &* 2, size,
      size &+ 1, size &- 1,
    ])
  }

  /// Puts another number in the place of the next one that is written in digits.
  private mutating func overwriteDigits(in bytes: inout [UInt8], from place: Int) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let first = bytes[place...].firstIndex(where: digits.contains) else { return }
    let last = bytes[first...].firstIndex { !digits.contains($0) } ?? bytes.count
    let number = boundary(width: 8, old: 8, fileSize: bytes.count)
    let text = generator.pick([
      "\(number)", "\(Int64(bitPattern: number))", "\(number).0", "-0", "1e999", "1e-999", "2.5",
      "00", "1e3", String(repeating: "9", count: 400),
    ])
    bytes.replaceSubrange(first..<last, with: text.utf8)
  }
}
