import ConvoyDatasets
import ConvoyFileAccess
import ConvoyMessagePassing
import ConvoyONNX
import ConvoyPage
import ConvoyPictures
import ConvoyProcessLimits
import ConvoyRunReports
import ConvoySafetensors
import ConvoyTraining

/// Why a file, data, a model or a run cannot be used. Errors that a program can foresee by the values
/// that it gives have types of their own, such as ``DataError`` and ``ModelError``.
public struct ConvoyError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What the error is about.
  public enum Kind: Sendable {
    /// A file cannot be opened, read, written or locked; the description has the system's reason.
    case file
    /// The contents of a data set or a picture are not as their format says, or are not those that
    /// were needed.
    case data
    /// A model or another network cannot be read, or cannot be written in a format.
    case model
    /// The data, the classes, the rule or the loss are others than those of the network, or of the
    /// checkpoint's run.
    case mismatch
    /// The log of a run cannot be read as one, has no epoch, or is not the one that the run wrote.
    case log
    /// Processes cannot train together: there is no library of MPI for their launcher, one of them failed,
    /// they differ in data, settings or weights, or are too many for a batch.
    case ranks
    /// Memory has no room for it. It is checked before anything is allocated.
    case memory
  }

  /// What the error is about.
  public let kind: Kind
  /// One line: the file or the part, what was expected and what was found.
  public let description: String

  private init(_ kind: Kind, _ error: any CustomStringConvertible) {
    self.kind = kind
    description = error.description
  }
}

extension ConvoyError {
  /// An error as programs see it: of a public type. Those of a caller's own stay as they are.
  static func visible(_ error: any Error) -> any Error {
    switch error {
    case let error as FileError: ConvoyError(.file, error)
    case let error as MemoryError: ConvoyError(.memory, error)
    case let error as DatasetError: visible(error)
    case let error as PictureError: visible(error)
    case let error as SafetensorsError:
      switch error {
      case .unreadable(let error): ConvoyError(.file, error)
      case .memory(let error): ConvoyError(.memory, error)
      default: ConvoyError(.model, error)
      }
    case let error as ONNXError:
      switch error {
      case .unreadable(let error): ConvoyError(.file, error)
      case .memory(let error): ConvoyError(.memory, error)
      default: ConvoyError(.model, error)
      }
    case let error as ModelFileError: ConvoyError(.model, error)
    case let error as AmbiguousTensors: ConvoyError(.model, error)
    case let error as ModelPageError: ConvoyError(.model, error)
    case let error as TrainingDataError: ConvoyError(.mismatch, error)
    case let error as RunMismatch: ConvoyError(.mismatch, error)
    case let error as RunLogError: ConvoyError(.log, error)
    case let error as MPIError: ConvoyError(.ranks, error)
    case let error as RankError: ConvoyError(.ranks, error)
    case let error as RunHistoryError: ConvoyError(.log, error)
    case let error as EmptyLog: ConvoyError(.log, error)
    case let error as RunComparisonError: ConvoyError(.log, error)
    default: error
    }
  }

  private static func visible(_ error: DatasetError) -> ConvoyError {
    switch error {
    case .unreadable, .missingDirectory: ConvoyError(.file, error)
    case .unwritable(let error): ConvoyError(.file, error)
    case .memory(let error): ConvoyError(.memory, error)
    case .unreadablePictures(let errors, _):
      ConvoyError(errors.first.map { visible($0).kind } ?? .data, error)
    default: ConvoyError(.data, error)
    }
  }

  private static func visible(_ error: PictureError) -> ConvoyError {
    switch error {
    case .unreadable(let error): ConvoyError(.file, error)
    case .memory(let error): ConvoyError(.memory, error)
    default: ConvoyError(.data, error)
    }
  }

  /// Calls `body`, whose errors become visible ones.
  static func visibly<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch { throw visible(error) }
  }
}
