// swift-tools-version: 6.2
import PackageDescription

// Read from top to bottom: leaf targets first, arrows one way only.

/// Warnings are errors, except in the product's targets: SwiftPM suppresses the warnings of packages
/// required by version, and the compiler refuses both options at once. `.ci/run` covers these.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// Inner loops keep their speed in debug builds, so that `swift test` needs no release build. Functions
/// begin at cache lines: elsewhere, the same loop takes up to 28% longer on a busy pair of cores.
///
/// In debug builds Swift Build looks for the dependencies of a target's first file, in the order of
/// paths, where a whole-module compilation writes those of the module. So the first file of such a
/// target bears the target's name, and its other files are in a folder that follows.
let optimized: [SwiftSetting] = [
  .unsafeFlags([
    "-Ounchecked", "-disable-batch-mode", "-wmo", "-num-threads", "2", "-Xcc", "-fno-math-errno",
    "-Xllvm", "-align-all-functions=6",
  ])
]

/// Optimized with its checks: for what others import, and for what the tests compare with.
let checkedAndOptimized: [SwiftSetting] = [.unsafeFlags(["-O", "-Xcc", "-fno-math-errno"])]

#if arch(x86_64)
  /// The same kernel sources once more for each instruction set beyond the baseline (SSE2).
  let instructionSets: [(name: String, architecture: String)] = [
    ("AVX2", "x86-64-v3"), ("AVX512", "x86-64-v4"),
  ]
#else
  /// On arm64 the baseline is NEON already.
  let instructionSets: [(name: String, architecture: String)] = []
#endif

let kernelVariants: [Target] = instructionSets.map { name, architecture in
  .target(
    name: "Kernels\(name)",
    dependencies: ["KernelInterface"],
    swiftSettings: strict + optimized + [
      .unsafeFlags(["-Xcc", "-march=\(architecture)"]), .define(name),
    ])
}

/// AVX2 only: a wider vector would wait for memory.
let optimizerVariants: [Target] = instructionSets.filter { $0.name == "AVX2" }
  .map { name, architecture in
    .target(
      name: "OptimizerLoops\(name)", dependencies: ["OptimizerLoopInterface"],
      swiftSettings: optimized + [.unsafeFlags(["-Xcc", "-march=\(architecture)"])])
  }

