/// What a contestant's process is told first: one line of JSON.
struct ContestantJob: Codable, Sendable {
  /// The text of an architecture file.
  var architecture: String
  /// Channels, height and width.
  var input: [Int]
  var batch: Int
  var threads: Int
  var mode: Workload.Mode
  /// How the contestant is to do it, where it knows several ways.
  var variant: String
  /// Adam's.
  var learningRate: Double
  /// The file of the images: bytes, each image row, column, channel.
  var images: String
  /// The file of their labels: bytes.
  var labels: String
  /// How many images there are.
  var count: Int
}
