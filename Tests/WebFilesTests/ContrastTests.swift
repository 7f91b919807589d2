import ConvoyWebFiles
import Foundation
import Testing

/// Text is readable on every background, by the formulas of the Web Content Accessibility Guidelines
/// 2.2, 1.4.3 and 1.4.11.
@Suite struct ContrastTests {
  private enum Screen: String, CaseIterable {
    case light
    case dark
  }

  private static let style = String(cString: convoy_style)

  /// The colours of a screen by name. Those of the dark one follow its media query.
  private static func colors(_ screen: Screen) throws -> [String: [Double]] {
    let start = try #require(style.range(of: "prefers-color-scheme: dark"))
    let text = screen == .light ? style[..<start.lowerBound] : style[start.upperBound...]
    return Dictionary(
      uniqueKeysWithValues: text.matches(of: #/--([a-z0-9-]+): #([0-9a-f]{6});/#).map { match in
        let number = Int(match.2, radix: 16) ?? 0
        return (
          String(match.1), [16, 8, 0].map { Double((number >> $0) & 255) / 255 }
        )
      })
  }

  private static func luminance(_ color: [Double]) -> Double {
    zip(color, [0.2126, 0.7152, 0.0722]).reduce(0) { sum, part in
      let linear = part.0 <= 0.04045 ? part.0 / 12.92 : pow((part.0 + 0.055) / 1.055, 2.4)
      return sum + part.1 * linear
    }
  }

  private static func contrast(_ one: [Double], _ other: [Double]) -> Double {
    let (first, second) = (luminance(one), luminance(other))
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)
  }

  private static let texts = [
    "ink", "muted", "accent", "positive", "negative", "good", "bad", "series-1", "series-2",
    "series-3", "series-4",
  ]

  @Test(arguments: Screen.allCases)
  private func textIsReadable(_ screen: Screen) throws {
    let colors = try Self.colors(screen)
    for ground in ["paper", "raised", "sunken"] {
      for text in Self.texts {
        let contrast = Self.contrast(try #require(colors[text]), try #require(colors[ground]))
        #expect(contrast >= 4.5, "\(text) on \(ground), \(screen): \(contrast)")
      }
      let outline = Self.contrast(try #require(colors["outline"]), try #require(colors[ground]))
      #expect(outline >= 3, "outline on \(ground), \(screen): \(outline)")
    }
    let pressed = Self.contrast(
      try #require(colors["on-accent"]), try #require(colors["accent"]))
    #expect(pressed >= 4.5, "on-accent, \(screen): \(pressed)")
  }

  /// A `style` element ends at the first `</`.
  @Test func fitsIntoAPage() {
    #expect(!Self.style.contains("</"))
    #expect(Self.style.contains("@media print"))
  }
}
