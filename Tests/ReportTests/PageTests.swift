import Foundation
import Testing

@testable import ConvoyReport

/// The page is well-formed, shows what it was given, and needs nothing else.
@Suite struct PageTests {
  private static let nasty = "a<b>&\"c\" \u{1}"
  private static let image = Report.Image(png: [137, 80, 78, 71], width: 28, height: 28)

  private static var report: Report {
    let captioned = Report.Captioned(image, caption: nasty, detail: nasty)
    let gallery = Report.Gallery(title: nasty, explanation: nasty, images: [captioned])
    var report = Report(title: nasty, subtitle: nasty, version: nasty)
    report.results = [Report.Fact(nasty, nasty)]
    report.charts = [
      Chart(
        title: nasty, xLabel: nasty, style: .percent,
        curves: [
          Curve(
            name: nasty, series: 0, hasMarks: true,
            points: [Curve.Point(1, 0.5), Curve.Point(2, 0.75), Curve.Point(3, .nan)]),
          Curve(
            name: "long", series: 10, isThin: true,
            points: (0..<1_000).map { Curve.Point(Double($0) / 300, Double($0 % 7)) }),
        ])
    ]
    report.tables = [Report.Table(summary: nasty, columns: [nasty, "n"], rows: [[nasty, "1"]])]
    report.classification = Classification(
      scores: [
        Classification.Score(name: nasty, images: 4, precision: 0.75, recall: 0.75, f1: 0.75),
        Classification.Score(name: "other", images: 2, precision: nil, recall: nil, f1: nil),
      ],
      confusion: [[3, 1], [2, 0]],
      pairs: [Classification.Pair(label: 0, predicted: 1, count: 1, images: [captioned])],
      cells: [Classification.Pair(label: 1, predicted: 0, count: 2, images: [captioned])])
    report.galleries = [gallery]
    var network = Report.Network(layers: report.tables[0])
    network.filters = gallery
    network.maps = [gallery]
    network.weights = [Histogram(title: nasty, of: [-1, 0, 1])]
    network.gradients = [Histogram(title: nasty, of: [-2, 2])]
    network.gradientNote = nasty
    report.network = network
    report.settings = [Report.Settings(name: nasty, facts: [Report.Fact(nasty, nasty)])]
    return report
  }

  /// The names of elements in the order of their ends; nil where one is not closed.
  private func elements(_ html: String) -> [String]? {
    var open: [String] = []
    var closed: [String] = []
    for tag in html.matches(of: #/<(\/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*?)(\/?)>/#) {
      let name = String(tag.2)
      if !tag.1.isEmpty {
        guard open.popLast() == name else { return nil }
        closed.append(name)
      } else if tag.4.isEmpty {
        open.append(name)
      }
    }
    return open.isEmpty ? closed : nil
  }

  @Test func isWellFormed() throws {
    let html = Self.report.html()
    let closed = try #require(elements(html))
    #expect(closed.last == "html" && closed.contains("svg") && closed.contains("table"))
    // Nothing but the page's own marks is in angle brackets, and each ampersand begins an entity.
    let body = try #require(html.firstMatch(of: #/<body>(?s:.*)<\/body>/#)).0
    #expect(!body.contains("<b>") && !body.contains("\u{1}"))
    #expect(body.matches(of: /&/).count == body.matches(of: /&(amp|lt|gt|quot);/).count)
    // The check itself sees what is missing.
    #expect(elements(html.replacing("</table>", with: "", maxReplacements: 1)) == nil)
  }

  @Test func needsNothingElse() {
    let html = Self.report.html()
    for word in ["<script", "http:", "https:", "@import", "<link", "src=\"/", "url("] {
      #expect(!html.contains(word), "\(word)")
    }
    #expect(html.contains("src=\"data:image/png;base64,iVBORw==\""))
  }

  @Test func theHeadlineHasFactsResultsAndANote() throws {
    var report = Report(title: "t", subtitle: "s", version: "1")
    report.facts = [Report.Fact("batch", "64")]
    report.results = [Report.Fact("test accuracy", "98.50%")]
    report.note = "a < b"
    let html = report.html()
    #expect(html.contains("<dl class=\"facts\"><div><dt>batch</dt><dd>64</dd></div></dl>"))
    #expect(html.contains("<dl class=\"results\"><div><dt>test accuracy</dt>"))
    #expect(html.contains("<p class=\"note\">a &lt; b</p>\n</header>"))
  }

