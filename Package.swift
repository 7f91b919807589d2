// swift-tools-version: 6.2
import PackageDescription

// Read from top to bottom: leaf targets first, arrows one way only.

/// A member is visible where its module is imported. Warnings are errors in tests, and by a flag in
/// `.ci/run`: where another package requires this one, warnings are suppressed, and the compiler
/// refuses both at once. A debug build compiles a target's files in one batch, since each batch reads
/// the imported modules anew.
let careful: [SwiftSetting] = [
  .enableUpcomingFeature("MemberImportVisibility"), .unsafeFlags(["-driver-batch-count", "1"]),
]

/// Unsafe code must be marked, except in kernels, optimizer loops and their interface, where everything is
/// unsafe, and in tests.
let strict: [SwiftSetting] = careful + [.strictMemorySafety()]

/// Inner loops are optimized in debug builds too, so that `swift test` needs no release build.
/// Functions are aligned to cache lines: at other addresses, the same loop takes up to 28% longer
/// on a busy pair of cores.
///
/// In debug builds, Swift Build expects a target's dependency file under the name of its first
/// source file in path order, but a whole-module compilation names it after the module. So the
/// first file of such a target has the target's name, and its other files are in a folder that
/// sorts after it.
let optimized: [SwiftSetting] = [
  .unsafeFlags([
    "-Ounchecked", "-disable-batch-mode", "-wmo", "-num-threads", "2", "-Xcc", "-fno-math-errno",
    "-Xllvm", "-align-all-functions=6",
  ])
]

/// Optimized, with checks: for code that others import, that tests compare with, or that tests run
/// most.
let checkedAndOptimized: [SwiftSetting] = [.unsafeFlags(["-O", "-Xcc", "-fno-math-errno"])]

/// Whole-module compilation, so that generic loops are specialised. The first file has the target's
/// name here too.
let specialized: [SwiftSetting] = [
  .unsafeFlags(["-disable-batch-mode", "-wmo", "-num-threads", "2"])
]

/// Tests are compiled as whole modules: from clean, that takes about half the processor time. No
/// target waits for a test's interface, so it comes with the code: checked on its own before, it
/// took a fifth more.
let tests: [SwiftSetting] =
  careful + [
    .treatAllWarnings(as: .error),
    .unsafeFlags([
      "-disable-batch-mode", "-wmo", "-num-threads", "2", "-no-emit-module-separately-wmo",
    ]),
  ]

#if arch(x86_64)
  /// The kernel sources are compiled again for each instruction set beyond the baseline (SSE2).
  /// AVX512-BF16 is for products of bfloat16 alone, which are called where the processor has it
  /// (`.ci/check-symbols`).
  let instructionSets: [(name: String, flags: [String])] = [
    ("AVX2", ["-march=x86-64-v3"]), ("AVX512", ["-march=x86-64-v4", "-mavx512bf16"]),
  ]
#else
  /// On arm64 the baseline is NEON already.
  let instructionSets: [(name: String, flags: [String])] = []
#endif

let kernelVariants: [Target] = instructionSets.map { name, flags in
  .target(
    name: "ConvoyKernels\(name)",
    dependencies: ["ConvoyCPUFeatures", "ConvoyKernelInterface", "ConvoyVectors"],
    swiftSettings: careful + optimized + [
      .unsafeFlags(flags.flatMap { ["-Xcc", $0] }), .define(name),
    ])
}

/// AVX2 only: updates are limited by memory bandwidth, so wider vectors gain nothing.
let optimizerVariants: [Target] = instructionSets.filter { $0.name == "AVX2" }
  .map { name, flags in
    .target(
      name: "ConvoyOptimizerLoops\(name)", dependencies: ["ConvoyOptimizerLoopInterface"],
      swiftSettings: careful + optimized + [.unsafeFlags(flags.flatMap { ["-Xcc", $0] })])
  }

