import ConvoyCommandsTestSupport
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyTerminal
import Testing

/// What is wrong with a command line ends with exit code 64 before anything is read or written.
@Suite struct UsageRefusalTests {
  static let wrongLines: [(arguments: [String], message: String)] = [
    (["tran"], "Unknown command 'tran'. Did you mean 'train'?"),
    (["--data", "x"], "Expected a command, found option '--data'."),
    (["train", "--bach", "64"], "Unknown option '--bach'. Did you mean '--batch'?"),
    (["train", "--verbose"], "Unknown option '--verbose'."),
    (["train", "photos"], "Unexpected argument 'photos'. Did you mean '--data photos'?"),
    (["train", "--data", "photos", "more"], "Unexpected argument 'more'."),
    (["evaluate", "a.st"], "Unexpected argument 'a.st'. Did you mean '--weights a.st'?"),
    (["train", "--batch"], "--batch <size>: expected a value, found nothing"),
    (["train", "--seed", "1", "--seed", "2"], "--seed: expected once, found again"),
    (["train", "--batch", "0"], "--batch: expected a whole number from 1 to 1000000, found '0'"),
    (
      ["train", "--batch", "1.5"], "--batch: expected a whole number from 1 to 1000000, found '1.5'"
    ),
    (["train", "--threads", "0"], "--threads: expected a whole number of at least 1, found '0'"),
    (["train", "--epochs", "0"], "--epochs: expected a whole number from 1 to 1000000, found '0'"),
    (["train", "--steps", "0"], "--steps: expected a whole number of at least 1, found '0'"),
    (
      ["train", "--label-smoothing", "1"],
      "--label-smoothing: expected a number from 0 up to but not including 1, found '1'"
    ),
    (
      ["train", "--loss", "hinge", "--label-smoothing", "0.1"],
      "--label-smoothing: expected --loss cross-entropy, found hinge"
    ),
    (
      ["train", "--loss", "hinge", "--mixup", "0.2"],
      "--mixup: expected --loss cross-entropy, found hinge"
    ),
    (["train", "--cutmix", "0"], "--cutmix: expected a number from 0.01 to 100, found '0'"),
    (
      ["train", "--cutmix", "1", "--mixup", "0.2"],
      "--cutmix: expected --mixup or --cutmix, found both"
    ),
    (
      ["evaluate", "--weights", "x", "--tta", "flop"],
      "--tta: expected one of flip, flip+shift, or a number of views from 2 to 1000, found 'flop'. "
        + "Did you mean 'flip'?"
    ),
    (
      ["evaluate", "--weights", "x", "--tta", "1", "--augment", "flip"],
      "--tta: expected one of flip, flip+shift, or a number of views from 2 to 1000, found '1'"
    ),
    (
      ["evaluate", "--weights", "x", "--tta", "8"],
      "--tta: expected --augment <terms> beside a number of views, found none"
    ),
    (
      ["evaluate", "--weights", "x", "--tta", "flip", "--augment", "flip"],
      "--augment: expected --tta <number> beside it, found flip"
    ),
    (
      ["evaluate", "--weights", "x", "--augment", "flip"],
      "--augment: expected --tta <number> beside it, found none"
    ),
    (
      ["train", "--optimizer", "lamb", "--vector-rate", "0.1"],
      "--vector-rate: expected an optimizer that has it (muon), found lamb"
    ),
    (
      ["train", "--partial"],
      "--partial: expected --initial-weights <file> beside it, found none"
    ),
    (
      ["train", "--average-decay", "0.9"],
      "--average-decay: expected --average-weights ema, found none"
    ),
    (
      ["train", "--average-weights", "ema", "--lookahead-steps", "2"],
      "--lookahead-steps: expected --average-weights lookahead, found ema"
    ),
    (
      ["train", "--average-weights", "ema", "--average-decay", "1"],
      "--average-decay: expected a number from 0 up to but not including 1, found '1'"
    ),
    (
      ["train", "--average-weights", "lookahead", "--lookahead-rate", "0"],
      "--lookahead-rate: expected a number greater than 0 and at most 1, found '0'"
    ),
    (
      ["train", "--class-weights", "balnced"],
      "--class-weights: expected one of balanced, or numbers, 0 or from 1e-30 to 1e+30 between commas, "
        + "or a file of them, found 'balnced'. Did you mean 'balanced'?"
    ),
    (
      ["train", "--class-weights", "1,-1"],
      "--class-weights: expected one of balanced, or numbers, 0 or from 1e-30 to 1e+30 between commas, "
        + "or a file of them, found '1,-1'"
    ),
    (
      ["train", "--loss", "mean-squared-error", "--class-weights", "balanced"],
      "--class-weights: expected --loss cross-entropy, found mean-squared-error"
    ),
    (
      ["train", "--dropout", "1.5"],
      "--dropout: expected a number from 0 up to but not including 1, found '1.5'"
    ),
    (
      ["train", "--dropout", "-0.1"],
      "--dropout: expected a number from 0 up to but not including 1, found '-0.1'"
    ),
    (
      ["train", "--learning-rate", "0"],
      "--learning-rate: expected a number greater than 0 and at most 1000, found '0'"
    ),
    (
      ["train", "--learning-rate", "nan"],
      "--learning-rate: expected a number greater than 0 and at most 1000, found 'nan'"
    ),
    (
      ["train", "--learning-rate", "inf"],
      "--learning-rate: expected a number greater than 0 and at most 1000, found 'inf'"
    ),
    (
      ["train", "--bias-rate-factor", "-1"],
      "--bias-rate-factor: expected a number from 0 to 1000, found '-1'"
    ),
    (
      ["train", "--schedule", "linear"],
      "--schedule linear: expected --schedule-points <share:factor,…> beside it, found none"
    ),
    (
      ["train", "--schedule", "cosine", "--schedule-points", "0:1,1:0"],
      "--schedule-points: expected --schedule linear, found cosine"
    ),
    (
      ["train", "--schedule", "linear", "--schedule-points", "0:1,0.5:x,1:0"],
      "--schedule-points: expected points as 0:0.2, with factors from 0 to 1000, found '0.5:x'"
    ),
    (
      ["train", "--schedule", "linear", "--schedule-points", "0:1,,1:0"],
      "--schedule-points: expected values separated by commas, found '0:1,,1:0'"
    ),
    (
      ["train", "--schedule", "linear", "--schedule-points", "0:1,0.5:0"],
      "--schedule-points: points: expected at least two, at shares from 0 to 1, in order, "
        + "found 0.0, 0.5"
    ),
    (["train", "--l2", "-1"], "--l2: expected a number from 0 to 1000, found '-1'"),
    (
      ["train", "--seed", "-1"],
      "--seed: expected a whole number from 0 to 18446744073709551615, found '-1'"
    ),
    (
      ["train", "--optimizer", "adm"],
      "--optimizer: expected one of sgd, momentum, nesterov, rmsprop, adam, adamw, lion, lamb, muon, "
        + "found 'adm'. Did you mean 'adam'?"
    ),
    (
      ["train", "--normalization", "standart"],
      "--normalization: expected one of unit, standard, found 'standart'. "
        + "Did you mean 'standard'?"
    ),
    (
      ["train", "--instruction-set", "avx3"],
      "--instruction-set: expected one of baseline, avx2, avx512, neon, found 'avx3'. "
        + "Did you mean 'avx2'?"
    ),
    // On one line, and so that it cannot steer the terminal.
    (["train", "--save", "x"], "Unknown option '--save'. Did you mean '--output'?"),
    (["train", "--weights", "x"], "Unknown option '--weights'. Did you mean '--initial-weights'?"),
    (["predict", "--model", "x"], "Unknown option '--model'. Did you mean '--weights'?"),
    (["find-rate", "--lr", "1"], "Unknown option '--lr'. Did you mean '--from'?"),
    (["compare", "--save", "x"], "Unknown option '--save'."),
    (["predict", "--two\nlines\u{1B}[0m"], #"Unknown option '--two\nlines\u{1B}[0m'."#),
    (
      ["prepare", "a", "gpj.\u{202E}png\u{200B}"],
      #"Unexpected argument 'gpj.\u{202E}png\u{200B}'."#
    ),
    (["prepare", "a", "👩‍🔬"], "Unexpected argument '👩‍🔬'."),
    (
      ["train", "two\nlines"],
      #"Unexpected argument 'two\nlines'. Did you mean '--data two\nlines'?"#
    ),
    (["train", "--log-steps"], "--log-steps: expected --log <file> beside it, found none"),
    (
      ["train", "--output", "run", "--log", "./run"],
      "--log: expected a file that the run does not use otherwise, found './run'"
    ),
    (
      ["train", "--optimizer", "sgd", "--beta1", "0.8"],
      "--beta1: expected an optimizer that has it (adam, adamw, lion, lamb, muon), found sgd"
    ),
    (
      ["train", "--optimizer", "adamw", "--l2", "0.1"],
      "--l2: expected an optimizer that has it (sgd, momentum, nesterov, rmsprop, adam), "
        + "found adamw"
    ),
    (
      ["train", "--optimizer", "lion", "--epsilon", "0.1"],
      "--epsilon: expected an optimizer that has it (rmsprop, adam, adamw, lamb, muon), found lion"
    ),
    (
      ["train", "--optimizer", "lion", "--l2", "0.1"],
      "--l2: expected an optimizer that has it (sgd, momentum, nesterov, rmsprop, adam), "
        + "found lion"
    ),
    (
      ["train", "--beta2", "1"],
      "--beta2: expected a number from 0 up to but not including 1, found '1'"
    ),
    (
      ["train", "--schedule", "cosin"],
      "--schedule: expected one of constant, step, exponential, cosine, linear, one-cycle, found 'cosin'. "
        + "Did you mean 'cosine'?"
    ),
    (
      ["train", "--checkpoint-every", "5"],
      "--checkpoint-every: expected --checkpoint <file> beside it, found none"
    ),
    (
      ["train", "--checkpoint", "none/x", "--checkpoint-every", "0"],
      "--checkpoint-every: expected epoch, or a whole number of at least 1, found '0'"
    ),
    (
      ["train", "--early-stopping", "2"],
      "--early-stopping: expected --validation <fraction> beside it, found none"
    ),
    (
      ["train", "--keep", "best"],
      "--keep best: expected --validation <fraction> beside it, found none"
    ),
    (
      ["train", "--validation", "1"],
      "--validation: expected a number greater than 0 and at most 0.9, found '1'"
    ),
    (
      ["train", "--output", "none/x", "--checkpoint", "none/x"],
      "--checkpoint: expected a file that the run does not use otherwise, found 'none/x'"
    ),
    (
      ["train", "--output", "x.onnx"],
      "--output: expected a safetensors file, of which convoy export makes an ONNX file, found 'x.onnx'"
    ),
    (["evaluate"], "Missing required option '--weights <file>'."),
    (
      ["evaluate", "--weights", "x", "--batch", "1"], "Unknown option '--batch'."
    ),
    (
      ["reproduce"],
      "Missing argument '<subject>': expected one of article, improvements, fast99, sprint, mini, tiny, fashion, airbench94, resnet20"
    ),
    (
      ["reproduce", "artcle"],
      "<subject>: expected one of article, improvements, fast99, sprint, mini, tiny, fashion, airbench94, resnet20, found 'artcle'. "
        + "Did you mean 'article'?"
    ),
    (
      ["prepare", "--data", "x", "--output", "y"],
      "Unknown option '--data'. Did you mean '<folder>'?"
    ),
    (["reproduce", "resnet20"], "Missing required option '--data <path>'."),
    (["reproduce", "article", "fast99"], "Unexpected argument 'fast99'."),
    (
      ["summary", "--input", "28x28"],
      "--input: expected channels, height and width as 3x32x32, found '28x28'"
    ),
    (
      ["summary", "--input", "0x28x28"],
      "--input: expected channels, height and width as 3x32x32, found '0x28x28'"
    ),
    (
      ["summary", "--classes", "0"], "--classes: expected a whole number from 1 to 65536, found '0'"
    ),
    (
      ["summary", "--model", "smal"],
      "--model: expected one of article, small, fast, medium, vgg, resnet20, resnet9, airbench94, fashion, mobilenet, compact, mnist-tiny, digits, sprint, or a JSON or model file that is there, found 'smal'. "
        + "Did you mean 'small'?"
    ),
  ]

  @Test(arguments: wrongLines)
  func aWrongCommandLineIsRefused(arguments: [String], message: String) {
    let run = ToolRun(arguments)
    expectRefusal(run, .usage, saying: [])
    #expect(run.errors == "Error: \(message)\n")
  }

  /// Never run into: its first instruction would end the process.
  @Test(arguments: InstructionSet.allCases.filter { !KernelDispatch.available.contains($0) })
  func anInstructionSetThatTheProcessorLacksIsRefused(set: InstructionSet) throws {
    let available = KernelDispatch.available.map(\.rawValue).joined(separator: ", ")
    for arguments in [
      ["train"], ["evaluate", "--weights", "none"], ["reproduce", "article"],
    ] {
      let run = ToolRun(arguments + ["--instruction-set", set.rawValue])
      expectRefusal(run, .usage, saying: [])
      #expect(
        run.errors
          == "Error: --instruction-set: expected one that this processor has (\(available)), "
          + "found '\(set.rawValue)'\n")
    }
  }

  /// What can be said only once the data is known.
  @Test func aWrongNetworkForTheDataIsRefused() throws {
    let workspace = try Workspace()
    try workspace.write("old model", to: "model")
    let before = try workspace.contents()
    expectRefusal(
      workspace.trainModel("model", "--model", "medum"), .usage,
      saying: ["--model: ", "found 'medum'. Did you mean 'medium'?"])

    try workspace.write(#"{"layers": [{"type": "flatten"}]}"#, to: "net.json")
    expectRefusal(
      workspace.trainModel("model", "--model", workspace.path("net.json"), "--dropout", "0.5"),
      .usage, saying: ["--dropout: expected a network with a dropout or a dense layer, found none"])
    try workspace.remove("net.json")
    #expect(try workspace.contents() == before)
  }
}
