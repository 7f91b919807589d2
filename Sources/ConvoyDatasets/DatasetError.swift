import ConvoyProcessLimits

/// Why a data set could not be read. Files and directories are given by their paths.
package enum DatasetError: Error, Equatable {
  case missingDirectory(directory: String)
  case notADirectory(file: String)
  /// No file in the directory has a name that is known; `expected` are examples of such names.
  case nothingFound(directory: String, expected: [String])
  /// More than one data set; `found` are their names.
  case ambiguous(directory: String, found: [String])
  /// A data set of which one file is absent under each of the names in `expected`.
  case incomplete(directory: String, dataset: String, expected: [String], found: [String])
  /// The operating system, or zlib for want of memory, refused.
  case unreadable(file: String, reason: String)

  /// Its contents would not fit.
  case memory(MemoryError)

  /// Fewer bytes, counted after decompression, than the format needs.
  case truncated(file: String, expected: Int, found: Int)
  /// More bytes, counted after decompression, than the header announces.
  case excess(file: String, expected: Int, foundAtLeast: Int)
  /// The file ends, after `found` bytes, before its compressed data do.
  case truncatedGzip(file: String, found: Int)
  /// Not gzip, or a stream that does not decode, or a checksum that does not fit. The offset
  /// counts compressed bytes.
  case damagedGzip(file: String, offset: Int, found: String)
  /// The header announces more bytes than `compressed` bytes can be decompressed to.
  case impossibleSize(file: String, expected: Int, compressed: Int, largest: Int)

  case wrongMagicNumber(file: String, expected: UInt32, found: UInt32)
  /// The wrong number of dimensions, as when images and labels have changed places.
  case wrongRank(file: String, expected: Int, found: Int)
  /// Images without rows or columns.
  case zeroSize(file: String, dimensions: [Int])
  case tooLarge(file: String, limit: Int, dimensions: [Int])
  case emptySet(file: String)

  /// A CIFAR-10 file that does not consist of whole records.
  case partialRecord(file: String, recordSize: Int, found: Int)
  case labelOutOfRange(file: String, offset: Int, classes: Int, found: Int)

  case countsDiffer(imagesFile: String, images: Int, labelsFile: String, labels: Int)
  case shapesDiffer(
    trainingFile: String, training: ImageShape, testFile: String, test: ImageShape)
  /// A test label that no training image can have taught.
  case unseenTestLabel(file: String, image: Int, label: Int, classes: Int)
}
