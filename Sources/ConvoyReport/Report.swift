/// What a report shows; `html` writes it as one page without scripts and without other files.
///
/// Every part may be absent: a log alone gives curves, a model with data the rest.
package struct Report: Sendable {
  package var title: String
  /// What was trained on what, in a sentence.
  package var subtitle: String
  /// What a reader asks for first.
  package var facts: [Fact] = []
  /// The results, large.
  package var results: [Fact] = []
  /// What is to be known of the results; empty for nothing.
  package var note = ""
  package var charts: [Chart] = []
  package var tables: [Table] = []
  package var classification: Classification?
  package var galleries: [Gallery] = []
  package var network: Network?
  /// The settings of each run, in the order of the runs.
  package var settings: [Settings] = []
  /// The version that wrote the report.
  package var version: String

  package init(title: String, subtitle: String, version: String) {
    self.title = title
    self.subtitle = subtitle
    self.version = version
  }

  /// A number with its name.
  package struct Fact: Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package struct Settings: Sendable {
    package let name: String
    package let facts: [Fact]

    package init(name: String, facts: [Fact]) {
      self.name = name
      self.facts = facts
    }
  }

  /// A table behind its summary.
  package struct Table: Sendable {
    package let summary: String
    package let columns: [String]
    package let rows: [[String]]
    /// Whether the rows are seen at first.
    package let isOpen: Bool

    /// - Parameter rows: each with a text per column; the first column names the row.
    package init(summary: String, columns: [String], rows: [[String]], isOpen: Bool = false) {
      precondition(
        rows.allSatisfy { $0.count == columns.count }, "A row has a text for each column.")
      self.summary = summary
      self.columns = columns
      self.rows = rows
      self.isOpen = isOpen
    }
  }

  /// Pictures with captions.
  package struct Gallery: Sendable {
    package let title: String
    package let explanation: String
    package let images: [Captioned]

    package init(title: String, explanation: String, images: [Captioned]) {
      self.title = title
      self.explanation = explanation
      self.images = images
    }
  }

  package struct Captioned: Sendable {
    package let image: Image
    package let caption: String
    package let detail: String

    package init(_ image: Image, caption: String, detail: String) {
      self.image = image
      self.caption = caption
      self.detail = detail
    }
  }

  /// A PNG file, with the size at which it is shown.
  package struct Image: Sendable {
    package let png: [UInt8]
    package let width: Int
    package let height: Int

    package init(png: [UInt8], width: Int, height: Int) {
      self.png = png
      self.width = width
      self.height = height
    }
  }

  /// The layers of a network and what is in them.
  package struct Network: Sendable {
    package let layers: Table
    package var filters: Gallery?
    package var maps: [Gallery] = []
    package var weights: [Histogram] = []
    /// Of some of the weights, by their titles.
    package var gradients: [Histogram] = []
    /// What the gradients are of, or why there are none.
    package var gradientNote = ""

    package init(layers: Table) { self.layers = layers }
  }
}
