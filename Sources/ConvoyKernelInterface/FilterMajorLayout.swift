/// Where the weights of a convolution lie when each filter's are side by side: filter, kernel row, and
/// then kernel column and input channel, filled up with zeros to whole vectors.
package struct FilterMajorLayout: Sendable, Equatable {
  package let filters: Int
  package let kernelRows: Int
  /// Kernel columns × input channels.
  package let rowRun: Int

  package init(filters: Int, kernelRows: Int, rowRun: Int) {
    self.filters = filters
    self.kernelRows = kernelRows
    self.rowRun = rowRun
  }

  package var rowStep: Int { (rowRun + 7) / 8 * 8 }
  package var filterStep: Int { kernelRows * rowStep }
  package var count: Int { filters * filterStep }
}
