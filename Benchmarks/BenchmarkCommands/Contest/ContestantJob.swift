/// The first line that a contestant's process reads, as JSON.
struct ContestantJob: Codable, Sendable {
  /// The text of an architecture file.
  var architecture: String
  /// Channels, height and width.
  var input: [Int]
  var batch: Int
  var threads: Int
  var mode: Workload.Mode
  /// The variant to run, for a contestant that has several.
  var variant: String
  /// The learning rate of Adam.
  var learningRate: Double
  /// The path of the images: bytes in the order image, row, column, channel.
  var images: String
  /// The path of their labels: bytes.
  var labels: String
  /// How many images there are.
  var count: Int
}
