import ConvoyDatasets
import ConvoyFileAccess
import ConvoyRunReports
import ConvoyTraining

/// A page about training runs and a trained network, in one HTML file without scripts: curves, settings,
/// and what the network does with labelled images.
///
/// ```swift
/// var report = try Report(logs: ["run.jsonl"])
/// try report.add(training.model, on: samples)
/// try report.write(to: "report.html")
/// ```
public struct Report: Sendable {
  private var report: RunReport
  private let logs: [String]

  /// Reads the logs of runs, each for a curve: those of ``Training/log`` or `convoy train --log`, finished or
  /// not. Without any, the page is about a network alone.
  ///
  /// - Throws: ``ConvoyError``, which names the file and the line that is no log's.
  public init(logs: [String] = []) throws {
    report = try ConvoyError.visibly { try RunReport(logs: logs) }
    self.logs = logs
  }

  /// The title of the page; of one run at first, its network and data.
  public var title: String {
    get { report.title }
    set { report.title = newValue }
  }

  /// Adds what a network does with samples: accuracy, loss, its mistakes, the classes that it confuses,
  /// its filters, weights, gradients and feature maps. They take the place of another network's.
  ///
  /// - Parameters:
  ///   - model: the network.
  ///   - samples: of the network's input shape. Classes are matched by their names, where both have
  ///     names. Images with other than 1 or 3 channels are not shown; floats are shown from the least,
  ///     black, to the largest.
  ///   - threads: nil for the cores that this process may use; the page does not depend on it.
  /// - Throws: as ``Model/evaluate(on:threads:)``, and ``ConvoyError`` if the report has logs and the network
  ///   is of another input shape or size than those of their runs. The report then stays as it was.
  public mutating func add(_ model: Model, on samples: Samples, threads: Int? = nil) throws {
    let threads = try Model.checked(threads)
    do {
      let images = try samples.images.labeled(like: model.trained.input)
      try report.add(model.trained, path: "model", on: images, threads: threads)
    } catch is OverflowingModel {
      throw ModelError.overflow
    } catch {
      throw ConvoyError.visible(error)
    }
  }

  /// Writes the page. A file of that name is replaced as a whole or not at all.
  ///
  /// - Throws: ``ConvoyError`` if the file cannot be written; `SettingsError` if it is one of the logs.
  public func write(to path: String) throws {
    try checkIsNoLog(path, of: logs)
    try ConvoyError.visibly { try report.write(to: path) }
  }
}

/// Refuses to write over a log that was read.
func checkIsNoLog(_ path: String, of logs: [String]) throws(SettingsError) {
  guard logs.map(CanonicalPath.init).contains(CanonicalPath(path)) else { return }
  throw SettingsError(setting: "path", expected: "another file than the logs", found: path)
}
