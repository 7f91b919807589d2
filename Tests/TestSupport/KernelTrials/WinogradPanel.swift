import ConvoyKernelInterface

/// Filters that are transformed at a time: some rows of a panel, whose taps and components lie apart.
package struct WinogradPanel: Sendable, Equatable {
  package let tile: WinogradTile
  package let channels: Int
  package let width: Int
  package let tapStep: Int
  package let componentStep: Int
  /// Filters alone: as bfloat16, in pairs of rows.
  package let inPairs: Bool

  package init(
    tile: WinogradTile, channels: Int, width: Int, tapStep: Int, componentStep: Int,
    inPairs: Bool = false
  ) {
    self.tile = tile
    self.channels = channels
    self.width = width
    self.inPairs = inPairs
    self.tapStep = tapStep
    self.componentStep = componentStep
  }
}
