import ConvoyKernelInterface

/// Filters that are transformed at a time: some rows of a panel, whose taps and components lie apart.
package struct WinogradPanel: Sendable, Equatable {
  package let tile: WinogradTile
  package let channels: Int
  package let width: Int
  package let tapStep: Int
  package let componentStep: Int
  /// Of filters; their gradients are floats.
  package let storage: ComponentStorage

  package init(
    tile: WinogradTile, channels: Int, width: Int, tapStep: Int, componentStep: Int,
    storage: ComponentStorage = .single
  ) {
    self.tile = tile
    self.channels = channels
    self.width = width
    self.storage = storage
    self.tapStep = tapStep
    self.componentStep = componentStep
  }
}
