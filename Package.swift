// swift-tools-version: 6.2
import PackageDescription

// Read from top to bottom: leaf targets first, arrows one way only.

/// Warnings are errors, except in the product's targets: SwiftPM suppresses the warnings of packages
/// required by version, and the compiler refuses both options at once. `.ci/run` covers these.
let careful: [SwiftSetting] = [
  .treatAllWarnings(as: .error), .enableUpcomingFeature("MemberImportVisibility"),
]

/// What may be unsafe says so, except in loops, of which all are.
let strict: [SwiftSetting] = careful + [.strictMemorySafety()]

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

/// Optimized with its checks: for what others import, what the tests compare with, and what they run
/// most.
let checkedAndOptimized: [SwiftSetting] = [.unsafeFlags(["-O", "-Xcc", "-fno-math-errno"])]

/// As a whole module, so that generic loops are specialised. Its first file bears the target's name too.
let specialized: [SwiftSetting] = [
  .unsafeFlags(["-disable-batch-mode", "-wmo", "-num-threads", "2"])
]

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
    name: "ConvoyKernels\(name)",
    dependencies: ["ConvoyKernelInterface"],
    swiftSettings: careful + optimized + [
      .unsafeFlags(["-Xcc", "-march=\(architecture)"]), .define(name),
    ])
}

