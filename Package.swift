// swift-tools-version: 6.2
import PackageDescription

// Read from top to bottom: leaf targets first, arrows one way only.

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
  name: "Convoy",
  platforms: [.macOS(.v26)],
  targets: [
    // System zlib, for gzipped data sets and checksums.
    .systemLibrary(name: "CZlib"),
    // Options, help and suggestions of the command line.
    .target(name: "CommandLineOptions", swiftSettings: strict),
    // Files read with their errors named, and written whole or not at all.
    .target(name: "FileAccess", swiftSettings: strict),
    // Tensors with names in a file.
    .target(name: "Safetensors", dependencies: ["FileAccess"], swiftSettings: strict),
    // MNIST, Fashion-MNIST, EMNIST and CIFAR-10 as they are distributed.
    .target(name: "Datasets", dependencies: ["CZlib"], swiftSettings: strict),
    // Every layer in plain scalar loops: what the kernels must compute.
    .target(name: "Reference", swiftSettings: strict),

    // Tests of each target, in the same order.
    .testTarget(
      name: "CommandLineOptionsTests", dependencies: ["CommandLineOptions"],
      swiftSettings: strict),
    .testTarget(
      name: "FileAccessTests", dependencies: ["FileAccess"], swiftSettings: strict),
    .testTarget(
      name: "SafetensorsTests", dependencies: ["FileAccess", "Safetensors"],
      swiftSettings: strict),
    .testTarget(
      name: "DatasetsTests", dependencies: ["CZlib", "Datasets"], swiftSettings: strict),
    .testTarget(name: "ReferenceTests", dependencies: ["Reference"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
