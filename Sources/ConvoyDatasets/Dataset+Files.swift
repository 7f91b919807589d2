extension Dataset {
  /// Where the files of a data set are looked for.
  package static func directories(of directory: String) -> [String] {
    [directory, "\(directory)/\(CIFAR10Files.subdirectory)"]
  }

  /// Whether a file of this name, in one of those directories, is taken for one of a data set.
  package static func isFileName(_ name: String) -> Bool {
    IDXFileName(name) != nil || CIFAR10Files.isFileName(name)
  }
}