/// AVX2 only: a wider vector would wait for memory.
let optimizerVariants: [Target] = instructionSets.filter { $0.name == "AVX2" }
  .map { name, architecture in
    .target(
      name: "ConvoyOptimizerLoops\(name)", dependencies: ["ConvoyOptimizerLoopInterface"],
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
    .target(name: "ConvoyCPUFeatures"),
    // The memory and the cores that the system leaves this process; what only C can ask.
    .target(name: "ConvoyCProcessLimits"),
    .target(
      name: "ConvoyProcessLimits", dependencies: ["ConvoyCProcessLimits"], swiftSettings: strict),
    // What a loop over parameters is told...
    .target(name: "ConvoyOptimizerLoopInterface"),
    // ... the loops of all update rules...
    .target(
      name: "ConvoyOptimizerLoops", dependencies: ["ConvoyOptimizerLoopInterface"],
      swiftSettings: optimized),
    // ... and the rules, for any flat array of parameters. A product of its own: knows no network.
    .target(
      name: "Optimizers",
      dependencies: ["ConvoyCPUFeatures", "ConvoyOptimizerLoopInterface", "ConvoyOptimizerLoops"]
        + optimizerVariants.map { .init(stringLiteral: $0.name) },
      swiftSettings: checkedAndOptimized + [.strictMemorySafety()]),

    // System zlib, for gzipped data sets and checksums.
    .systemLibrary(name: "ConvoyZlib"),
    // Random numbers as a pure function of (seed, purpose, epoch, sample, counter).
    .target(name: "ConvoyKeyedRandom", swiftSettings: strict + checkedAndOptimized),
    // Options, help and suggestions of the command line.
    .target(name: "ConvoyCommandLineOptions", swiftSettings: strict),
    // Files read with their errors named, and written whole or not at all.
    .target(name: "ConvoyFileAccess", swiftSettings: strict),
    // JSON from anywhere, read by the letter.
    .target(name: "ConvoyStrictJSON", swiftSettings: strict + checkedAndOptimized),
    // Tensors with names in a file.
    .target(
      name: "ConvoySafetensors",
      dependencies: ["ConvoyFileAccess", "ConvoyProcessLimits", "ConvoyStrictJSON"],
      swiftSettings: strict + checkedAndOptimized),
    // MNIST, Fashion-MNIST, EMNIST and CIFAR-10 as they are distributed.
    .target(
      name: "ConvoyDatasets", dependencies: ["ConvoyZlib", "ConvoyProcessLimits"],
      swiftSettings: strict),
    // Every layer in plain scalar loops: what the kernels must compute.
    .target(name: "ConvoyReference", swiftSettings: strict + checkedAndOptimized + specialized),

    // What a kernel is told, and the set of kernels an instruction set offers.
    .target(
      name: "ConvoyKernelInterface", dependencies: ["ConvoyCPUFeatures"], swiftSettings: strict),
    // The loops, for the instruction set every processor of its kind has...
    .target(
      name: "ConvoyKernels", dependencies: ["ConvoyKernelInterface"],
      swiftSettings: careful + optimized),
  ]
    // ... and, from the same sources, for those it may have.
    + kernelVariants + optimizerVariants + [
      // Picks the kernels for this processor.
      .target(
        name: "ConvoyKernelDispatch",
        dependencies: ["ConvoyCPUFeatures", "ConvoyKernelInterface", "ConvoyKernels"]
          + kernelVariants.map { .init(stringLiteral: $0.name) },
        swiftSettings: strict),

      // Layers as the user describes them, and the plan of stages that runs them.
      .target(
        name: "ConvoyNeuralNetwork",
        dependencies: ["ConvoyKernelInterface", "ConvoyKeyedRandom", "ConvoyStrictJSON"],
        swiftSettings: strict),
      // The worker team, the trainer, metrics and model files.
      .target(
        name: "ConvoyTraining",
        dependencies: [
          "ConvoyCPUFeatures", "ConvoyDatasets", "ConvoyFileAccess", "ConvoyKernelInterface",
          "ConvoyKeyedRandom", "ConvoyNeuralNetwork", "ConvoyProcessLimits", "ConvoySafetensors",
          "ConvoyStrictJSON", "ConvoyZlib", "Optimizers",
        ],
        swiftSettings: strict),
      // What a program of commands needs of a terminal and its process: results, progress, signals.
      .target(
        name: "ConvoyTerminal",
        dependencies: ["ConvoyCommandLineOptions", "ConvoyFileAccess", "ConvoyProcessLimits"],
        swiftSettings: strict),
      // The options that name a network, data and processor, in every command.
      .target(
        name: "ConvoyNetworkOptions",
        dependencies: [
          "ConvoyCommandLineOptions", "ConvoyFileAccess", "ConvoyKernelDispatch",
          "ConvoyKernelInterface", "ConvoyNeuralNetwork", "ConvoyProcessLimits",
        ],
        swiftSettings: strict),
      // The commands: options in, training, results out.
      .target(
        name: "ConvoyCommands",
        dependencies: [
          "ConvoyCommandLineOptions", "ConvoyDatasets", "ConvoyFileAccess", "ConvoyKernelInterface",
          "ConvoyNetworkOptions", "ConvoyNeuralNetwork", "ConvoyProcessLimits", "ConvoyTerminal",
          "ConvoyTraining", "Optimizers",
        ],
        swiftSettings: strict),
      .executableTarget(
        name: "convoy", dependencies: ["ConvoyCommands", "ConvoyTerminal"], swiftSettings: strict),

      // The benchmarks: what is measured and how it is told.
      .target(
        name: "ConvoyBenchmarkCommands",
        dependencies: [
          "ConvoyCommandLineOptions", "ConvoyCPUFeatures", "ConvoyDatasets", "ConvoyFileAccess",
          "ConvoyKernelInterface", "ConvoyKeyedRandom", "ConvoyNetworkOptions",
          "ConvoyNeuralNetwork", "ConvoyProcessLimits", "ConvoyTerminal",
          "ConvoyTestSupport", "ConvoyTraining", "Optimizers",
        ],
        path: "Benchmarks/BenchmarkCommands", swiftSettings: strict),
      .executableTarget(
        name: "benchmarks", dependencies: ["ConvoyBenchmarkCommands", "ConvoyTerminal"],
        path: "Benchmarks/benchmarks",
        swiftSettings: strict),

      // What several tests and the benchmarks use: trials of kernels against the reference, in guarded
      // memory and with error bounds; temporary files.
      .target(
        name: "ConvoyTestSupport",
        dependencies: ["ConvoyZlib", "ConvoyKernelInterface", "ConvoyReference"],
        path: "Tests/TestSupport", swiftSettings: careful + checkedAndOptimized),
      .testTarget(
        name: "TestSupportTests",
        dependencies: [
          "ConvoyKernelDispatch", "ConvoyKernelInterface", "ConvoyReference", "ConvoyTestSupport",
        ],
        swiftSettings: careful),
      // Tests of each target, in the same order.
      .testTarget(
        name: "OptimizersTests",
        dependencies: ["ConvoyOptimizerLoopInterface", "Optimizers", "ConvoyTestSupport"],
        exclude: ["Fixtures"], swiftSettings: careful),
      .testTarget(
        name: "ProcessLimitsTests", dependencies: ["ConvoyProcessLimits", "ConvoyTestSupport"],
        swiftSettings: careful),
      .testTarget(
        name: "KeyedRandomTests", dependencies: ["ConvoyKeyedRandom"], swiftSettings: careful),
      .testTarget(
        name: "CommandLineOptionsTests", dependencies: ["ConvoyCommandLineOptions"],
        swiftSettings: careful),
      .testTarget(
        name: "FileAccessTests", dependencies: ["ConvoyFileAccess", "ConvoyTestSupport"],
        swiftSettings: careful),
      .testTarget(
        name: "SafetensorsTests", dependencies: ["ConvoyFileAccess", "ConvoySafetensors"],
        swiftSettings: careful),
      .testTarget(
        name: "DatasetsTests", dependencies: ["ConvoyDatasets", "ConvoyTestSupport"],
        swiftSettings: careful),
      .testTarget(
        name: "ConvoyCommandsTests",
        // The tool itself too: signals and full disks are tried on a process of its own.
        dependencies: [
          "convoy", "ConvoyCommands", "ConvoyFileAccess", "ConvoyKernelDispatch",
          "ConvoyKernelInterface", "ConvoyNeuralNetwork", "ConvoySafetensors", "ConvoyTerminal",
          "ConvoyTestSupport", "ConvoyTraining", "Optimizers",
        ],
        swiftSettings: careful),
      .testTarget(
        name: "BenchmarkCommandsTests",
        dependencies: [
          "benchmarks", "ConvoyBenchmarkCommands", "ConvoyDatasets", "ConvoyNeuralNetwork",
          "ConvoyTerminal",
        ],
        swiftSettings: careful),
      .testTarget(
        name: "ReferenceTests", dependencies: ["ConvoyReference", "ConvoyTestSupport"],
        swiftSettings: careful),
      .testTarget(
        name: "KernelDispatchTests",
        dependencies: [
          "ConvoyKernelDispatch", "ConvoyKernelInterface", "ConvoyReference", "ConvoyTestSupport",
        ],
        swiftSettings: careful),
      .testTarget(
        name: "NeuralNetworkTests",
        dependencies: [
          "ConvoyKernelDispatch", "ConvoyKernelInterface", "ConvoyKeyedRandom",
          "ConvoyNeuralNetwork", "ConvoyReference",
        ],
        swiftSettings: careful),
      .testTarget(
        name: "TrainingTests",
        dependencies: [
          "ConvoyDatasets", "ConvoyKernelDispatch", "ConvoyKernelInterface",
          "ConvoyKeyedRandom", "ConvoyNeuralNetwork", "ConvoyProcessLimits", "ConvoySafetensors",
          "ConvoyTestSupport", "ConvoyTraining", "Optimizers",
        ],
        swiftSettings: careful),

      // Every format of files, with what its mutants must keep to; also for Tests/LibFuzzer.
      .target(
        name: "ConvoyFileFuzzing",
        dependencies: [
          "ConvoyDatasets", "ConvoyKernelDispatch", "ConvoyNeuralNetwork", "ConvoyProcessLimits",
          "ConvoySafetensors", "ConvoyTestSupport", "ConvoyTraining",
        ],
        path: "Tests/FileFuzzing", swiftSettings: careful),
      .testTarget(
        name: "FileFuzzingTests", dependencies: ["ConvoyFileFuzzing", "ConvoyTestSupport"],
        swiftSettings: careful),
    ],
  swiftLanguageModes: [.v6]
)