let package = Package(
  name: "Convoy",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "convoy", targets: ["convoy"]),
    .library(name: "Optimizers", targets: ["Optimizers"]),
  ],
  targets: [
    // Asks the processor what it has, and how it treats denormal numbers.
    .target(name: "CPUFeatures"),
    // The memory and the cores that the system leaves this process; what only C can ask.
    .target(name: "CProcessLimits"),
    .target(name: "ProcessLimits", dependencies: ["CProcessLimits"], swiftSettings: strict),
    // What a loop over parameters is told...
    .target(name: "OptimizerLoopInterface"),
    // ... the loops of all update rules...
    .target(
      name: "OptimizerLoops", dependencies: ["OptimizerLoopInterface"], swiftSettings: optimized),
    // ... and the rules, for any flat array of parameters. A product of its own: knows no network.
    .target(
      name: "Optimizers",
      dependencies: ["CPUFeatures", "OptimizerLoopInterface", "OptimizerLoops"]
        + optimizerVariants.map { .init(stringLiteral: $0.name) },
      swiftSettings: checkedAndOptimized),

    // System zlib, for gzipped data sets and checksums.
    .systemLibrary(name: "CZlib"),
    // Random numbers as a pure function of (seed, purpose, epoch, sample, counter).
    .target(name: "KeyedRandom", swiftSettings: strict),
    // Options, help and suggestions of the command line.
    .target(name: "CommandLineOptions", swiftSettings: strict),
    // Files read with their errors named, and written whole or not at all.
    .target(name: "FileAccess", swiftSettings: strict),
    // JSON from anywhere, read by the letter.
    .target(name: "StrictJSON", swiftSettings: strict),
    // Tensors with names in a file.
    .target(
      name: "Safetensors", dependencies: ["FileAccess", "ProcessLimits", "StrictJSON"],
      swiftSettings: strict),
    // MNIST, Fashion-MNIST, EMNIST and CIFAR-10 as they are distributed.
    .target(
      name: "Datasets", dependencies: ["CZlib", "ProcessLimits"], swiftSettings: strict),
    // Every layer in plain scalar loops: what the kernels must compute.
    .target(name: "Reference", swiftSettings: strict + checkedAndOptimized),

    // What a kernel is told, and the set of kernels an instruction set offers.
    .target(name: "KernelInterface", dependencies: ["CPUFeatures"], swiftSettings: strict),
    // The loops, for the instruction set every processor of its kind has...
    .target(
      name: "Kernels", dependencies: ["KernelInterface"], swiftSettings: strict + optimized),
  ]
    // ... and, from the same sources, for those it may have.
    + kernelVariants + optimizerVariants + [
      // Picks the kernels for this processor.
      .target(
        name: "KernelDispatch",
        dependencies: ["CPUFeatures", "KernelInterface", "Kernels"]
          + kernelVariants.map { .init(stringLiteral: $0.name) },
        swiftSettings: strict),

      // Layers as the user describes them, and the plan of stages that runs them.
      .target(
        name: "NeuralNetwork", dependencies: ["KernelInterface", "KeyedRandom", "StrictJSON"],
        swiftSettings: strict),
      // The worker team, the trainer, metrics and model files.
      .target(
        name: "Training",
        dependencies: [
          "CPUFeatures", "CZlib", "Datasets", "FileAccess", "KernelInterface", "KeyedRandom",
          "NeuralNetwork", "Optimizers", "ProcessLimits", "Safetensors", "StrictJSON",
        ],
        swiftSettings: strict),
      // The commands: options in, training, results out.
      .target(
        name: "ConvoyCommands",
        dependencies: [
          "CommandLineOptions", "Datasets", "FileAccess", "KernelDispatch", "KernelInterface",
          "NeuralNetwork", "Optimizers", "ProcessLimits", "Training",
        ],
        swiftSettings: strict),
      .executableTarget(
        name: "convoy", dependencies: ["ConvoyCommands"], swiftSettings: strict),

      // The benchmarks: what is measured and how it is told.
      .target(
        name: "BenchmarkCommands",
        dependencies: [
          "CPUFeatures", "CommandLineOptions", "ConvoyCommands", "Datasets", "FileAccess",
          "KernelInterface", "KeyedRandom", "NeuralNetwork", "Optimizers", "ProcessLimits",
          "Reference", "TestSupport", "Training",
        ],
        path: "Benchmarks/BenchmarkCommands", swiftSettings: strict),
      .executableTarget(
        name: "benchmarks", dependencies: ["BenchmarkCommands", "ConvoyCommands"], path: "Benchmarks/benchmarks",
        swiftSettings: strict),

      // What several tests use: layouts, guarded memory, error bounds and temporary files.
      .target(
        name: "TestSupport", dependencies: ["CZlib", "KernelInterface", "Reference"],
        path: "Tests/TestSupport", swiftSettings: strict + checkedAndOptimized),
      .testTarget(
        name: "TestSupportTests",
        dependencies: ["KernelDispatch", "KernelInterface", "Reference", "TestSupport"],
        swiftSettings: strict),
      // Tests of each target, in the same order.
      .testTarget(
        name: "OptimizersTests",
        dependencies: ["OptimizerLoopInterface", "Optimizers", "TestSupport"],
        exclude: ["Fixtures"], swiftSettings: strict),
      .testTarget(
        name: "ProcessLimitsTests", dependencies: ["ProcessLimits", "TestSupport"],
        swiftSettings: strict),
      .testTarget(name: "KeyedRandomTests", dependencies: ["KeyedRandom"], swiftSettings: strict),
      .testTarget(
        name: "CommandLineOptionsTests", dependencies: ["CommandLineOptions"],
        swiftSettings: strict),
      .testTarget(
        name: "FileAccessTests", dependencies: ["FileAccess", "TestSupport"],
        swiftSettings: strict),
      .testTarget(
        name: "SafetensorsTests", dependencies: ["FileAccess", "Safetensors"],
        swiftSettings: strict),
      .testTarget(
        name: "DatasetsTests", dependencies: ["Datasets", "TestSupport"], swiftSettings: strict),
      .testTarget(
        name: "ConvoyCommandsTests",
        // The tool itself too: signals and full disks are tried on a process of its own.
        dependencies: [
          "ConvoyCommands", "FileAccess", "KernelDispatch", "KernelInterface", "NeuralNetwork",
          "Optimizers", "Safetensors", "TestSupport", "Training", "convoy",
        ],
        swiftSettings: strict),
      .testTarget(
        name: "BenchmarkCommandsTests",
        dependencies: [
          "BenchmarkCommands", "ConvoyCommands", "NeuralNetwork", "benchmarks",
        ],
        swiftSettings: strict),
      .testTarget(
        name: "ReferenceTests", dependencies: ["Reference", "TestSupport"], swiftSettings: strict),
      .testTarget(
        name: "KernelDispatchTests",
        dependencies: ["KernelDispatch", "KernelInterface", "Reference", "TestSupport"],
        swiftSettings: strict),
      .testTarget(
        name: "NeuralNetworkTests",
        dependencies: [
          "KernelDispatch", "KernelInterface", "KeyedRandom", "NeuralNetwork", "Reference",
        ],
        swiftSettings: strict),
      .testTarget(
        name: "TrainingTests",
        dependencies: [
          "Datasets", "FileAccess", "KernelDispatch", "KernelInterface", "KeyedRandom",
          "NeuralNetwork", "Optimizers", "ProcessLimits", "Safetensors", "TestSupport", "Training",
        ],
        swiftSettings: strict),

      // Every format of files, with what its mutants must keep to; also for Tests/LibFuzzer.
      .target(
        name: "FileFuzzing",
        dependencies: [
          "Datasets", "KernelDispatch", "NeuralNetwork", "ProcessLimits", "Safetensors",
          "TestSupport", "Training",
        ],
        path: "Tests/FileFuzzing", swiftSettings: strict),
      .testTarget(
        name: "FileFuzzingTests", dependencies: ["FileFuzzing", "TestSupport"],
        swiftSettings: strict),
    ],
  swiftLanguageModes: [.v6]
)