let package = Package(
  name: "Convoy",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "convoy", targets: ["ConvoyCommandLine"]),
    .library(name: "Convoy", targets: ["Convoy"]),
    .library(name: "Optimizers", targets: ["Optimizers"]),
    .library(name: "ConvoyReference", targets: ["ConvoyReference"]),
  ],
  targets: [
    // Detects instruction sets; sets how the processor treats denormal numbers; prefetches.
    .target(name: "ConvoyCPUFeatures"),
    // The memory and cores available to this process. The C target holds what only C can ask.
    .target(name: "ConvoyCProcessLimits"),
    .target(
      name: "ConvoyProcessLimits", dependencies: ["ConvoyCProcessLimits"], swiftSettings: strict),
    // Several processes that train one network: messages between their ranks, by MPI.
    .target(name: "ConvoyMessagePassing", swiftSettings: strict),
    // The interface of the loops over parameters...
    .target(name: "ConvoyOptimizerLoopInterface", swiftSettings: careful),
    // ... the loops of all update rules...
    .target(
      name: "ConvoyOptimizerLoops", dependencies: ["ConvoyOptimizerLoopInterface"],
      swiftSettings: careful + optimized),
    // ... and the rules, for any flat array of parameters. A library product, independent of
    // networks.
    .target(
      name: "Optimizers",
      dependencies: ["ConvoyCPUFeatures", "ConvoyOptimizerLoopInterface", "ConvoyOptimizerLoops"]
        + optimizerVariants.map { .init(stringLiteral: $0.name) },
      swiftSettings: strict + checkedAndOptimized),

    // System zlib...
    .systemLibrary(name: "ConvoyZlib"),
    // ... in owned memory: compressed data and checksums.
    .target(
      name: "ConvoyCompression", dependencies: ["ConvoyZlib"],
      swiftSettings: strict + checkedAndOptimized),
    // Random numbers as a pure function of (seed, purpose, epoch, sample, counter).
    .target(name: "ConvoyKeyedRandom", swiftSettings: strict + checkedAndOptimized),
    // Orthonormal rows, eigenvectors and moments of patches, for initial weights.
    .target(name: "ConvoyLinearAlgebra", swiftSettings: strict + checkedAndOptimized),
    // Numbers and tables as text.
    .target(name: "ConvoyFigures", swiftSettings: strict),
    // Command-line options, help and suggestions.
    .target(name: "ConvoyCommandLineOptions", swiftSettings: strict),
    // Random variations of training images: their language, draws and loops; shares of mixed ones.
    .target(
      name: "ConvoyAugmentation", dependencies: ["ConvoyCommandLineOptions", "ConvoyKeyedRandom"],
      swiftSettings: strict + checkedAndOptimized),
    // Reads files with errors that name them; replaces files atomically.
    .target(name: "ConvoyFileAccess", swiftSettings: strict),
    // A strict JSON parser for untrusted input.
    .target(name: "ConvoyStrictJSON", swiftSettings: strict + checkedAndOptimized),
    // Reads and writes safetensors files.
    .target(
      name: "ConvoySafetensors",
      dependencies: ["ConvoyFileAccess", "ConvoyProcessLimits", "ConvoyStrictJSON"],
      swiftSettings: strict + checkedAndOptimized),
    // Reads PNG, JPEG, PPM and BMP pictures.
    .target(
      name: "ConvoyPictures",
      dependencies: ["ConvoyCompression", "ConvoyFileAccess", "ConvoyProcessLimits"],
      swiftSettings: strict + checkedAndOptimized),
    // Reads MNIST, Fashion-MNIST, EMNIST, CIFAR, NumPy's arrays and CSV; packs pictures into a file.
    .target(
      name: "ConvoyDatasets",
      dependencies: [
        "ConvoyCompression", "ConvoyFileAccess", "ConvoyKeyedRandom", "ConvoyPictures",
        "ConvoyProcessLimits",
      ],
      swiftSettings: strict),
    // Style sheets, scripts and templates of the pages that Convoy writes, in the binary. In C, since
    // Swift would take seconds to compile them as arrays.
    .target(name: "ConvoyWebFiles", exclude: ["Page", "Report.css", "Style.css"]),
    // A page about training runs and a trained network: values in, HTML out.
    .target(
      name: "ConvoyReport", dependencies: ["ConvoyFigures", "ConvoyWebFiles"],
      swiftSettings: strict),
    // Every layer in plain scalar loops, with what training needs: the reference for the kernels, and
    // a library product for people who learn how a CNN works.
    .target(
      name: "ConvoyReference",
      swiftSettings: strict + checkedAndOptimized + specialized),

    // Kernel arguments, and the set of kernels that an instruction set offers.
    .target(
      name: "ConvoyKernelInterface", dependencies: ["ConvoyCPUFeatures"], swiftSettings: strict),
    // Vector operations that Swift does not have whole. In C, and inlined.
    .target(name: "ConvoyVectors"),
    // The kernels for the baseline instruction set...
    .target(
      name: "ConvoyKernels",
      dependencies: ["ConvoyCPUFeatures", "ConvoyKernelInterface", "ConvoyVectors"],
      swiftSettings: careful + optimized),
  ]
    // ... and, from the same sources, for each further instruction set.
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
        dependencies: [
          "ConvoyKernelInterface", "ConvoyKeyedRandom", "ConvoyLinearAlgebra", "ConvoyStrictJSON",
        ],
        swiftSettings: strict + checkedAndOptimized),
      // The worker team, the trainer, metrics and model files.
      .target(
        name: "ConvoyTraining",
        dependencies: [
          "ConvoyAugmentation", "ConvoyCompression", "ConvoyCPUFeatures", "ConvoyDatasets",
          "ConvoyFileAccess", "ConvoyKernelInterface", "ConvoyKeyedRandom", "ConvoyLinearAlgebra",
          "ConvoyMessagePassing", "ConvoyNeuralNetwork", "ConvoyPictures", "ConvoyProcessLimits",
          "ConvoySafetensors", "ConvoyStrictJSON", "Optimizers",
        ],
        swiftSettings: strict),
      // A trained model as one HTML page that runs it.
      .target(
        name: "ConvoyPage",
        dependencies: [
          "ConvoyFileAccess", "ConvoyKernelInterface", "ConvoyNeuralNetwork", "ConvoyPictures",
          "ConvoyProcessLimits", "ConvoyTraining", "ConvoyWebFiles",
        ],
        swiftSettings: strict),
      // What runs and networks show: reports, runs side by side, sheets of augmented images.
      .target(
        name: "ConvoyRunReports",
        dependencies: [
          "ConvoyAugmentation", "ConvoyDatasets", "ConvoyFigures", "ConvoyFileAccess",
          "ConvoyKernelInterface", "ConvoyNeuralNetwork", "ConvoyPictures", "ConvoyProcessLimits",
          "ConvoyReport", "ConvoyTraining",
        ],
        swiftSettings: strict),
      // Networks as ONNX files, and back.
      .target(
        name: "ConvoyONNX",
        dependencies: [
          "ConvoyFileAccess", "ConvoyKernelInterface", "ConvoyNeuralNetwork",
          "ConvoyProcessLimits", "ConvoySafetensors", "ConvoyStrictJSON", "ConvoyTraining",
        ],
        swiftSettings: strict),
      // The library: networks, data, training and trained models for programs that import it.
      .target(
        name: "Convoy",
        dependencies: [
          "ConvoyAugmentation", "ConvoyDatasets", "ConvoyFileAccess", "ConvoyKernelDispatch",
          "ConvoyKernelInterface", "ConvoyMessagePassing", "ConvoyNeuralNetwork", "ConvoyONNX",
          "ConvoyPage", "ConvoyPictures", "ConvoyProcessLimits", "ConvoyRunReports",
          "ConvoySafetensors", "ConvoyTraining", "Optimizers",
        ],
        swiftSettings: strict),
      // Terminal and process support for command-line tools: output, progress, signals.
      .target(
        name: "ConvoyTerminal",
        dependencies: [
          "ConvoyCommandLineOptions", "ConvoyFigures", "ConvoyFileAccess", "ConvoyProcessLimits",
        ],
        swiftSettings: strict),
      // The options of every command for network, data and processor.
      .target(
        name: "ConvoyNetworkOptions",
        dependencies: [
          "ConvoyCommandLineOptions", "ConvoyFileAccess", "ConvoyKernelDispatch",
          "ConvoyKernelInterface", "ConvoyNeuralNetwork", "ConvoyProcessLimits",
          "ConvoySafetensors",
        ],
        swiftSettings: strict),
      // The commit that the command line tool was built from.
      .target(name: "ConvoyCommit"),
      // The commands: options in, training, results out.
      .target(
        name: "ConvoyCommands",
        dependencies: [
          "ConvoyAugmentation", "ConvoyCommandLineOptions", "ConvoyCommit", "ConvoyDatasets",
          "ConvoyFigures", "ConvoyFileAccess", "ConvoyKernelDispatch", "ConvoyKernelInterface",
          "ConvoyMessagePassing", "ConvoyNetworkOptions", "ConvoyNeuralNetwork", "ConvoyONNX",
          "ConvoyPage", "ConvoyPictures", "ConvoyProcessLimits", "ConvoyRunReports",
          "ConvoySafetensors", "ConvoyStrictJSON",
          "ConvoyTerminal", "ConvoyTraining", "Optimizers",
        ],
        swiftSettings: strict),
      .executableTarget(
        name: "ConvoyCommandLine", dependencies: ["ConvoyCommands", "ConvoyTerminal"],
        swiftSettings: strict),

      // The benchmarks: measurements and their reports.
      .target(
        name: "ConvoyBenchmarkCommands",
        dependencies: [
          "ConvoyCommandLineOptions", "ConvoyCommit", "ConvoyCPUFeatures", "ConvoyDatasets",
          "ConvoyFigures", "ConvoyFileAccess", "ConvoyKernelInterface", "ConvoyKeyedRandom",
          "ConvoyMessagePassing", "ConvoyNetworkOptions", "ConvoyNeuralNetwork",
          "ConvoyProcessLimits", "ConvoyTerminal", "ConvoyTestSupport", "ConvoyTraining",
          "Optimizers",
        ],
        path: "Benchmarks/BenchmarkCommands", swiftSettings: strict),
      .executableTarget(
        name: "benchmarks", dependencies: ["ConvoyBenchmarkCommands", "ConvoyTerminal"],
        path: "Benchmarks/benchmarks",
        swiftSettings: strict),

      // What several tests and the benchmarks use: trials of kernels against the reference, in guarded
      // memory and with error bounds; temporary files; ranks that are threads.
      .target(
        name: "ConvoyTestSupport",
        dependencies: [
          "ConvoyKernelInterface", "ConvoyMessagePassing", "ConvoyReference", "ConvoyZlib",
        ],
        path: "Tests/TestSupport", swiftSettings: careful + checkedAndOptimized),
      .testTarget(
        name: "TestSupportTests",
        dependencies: [
          "ConvoyKernelDispatch", "ConvoyKernelInterface", "ConvoyReference", "ConvoyTestSupport",
        ],
        swiftSettings: tests),
      // Test targets, most named after the module that they test.
      .testTarget(
        name: "OptimizersTests",
        dependencies: ["ConvoyOptimizerLoopInterface", "Optimizers", "ConvoyTestSupport"],
        exclude: ["Fixtures"], swiftSettings: tests),
      .testTarget(
        name: "ProcessLimitsTests", dependencies: ["ConvoyProcessLimits", "ConvoyTestSupport"],
        swiftSettings: tests),
      .testTarget(
        name: "MessagePassingTests", dependencies: ["ConvoyMessagePassing", "ConvoyTestSupport"],
        swiftSettings: tests),
      .testTarget(
        name: "CompressionTests", dependencies: ["ConvoyCompression", "ConvoyTestSupport"],
        swiftSettings: tests),
      .testTarget(
        name: "KeyedRandomTests", dependencies: ["ConvoyKeyedRandom"], swiftSettings: tests),
      .testTarget(
        name: "LinearAlgebraTests", dependencies: ["ConvoyLinearAlgebra", "ConvoyTestSupport"],
        swiftSettings: tests),
      .testTarget(
        name: "CommandLineOptionsTests", dependencies: ["ConvoyCommandLineOptions"],
        swiftSettings: tests),
      .testTarget(
        name: "AugmentationTests", dependencies: ["ConvoyAugmentation", "ConvoyKeyedRandom"],
        swiftSettings: tests + checkedAndOptimized),
      .testTarget(
        name: "FileAccessTests", dependencies: ["ConvoyFileAccess", "ConvoyTestSupport"],
        swiftSettings: tests),
      .testTarget(
        name: "SafetensorsTests", dependencies: ["ConvoyFileAccess", "ConvoySafetensors"],
        swiftSettings: tests),
      .testTarget(
        name: "WebFilesTests", dependencies: ["ConvoyWebFiles"], swiftSettings: tests),
      .testTarget(name: "ReportTests", dependencies: ["ConvoyReport"], swiftSettings: tests),
      .testTarget(
        name: "DatasetsTests",
        dependencies: ["ConvoyDatasets", "ConvoyPictures", "ConvoyTestSupport"],
        exclude: ["Fixtures"], swiftSettings: tests),
      .testTarget(
        name: "PicturesTests",
        dependencies: ["ConvoyPictures", "ConvoyTestSupport"],
        exclude: ["Fixtures"], swiftSettings: tests),
      .testTarget(
        name: "ConvoyTests", dependencies: ["Convoy", "ConvoyAugmentation", "ConvoyTestSupport"],
        swiftSettings: tests),
      // Commands on small data sets, in the tests' process or, for signals, limits and full disks, in one of
      // their own: a target that starts those depends on ConvoyCommandLine.
      .target(
        name: "ConvoyCommandsTestSupport",
        dependencies: [
          "ConvoyCommands", "ConvoyPictures", "ConvoySafetensors", "ConvoyTerminal",
          "ConvoyTestSupport",
        ],
        path: "Tests/CommandsTestSupport", swiftSettings: careful),
      .testTarget(
        name: "ConvoyCommandsTests",
        dependencies: [
          "ConvoyCommandLine", "ConvoyCommandLineOptions", "ConvoyCommands",
          "ConvoyCommandsTestSupport", "ConvoyDatasets", "ConvoyFigures", "ConvoyKernelDispatch",
          "ConvoyKernelInterface", "ConvoyNeuralNetwork", "ConvoyPictures", "ConvoySafetensors",
          "ConvoyTerminal", "ConvoyTestSupport", "ConvoyTraining", "Optimizers",
        ],
        swiftSettings: tests),
      // Tests of `train` and of what runs leave, apart from the other commands' so that from clean two
      // compilers share them.
      .testTarget(
        name: "TrainCommandTests",
        dependencies: [
          "Convoy", "ConvoyCommandLine", "ConvoyCommands", "ConvoyCommandsTestSupport",
          "ConvoyDatasets", "ConvoyFigures", "ConvoyFileAccess", "ConvoyKernelDispatch",
          "ConvoyKernelInterface", "ConvoySafetensors", "ConvoyTerminal", "ConvoyTraining",
        ],
        swiftSettings: tests),
      .testTarget(
        name: "BenchmarkCommandsTests",
        dependencies: [
          "benchmarks", "ConvoyBenchmarkCommands", "ConvoyDatasets", "ConvoyKernelDispatch",
          "ConvoyNeuralNetwork", "ConvoyTerminal",
        ],
        swiftSettings: tests),
      .testTarget(
        name: "ReferenceTests",
        dependencies: ["ConvoyDatasets", "ConvoyReference", "ConvoyTestSupport"],
        swiftSettings: tests),
      .testTarget(
        name: "KernelDispatchTests",
        dependencies: [
          "ConvoyKernelDispatch", "ConvoyKernelInterface", "ConvoyReference", "ConvoyTestSupport",
        ],
        swiftSettings: tests),
      .testTarget(
        name: "NeuralNetworkTests",
        dependencies: [
          "ConvoyKernelDispatch", "ConvoyKernelInterface", "ConvoyKeyedRandom",
          "ConvoyNeuralNetwork", "ConvoyReference",
        ],
        swiftSettings: tests),
      .testTarget(
        name: "TrainingTests",
        dependencies: [
          "ConvoyAugmentation", "ConvoyCompression", "ConvoyDatasets", "ConvoyKernelDispatch",
          "ConvoyKernelInterface", "ConvoyKeyedRandom", "ConvoyMessagePassing",
          "ConvoyNeuralNetwork", "ConvoyProcessLimits", "ConvoyReference", "ConvoySafetensors",
          "ConvoyTestSupport", "ConvoyTraining", "Optimizers",
        ],
        swiftSettings: tests),
      .testTarget(
        name: "ONNXTests",
        dependencies: [
          "ConvoyDatasets", "ConvoyKernelDispatch", "ConvoyNeuralNetwork", "ConvoyONNX",
          "ConvoyPictures", "ConvoySafetensors", "ConvoyTestSupport", "ConvoyTraining",
        ],
        exclude: ["Fixtures"], swiftSettings: tests),

      .testTarget(
        name: "PageTests",
        dependencies: [
          "ConvoyDatasets", "ConvoyKernelDispatch", "ConvoyKeyedRandom", "ConvoyNeuralNetwork",
          "ConvoyPage", "ConvoyPictures", "ConvoySafetensors", "ConvoyTraining",
        ],
        swiftSettings: tests),

      // Every file format with the invariants its mutants must keep; Tests/LibFuzzer uses it too.
      .target(
        name: "ConvoyFileFuzzing",
        dependencies: [
          "ConvoyDatasets", "ConvoyKernelDispatch", "ConvoyNeuralNetwork", "ConvoyONNX",
          "ConvoyPictures", "ConvoyProcessLimits", "ConvoySafetensors", "ConvoyTestSupport",
          "ConvoyTraining", "ConvoyZlib",
        ],
        path: "Tests/FileFuzzing", swiftSettings: careful),
      .testTarget(
        name: "FileFuzzingTests", dependencies: ["ConvoyFileFuzzing", "ConvoyTestSupport"],
        swiftSettings: tests),
    ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c2x,
  cxxLanguageStandard: .cxx20
)

// Sanitizers build only the test targets that they run, with what these depend on.
if let names = Context.environment["CONVOY_TEST_TARGETS"] {
  var wanted = Set(names.split(separator: ",").map(String.init))
  precondition(
    wanted.isSubset(of: package.targets.map(\.name)), "CONVOY_TEST_TARGETS has names of targets.")
  // Dependencies come before the targets that have them.
  for target in package.targets.reversed() where wanted.contains(target.name) {
    for case .byNameItem(let name, _) in target.dependencies { wanted.insert(name) }
  }
  package.targets.removeAll { !wanted.contains($0.name) }
  package.products = []
}
