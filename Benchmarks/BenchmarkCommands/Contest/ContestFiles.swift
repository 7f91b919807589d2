import ConvoyDatasets
import ConvoyNeuralNetwork
import Foundation

/// A workload's images in files that contestants read; removed with their owner.
final class ContestFiles {
  private let folder: URL
  private let workload: Workload
  private let count: Int

  init(_ workload: Workload, data: String) throws {
    self.workload = workload
    let images = try BenchmarkImages.load(for: workload, data: data)
    count = images.count
    folder = FileManager.default.temporaryDirectory.appending(
      path: "convoy-contest-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(images.pixels).write(to: folder.appending(path: "images"))
    // No workload has as many classes as a byte has values.
    try Data(images.labels.map { UInt8(clamping: $0) }).write(to: folder.appending(path: "labels"))
  }

  deinit { remove() }

  /// Removes the files. Called once all contestants have read them, so that nothing is left behind
  /// if the measurement is killed.
  func remove() { try? FileManager.default.removeItem(at: folder) }

  func job(threads: Int) throws -> ContestantJob {
    ContestantJob(
      architecture: try workload.architecture.json(),
      input: [workload.input.channels, workload.input.height, workload.input.width],
      batch: workload.batch, threads: threads, mode: workload.mode, variant: "",
      learningRate: 0.001, images: folder.appending(path: "images").path,
      labels: folder.appending(path: "labels").path, count: count)
  }
}
