import ConvoyCommandsTestSupport
import ConvoyTerminal

#if os(Linux)
  import Foundation
  import Testing

  /// Under a limit of its address space the tool works, or says in one line that it cannot.
  @Suite struct MemoryLimitTests {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private func run(_ arguments: [String], megabytes: Int) throws -> (
      exitCode: Int32, output: String, errors: String
    ) {
      try ToolProcess(arguments, limits: "ulimit -v \(megabytes << 10)").wait()
    }

    /// Two billion filters are priced before anything is made for each of them.
    @Test func aNetworkThatIsFarTooLargeIsToldInTime() throws {
      try workspace.write(
        #"{"layers": [{"type": "averagePooling", "kernelSize": 8}, {"type": "convolution", "filters": 2147483648, "kernelSize": 1}, {"type": "convolution", "filters": 1, "kernelSize": 1}, {"type": "flatten"}, {"type": "dense", "units": 4}]}"#,
        to: "net.json")
      let end = try run(
        ["train", "--data", workspace.data, "--model", workspace.path("net.json")],
        megabytes: 1_000)
      #expect(end.exitCode == 1 && end.output == "")
      #expect(end.errors.contains("found a need of "), "\(end.errors)")
    }

    /// From where the tool starts at all, to where all of it fits.
    @Test(arguments: ["train", "evaluate"])
    func worksOrSaysWhyNot(command: String) throws {
      // 12 MB for each sample that is trained on.
      try workspace.write(
        #"{"layers": [{"type": "convolution", "filters": 16, "kernelSize": 1, "padding": 150}, {"type": "averagePooling", "kernelSize": 308}, {"type": "flatten"}, {"type": "dense", "units": 4}]}"#,
        to: "net.json")
      let train = [
        "train", "--data", workspace.data, "--model", workspace.path("net.json"), "--batch", "50",
        "--epochs", "1", "--threads", "2",
      ]
      if command == "evaluate" {
        #expect(
          ToolRun(train + ["--output", workspace.path("model")]).exitCode == .success)
      }
      let arguments =
        command == "train"
        ? train : ["evaluate", "--weights", workspace.path("model"), "--data", workspace.data]
      var ends: Set<Int32> = []
      for megabytes in [80, 90, 100, 110, 120, 130, 140, 160, 200, 250, 300, 400, 600, 1_000] {
        // The system's loader or the language's runtime may have no room.
        guard try run(["--help"], megabytes: megabytes).exitCode == 0 else { continue }
        let end = try run(arguments, megabytes: megabytes)
        ends.insert(end.exitCode)
        switch end.exitCode {
        case 0: #expect(end.errors == "", "\(megabytes) MB")
        default:
          #expect(end.exitCode == 1 && end.output == "", "\(megabytes) MB: \(end.output)")
          #expect(
            end.errors.wholeMatch(
              of: #/Error: .*: expected at most \d.* of the address-space limit of .*\n/#) != nil,
            "\(megabytes) MB: \(end.errors)")
        }
      }
      #expect(ends.isSuperset(of: [0, 1]))
    }

    /// Sparse files: their headers say what would be read.
    @Test func aDataSetBeyondTheLimitIsRefused() throws {
      let images = ImageFiles.trainingImages
      try workspace.write(ImageFiles.header(0x803, 1_000_000, 40, 40), to: "data/\(images)")
      #expect(truncate(workspace.path("data/\(images)"), 16 + 1_600_000_000) == 0)
      let end = try run(workspace.training(), megabytes: 1_000)
      #expect(end.exitCode == 1 && end.output == "")
      #expect(
        end.errors.firstMatch(
          of:
            #/^Error: \S+train-images-idx3-ubyte: expected at most \d+ MB of memory, what is left of the address-space limit of 1.0 GB \(ulimit -v\), found a need of 1.6 GB\n$/#
        ) != nil, "\(end.errors)")
    }

    @Test func aModelBeyondTheLimitIsRefused() throws {
      workspace.trainModel("model")
      #expect(truncate(workspace.path("model"), 1_200_000_000) == 0)
      let end = try run(
        ["evaluate", "--weights", workspace.path("model"), "--data", workspace.data],
        megabytes: 1_000)
      #expect(end.exitCode == 1 && end.output == "")
      #expect(
        end.errors.hasPrefix("Error: \(workspace.path("model")): expected at most "),
        "\(end.errors)")
    }
  }
#endif
