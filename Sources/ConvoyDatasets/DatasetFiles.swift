/// The files of one data set, found but not yet read.
protocol DatasetFiles {
  /// What an error calls the data set.
  var name: String { get }

  /// Where the images of `split` are, for errors; the first file of several.
  func imagesPath(of split: Dataset.Split) -> String

  /// Where the labels of `split` are, likewise.
  func labelsPath(of split: Dataset.Split) -> String

  func read(_ split: Dataset.Split) throws(DatasetError) -> ImageSet
}
