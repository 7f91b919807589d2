import ConvoyAugmentation
import ConvoyDatasets
import ConvoyRunReports
import ConvoyTraining

extension Augmentation {
  /// A picture of what training sees: a row for each of some images, spread over the samples, with the image
  /// first as it is, then as it is in the first epochs of a training with the same seed.
  ///
  /// ```swift
  /// let sheet = try Augmentation.photos.sheet(of: flowers.training)
  /// try sheet.writePNG(to: "sheet.png")
  /// ```
  ///
  /// - Parameters:
  ///   - samples: of bytes, with 1 or 3 channels.
  ///   - rows: images, from 1 to 64; fewer where there are fewer samples.
  ///   - columns: variations of each, from 1 to 64.
  ///   - seed: of the training.
  /// - Throws: `AugmentationError` if the augmentation does not fit the images; `DataError` for images
  ///   that are no pictures; `SettingsError` for counts out of range; `ConvoyError` if memory has no
  ///   room for the picture; and errors of an `ImageSource`.
  public func sheet(
    of samples: Samples, rows: Int = 8, columns: Int = 9, seed: UInt64 = 0
  ) throws -> Image {
    for (name, count) in [("rows", rows), ("columns", columns)] where !(1...64).contains(count) {
      throw SettingsError(setting: name, expected: "from 1 to 64", found: "\(count)")
    }
    guard !samples.areFloats else {
      throw DataError.unsuitable(expected: "images of bytes", found: "images of floats")
    }
    let channels = samples.shape.channels
    guard channels == 1 || channels == 3 else {
      throw DataError.unsuitable(expected: "images with 1 or 3 channels", found: "\(channels)")
    }
    return try ConvoyError.visibly {
      Image(
        try AugmentationSheet.picture(
          of: samples.images, self, rows: rows, columns: columns, seed: seed))
    }
  }
}