  @Test func scoresAreShares() {
    let html = Self.report.html()
    #expect(html.ranges(of: "<td class=\"number\">75.00%</td>").count == 4, "recall twice")
  }

  @Test func aMatrixTellsItsCellsAndLeadsToPictures() {
    let html = Self.report.html()
    #expect(html.contains("seen as other: 1 of 4, 25.00%\"><a href=\"#confused-0-1\">1</a></td>"))
    #expect(html.contains("<details id=\"confused-0-1\" open"))
    #expect(html.contains("3 of 4, 75.00%\">3</td>"))
    // A cell with pictures shows them, and takes the focus.
    #expect(html.contains("tabindex=\"0\">2<div class=\"peek\"><p>other seen as "))
    #expect(html.contains(": 2 of 2, 100.00%</p>\n<div class=\"gallery\">\n<figure>"))
    #expect(html.contains("class=\"scroll\" tabindex=\"0\" role=\"region\""))
  }

  @Test func gradientsAreBesideTheirWeights() {
    let html = Self.report.html()
    #expect(html.contains("<h2>Weights and gradients</h2>"))
    let pair = html.components(separatedBy: "<div class=\"pair\">").last ?? ""
    #expect(pair.contains("<h3>gradients</h3>") && pair.contains("<span>−2</span><span>2</span>"))
  }

  /// A matrix of many classes is a picture with all of its cells, and a list of its mistakes.
  @Test(arguments: [21, 64, 65, 300]) func aLargeMatrixFitsThePage(classes: Int) throws {
    let scores = (0..<classes).map { label in
      Classification.Score(
        name: "class \(label) & more", images: 10, precision: 0.5, recall: 0.5, f1: 0.5)
    }
    let confusion = (0..<classes).map { label in
      (0..<classes).map { $0 == label ? 6 : ($0 + label) % 17 == 0 ? 1 : 0 }
    }
    var report = Report(title: "t", subtitle: "s", version: "1")
    report.classification = Classification(scores: scores, confusion: confusion, pairs: [])
    let html = report.html()
    #expect(elements(html) != nil)
    let cells = confusion.joined().count { $0 > 0 }
    #expect(html.ranges(of: "h1v1h-1z").count == cells)
    #expect(!html.contains("<table class=\"matrix\">"))
    #expect(html.contains("<th scope=\"row\">class 1 &amp; more</th>"))
    #expect((html.ranges(of: "<title>class 0 &amp; more seen as").count > 1) == (cells <= 5_000))
    // As small as a picture.
    #expect(html.count < 1_000_000)
  }

  @Test func manyRunsAreToldApart() {
    let curves = (0..<24).flatMap { series in
      [true, false].map { isThin in
        Curve(name: "run", series: series, isThin: isThin, points: [Curve.Point(0, 1)])
      }
    }
    let html = Chart(title: "Loss", xLabel: "epoch", curves: curves).html()
    let lines = html.matches(of: /<path class="(curve[^"]*)" d="M1 4H23"/).map(\.1)
    #expect(lines.count == 48 && Set(lines).count == 48)
    for number in 1...8 {
      #expect(Report(title: "", subtitle: "", version: "").html().contains(".s\(number) {"))
    }
  }

  @Test func pointsAndFaultsTellTheirNumbers() {
    let html = Self.report.html()
    #expect(html.contains(" 2: 75%</title></circle>"))
    #expect(html.contains(" 3: not finite</title></path>"))
    #expect(html.contains("class=\"band s3\"") && html.contains("class=\"curve s3 dotted thin\""))
  }

  @Test func partsThatAreNotThereLeaveNoTrace() throws {
    var report = Report(title: "t", subtitle: "s", version: "1")
    report.charts = [
      Chart(
        title: "none", xLabel: "x",
        curves: [Curve(name: "n", series: 0, points: [Curve.Point(1, .nan)])])
    ]
    let html = report.html()
    #expect(elements(html) != nil)
    for word in ["<section", "<svg", "<figure", "<dl", "none</h3>"] {
      #expect(!html.contains(word), "\(word)")
    }
  }
}
