/// The style sheet of every page that Convoy writes.
package enum WebStyle {
  /// CSS for a `style` element: colours, type, tables and controls, for light and dark screens, phones
  /// and paper.
  package static let css = String(decoding: PackageResources.Style_css, as: UTF8.self)
}
