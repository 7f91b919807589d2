/// The page's files, which are in the binary.
enum PageFiles {
  static let template = text(PackageResources.page_html)
  static let style = text(PackageResources.page_css)
  /// All scripts as one, each after those that it uses when it is loaded.
  static let scripts = [
    PackageResources.palette_js, PackageResources.convolution_js, PackageResources.layers_js,
    PackageResources.engine_js, PackageResources.pictures_js, PackageResources.drawing_js,
    PackageResources.occlusion_js, PackageResources.explain_js,
    PackageResources.explain_others_js, PackageResources.answer_js, PackageResources.maps_js,
    PackageResources.description_js,
    PackageResources.page_js,
  ].map(text).joined(separator: "\n")

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
