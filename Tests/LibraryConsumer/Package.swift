// swift-tools-version: 6.2
import PackageDescription

// A package of somebody else's, who trains a network and uses it:
//
//     swift run -c release --package-path Tests/LibraryConsumer TrainDigits data/mnist
//
// fails if the network does not learn.

let package = Package(
  name: "LibraryConsumer",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "Convoy", path: "../..")],
  targets: [
    .executableTarget(
      name: "TrainDigits", dependencies: [.product(name: "Convoy", package: "Convoy")]),
    .executableTarget(
      name: "TrainTogether", dependencies: [.product(name: "Convoy", package: "Convoy")]),
    .executableTarget(
      name: "MeasureLatency", dependencies: [.product(name: "Convoy", package: "Convoy")]),
  ],
  swiftLanguageModes: [.v6]
)
