// swift-tools-version: 6.2
import PackageDescription

// A package of somebody else's, who imports Convoy's optimizers and nothing more:
//
//     swift run --package-path Tests/OptimizersConsumer
//
// fits a curve with each of them, and fails if one does not.

let package = Package(
  name: "OptimizersConsumer",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "Convoy", path: "../..")],
  targets: [
    .executableTarget(
      name: "FitCurve", dependencies: [.product(name: "Optimizers", package: "Convoy")])
  ],
  swiftLanguageModes: [.v6]
)
