import ConvoyWebFiles
import Foundation

extension Report {
  /// The page: well-formed as XML too.
  package func html() -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <title>\(title.escaped)</title>
    <style>
    \(unsafe String(cString: convoy_style))
    \(unsafe String(cString: convoy_report_style))</style>
    </head>
    <body>
    <header>
    <h1>\(title.escaped)</h1>
    <p class="subtitle">\(subtitle.escaped)</p>
    \(factList)\(resultList)\(note.isEmpty ? "" : "<p class=\"note\">\(note.escaped)</p>\n")</header>
    <main>
    \(sections.joined())</main>
    <footer><p class="muted">Written by Convoy \(version.escaped).</p></footer>
    </body>
    </html>

    """
  }

  private var factList: String { Self.list(facts, of: "facts") }
  private var resultList: String { Self.list(results, of: "results") }

  private static func list(_ facts: [Fact], of kind: String) -> String {
    guard !facts.isEmpty else { return "" }
    let items = facts.map {
      "<div><dt>\($0.name.escaped)</dt><dd>\($0.value.escaped)</dd></div>"
    }
    return "<dl class=\"\(kind)\">\(items.joined())</dl>\n"
  }

  private var sections: [String] {
    var sections: [String] = []
    func add(_ title: String, _ body: String) {
      if body.isEmpty { return }
      sections.append("<section>\n<h2>\(title.escaped)</h2>\n\(body)</section>\n")
    }
    let figures = charts.map { $0.html() }.joined()
    add(
      "Training",
      (figures.isEmpty ? "" : "<div class=\"charts\">\n\(figures)</div>\n")
        + tables.map(\.html).joined())
    add("Classes", classification?.html() ?? "")
    for gallery in galleries where !gallery.images.isEmpty { add(gallery.title, gallery.body) }
    if let network {
      add(
        "Network",
        network.layers.body
          + (network.filters.map { "<h3>\($0.title.escaped)</h3>\n" + $0.body } ?? "")
          + network.maps.map { gallery in
            "<details><summary>\(gallery.title.escaped)</summary>\n\(gallery.body)</details>\n"
          }.joined())
      add(
        network.gradients.isEmpty ? "Weights" : "Weights and gradients",
        network.weights.isEmpty
          ? ""
          : (network.gradientNote.isEmpty
            ? "" : "<p class=\"muted\">\(network.gradientNote.escaped)</p>\n")
            + "<div class=\"histograms\">\n\(network.histograms)</div>\n")
    }
    add("Settings", settings.map { Self.list($0, isOpen: settings.count == 1) }.joined())
    return sections
  }

  private static func list(_ settings: Settings, isOpen: Bool) -> String {
    "<details\(isOpen ? " open=\"open\"" : "")><summary>\(settings.name.escaped)</summary>\n"
      + list(settings.facts, of: "settings") + "</details>\n"
  }
}

extension Report.Network {
  /// The histograms of weights, each beside that of its gradients, if there is one.
  fileprivate var histograms: String {
    weights.map { weights in
      let gradients = gradients.first { $0.title == weights.title }
      return "<div class=\"pair\">\n\(weights.html())"
        + (gradients?.html(heading: "gradients") ?? "") + "</div>\n"
    }.joined()
  }
}

extension Report.Table {
  var html: String {
    "<details\(isOpen ? " open=\"open\"" : "")><summary>\(summary.escaped)</summary>\n\(body)</details>\n"
  }

  var body: String {
    let head = columns.enumerated().map { column, name in
      "<th scope=\"col\"\(column > 0 ? " class=\"number\"" : "")>\(name.escaped)</th>"
    }
    let lines = rows.map { row in
      "<tr>"
        + row.enumerated().map { column, text in
          column > 0
            ? "<td class=\"number\">\(text.escaped)</td>"
            : "<th scope=\"row\">\(text.escaped)</th>"
        }.joined() + "</tr>\n"
    }
    return
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(summary.escaped)\"><table>\n<thead><tr>\(head.joined())</tr></thead>\n"
      + "<tbody>\n\(lines.joined())</tbody>\n</table></div>\n"
  }
}

extension Report.Gallery {
  var body: String {
    (explanation.isEmpty ? "" : "<p class=\"muted\">\(explanation.escaped)</p>\n") + images.html
  }
}

extension [Report.Captioned] {
  var html: String {
    let figures = map { item in
      "<figure><img src=\"data:image/png;base64,\(Data(item.image.png).base64EncodedString())\" "
        + "width=\"\(item.image.width)\" height=\"\(item.image.height)\" "
        + "alt=\"\(item.caption.escaped)\"/>"
        + "<figcaption>\(item.caption.escaped)"
        + (item.detail.isEmpty ? "" : "<br/><small>\(item.detail.escaped)</small>")
        + "</figcaption></figure>\n"
    }
    return "<div class=\"gallery\">\n\(figures.joined())</div>\n"
  }
}

extension StringProtocol {
  /// For text and attributes of HTML; characters that XML forbids become U+FFFD.
  var escaped: String {
    var text = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "\t", "\n", "\r": text.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}", "\u{FFFE}", "\u{FFFF}": text += "\u{FFFD}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
