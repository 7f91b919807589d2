import ConvoyCommandsTestSupport
import ConvoyTerminal
import Testing

/// Every format trains, and evaluates to what training printed.
@Suite struct DataFormatTests {
  enum Format: CaseIterable {
    case mnist, emnist, cifar10

    var files: [String: [UInt8]] {
      switch self {
      case .mnist: ImageFiles.mnist()
      case .emnist: ImageFiles.emnistLetters()
      case .cifar10: ImageFiles.cifar10()
      }
    }

    /// What training prints first.
    var summary: String {
      switch self {
      case .mnist: "50 training and 21 test images of 1×8×8, 4 classes\n"
      case .emnist: "50 training and 21 test images of 1×8×8, 5 classes\n"
      case .cifar10: "31 training and 9 test images of 3×32×32, 3 classes\n"
      }
    }

    var testImages: Int { self == .cifar10 ? 9 : 21 }
  }

  @Test(arguments: Format.allCases)
  func trains(format: Format) throws {
    let workspace = try Workspace(data: format.files)
    let training = ToolRun(
      workspace.training(
        "--model", "article", "--learning-rate", "0.01", "--output", workspace.path("model")))
    #expect(training.exitCode == .success, "\(training.errors)")
    #expect(training.output.hasPrefix(format.summary), "\(training.output)")
    let printed = try #require(training.epochRows.last)
    #expect(try #require(Double(printed.accuracy)) >= 90)
    #expect(
      workspace.evaluate("model").output
        == "test accuracy \(printed.accuracy)%, loss \(printed.judgedLoss) on \(format.testImages) images\n"
    )
  }
}
