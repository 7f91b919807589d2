import ConvoyDatasets
import ConvoyTestSupport

/// Tables of comma-separated values with a label and images in each row.
struct CSVReader: FuzzedReader {
  static let seeds = [
    "label,a,b,c,d\n0,1,2,3,4\n3,255,6,70,8\n",
    "0,1,2,3,4,5,6,7,8,9\r\n9,10,20,30,40,50,60,70,80,90\r\n",
    "\"a\",\"label\"\n\"1\", \"2\" \n 3 ,4",
    "5,1,2,3\n6,4,5,6\n",
  ].map { Array($0.utf8) }
  static let words = [
    ",", "\n", "\r\n", "\"", " ", "label", "label,", "0,1,2,3,4\n", "1,2,3\n", "-", ".", "256",
    "65536", "00000000000", "\u{FEFF}", ",1,2,3,4,5",
  ]

  private let files: ImageSetFiles

  init() throws { files = try ImageSetFiles(spoiling: "train.csv") }

  static func isRefusal(_ error: any Error) -> Bool { error is DatasetError }

  func read(_ file: [UInt8]) throws {
    let set = try files.read(file)
    try Violation.require(
      set.pixels.count == set.count * set.shape.pixelCount, "pixels are not as many as announced")
    // Every value is a run of digits; names of columns may have more of them.
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let runs = file.split { !digits.contains($0) }
      .map { $0.reduce(0) { min($0, 1 << 20) * 10 + Int($1 - digits.lowerBound) } }
    let values = (set.labels.map { Int($0) } + set.pixels.map { Int($0) }).sorted()
    try Violation.require(values.count <= runs.count, "more values than the file has")
    let own = runs.suffix(values.count)
    try Violation.require(own.sorted() == values, "values are not the file's")
  }
}
