import ConvoyFileAccess
import ConvoyRunReports
import Foundation

/// The results of runs side by side, from their logs. Runs that differ in their seed alone are one row,
/// with means and standard deviations.
///
/// ```swift
/// let comparison = try Comparison(logs: ["adam-0.jsonl", "adam-1.jsonl", "muon-0.jsonl"])
/// print(comparison)
/// try comparison.writeSVG(to: "runs.svg")
/// ```
public struct Comparison: Sendable, Equatable, CustomStringConvertible {
  /// Runs whose settings differ in their seed alone.
  public struct Row: Sendable, Equatable {
    /// The settings that are not the same in all rows, by the names of the options of `convoy train`. An
    /// option without a value has an empty text; one that the runs do not have is absent.
    public let options: [String: String]
    /// The files, one for each run.
    public let logs: [String]
    /// The number of the last epoch: of the run that ended first, and of the one that ended last.
    public let epochs: ClosedRange<Int>
    /// The share of training samples that were classified correctly as they were seen in the last
    /// epoch, from 0 to 1.
    public let trainingAccuracy: Spread
    /// On the samples that epochs are judged on or, at the end, on the test samples, from 0 to 1.
    public let accuracy: Spread
    /// On the same samples.
    public let loss: Spread
    /// Of training, over all epochs.
    public let seconds: Spread
    /// How much higher ``accuracy`` is than that of the first row, seed by seed; nil where the two have
    /// fewer than two seeds in common.
    public let difference: Difference?

    fileprivate init(
      _ row: RunComparison.Row, _ difference: PairedDifference?, differing names: [String]
    ) {
      self.difference = difference.map(Difference.init)
      options = row.options.filter { names.contains($0.key) }
      logs = row.runs.map(\.path)
      let last = row.runs.map(\.epochs)
      epochs = (last.min() ?? 0)...(last.max() ?? 0)
      trainingAccuracy = Spread(row.spread(\.trainingAccuracy))
      accuracy = Spread(row.spread(\.accuracy))
      loss = Spread(row.spread(\.loss))
      seconds = Spread(row.spread(\.seconds))
    }
  }

  /// A value over the runs of a row.
  public struct Spread: Sendable, Equatable {
    /// The mean.
    public let mean: Double
    /// The standard deviation of a sample, divided by n − 1; nil for a single run.
    public let deviation: Double?

    fileprivate init(_ spread: ConvoyRunReports.Spread) {
      (mean, deviation) = (spread.mean, spread.deviation)
    }
  }

  /// The mean of the differences between runs with the same seed.
  public struct Difference: Sendable, Equatable {
    /// How many pairs of runs there are, at least 2.
    public let pairs: Int
    /// The mean.
    public let mean: Double
    /// The 95% confidence interval of the mean, by Student's t distribution (Student, 1908). One that holds
    /// 0 is no evidence of a difference.
    public let interval: ClosedRange<Double>

    fileprivate init(_ difference: PairedDifference) {
      (pairs, mean) = (difference.pairs, difference.mean)
      interval = mean - difference.margin...mean + difference.margin
    }
  }

  private let comparison: RunComparison

  /// In the order of their first logs.
  public let rows: [Row]

  /// Reads the logs of ``Training/log`` or `convoy train --log`, each with at least one epoch. A file that
  /// is named twice counts once, and so do logs of the same run: with equal settings, seed and data.
  ///
  /// - Throws: ``ConvoyError``, which names the file, with what was expected and found; ``DataError``
  ///   without any log.
  public init(logs: [String]) throws {
    guard !logs.isEmpty else { throw DataError.tooFew("log", found: 0) }
    let comparison = try ConvoyError.visibly { try RunComparison(logs: logs) }
    if let run = comparison.rows.flatMap(\.unfinished).first {
      throw ConvoyError.visible(RunComparisonError.noEpochs(path: run.path, state: run.state))
    }
    let names = comparison.differingOptions
    self.comparison = comparison
    rows = comparison.rows.map { Row($0, comparison.difference($0), differing: names) }
  }

  /// A table as `convoy compare` prints it: a line for each row below a header, with accuracies in percent,
  /// and lines about logs that count once or whose runs diverged.
  public var description: String { comparison.table }

  /// Draws the accuracy by epoch as an SVG file: a curve for each row, the mean of its runs. A file of that
  /// name is replaced as a whole or not at all.
  ///
  /// - Throws: ``ConvoyError`` if no accuracy is a number, or the file cannot be written; `SettingsError`
  ///   if it is one of the logs.
  public func writeSVG(to path: String) throws {
    try checkIsNoLog(path, of: rows.flatMap(\.logs))
    try ConvoyError.visibly { try AtomicFile.write(Data(comparison.svg().utf8), to: path) }
  }
}
