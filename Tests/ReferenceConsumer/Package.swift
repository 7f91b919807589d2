// swift-tools-version: 6.2
import PackageDescription

// A package of somebody else's, who learns how a CNN works with Convoy's plain reference:
//
//     swift run --package-path Tests/ReferenceConsumer
//
// trains a small network on handwritten digits, shows what its layers make of one, and fails if it
// has not learned.

let package = Package(
  name: "ReferenceConsumer",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "Convoy", path: "../..")],
  targets: [
    .executableTarget(
      name: "TrainDigits", dependencies: [.product(name: "ConvoyReference", package: "Convoy")])
  ],
  swiftLanguageModes: [.v6]
)
