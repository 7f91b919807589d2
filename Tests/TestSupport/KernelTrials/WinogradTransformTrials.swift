import ConvoyKernelInterface

/// Trials of Winograd's transforms one by one: each is a product of small tiles with a matrix and, from
/// the other side, its transpose.
///
/// What single precision makes of such a product differs by at most γ(n) · |A| |x| |A|ᵀ, n the roundings
/// on the longest way from a number to a result.
enum WinogradTransformTrials {
  /// Two operations along each axis.
  static func input(
    _ name: String, _ geometry: WinogradGeometry, _ conditions: TrialConditions
  ) -> KernelTrial {
    let size = WinogradTransformCase.mapCount(
      geometry, rows: geometry.tile.reach(of: geometry.tileRows),
      columns: geometry.tile.reach(of: geometry.tileColumns))
    let sample = WinogradTransformCase(
      WinogradMatrices.input(geometry.tile), roundings: (4, 8),
      tiles: geometry.places { row, column, channel, tile in
        .init(
          source: geometry.mapPlaces(
            row, column, channel, size: geometry.tile.inputs, clipped: false),
          target: geometry.componentPlaces(tile, channel))
      }, sourceCount: size, targetCount: geometry.tile.components * geometry.componentStep)
    return sample.trial(name, conditions) { kernels, source, target, _ in
      kernels.winogradInput(geometry, input: source, components: target)
    }
  }

  /// Three operations along each axis, and the bias.
  static func output(
    _ name: String, _ geometry: WinogradGeometry, hasBias: Bool, _ conditions: TrialConditions
  ) -> KernelTrial {
    let size = WinogradTransformCase.mapCount(
      geometry, rows: geometry.rows, columns: geometry.columns)
    let sample = WinogradTransformCase(
      WinogradMatrices.output(geometry.tile), roundings: (7, 13),
      tiles: geometry.places { row, column, channel, tile in
        .init(
          source: geometry.componentPlaces(tile, channel),
          target: geometry.mapPlaces(
            row, column, channel, size: geometry.tile.outputs, clipped: true),
          bias: hasBias ? channel : nil)
      }, sourceCount: geometry.tile.components * geometry.componentStep, targetCount: size,
      biasCount: geometry.channels)
    return sample.trial(name, conditions) { kernels, source, target, biases in
      kernels.winogradOutput(
        geometry, components: source, bias: hasBias ? biases : nil, output: target)
    }
  }

  /// Three operations along each axis.
  static func outputGradient(
    _ name: String, _ geometry: WinogradGeometry, _ conditions: TrialConditions
  ) -> KernelTrial {
    let size = WinogradTransformCase.mapCount(
      geometry, rows: geometry.rows, columns: geometry.columns)
    let sample = WinogradTransformCase(
      WinogradMatrices.transpose(WinogradMatrices.output(geometry.tile)), roundings: (6, 12),
      tiles: geometry.places { row, column, channel, tile in
        .init(
          source: geometry.mapPlaces(
            row, column, channel, size: geometry.tile.outputs, clipped: true),
          target: geometry.componentPlaces(tile, channel))
      }, sourceCount: size, targetCount: geometry.tile.components * geometry.componentStep)
    return sample.trial(name, conditions) { kernels, source, target, _ in
      kernels.winogradOutputGradient(geometry, gradient: source, components: target)
    }
  }

  /// Three operations and a constant's rounding along each axis; of a 5 × 5 kernel, four and one.
  static func filters(
    _ name: String, _ panel: WinogradPanel, _ conditions: TrialConditions
  ) -> KernelTrial {
    let sample = WinogradTransformCase(
      WinogradMatrices.filter(panel.tile), roundings: panel.tile == .f2x5 ? (10, 20) : (8, 16),
      tiles: (0..<panel.channels * panel.width).map { place in
        .init(
          source: WinogradTransformCase.places(panel.tile.kernelSize, step: panel.tapStep, place),
          target: WinogradTransformCase.places(panel.tile.inputs, step: panel.componentStep, place))
      }, sourceCount: panel.tile.taps * panel.tapStep,
      targetCount: panel.tile.components * panel.componentStep)
    return sample.trial(name, conditions) { kernels, source, target, _ in
      kernels.winogradFilters(
        panel.tile, channels: panel.channels, width: panel.width, weights: source,
        tapStep: panel.tapStep,
        components: target,
        componentStep: panel.componentStep, inPairs: panel.inPairs)
    }
  }

  /// Three operations and the two roundings of a constant along each axis.
  static func filterGradient(
    _ name: String, _ panel: WinogradPanel, _ conditions: TrialConditions
  ) -> KernelTrial {
    let sample = WinogradTransformCase(
      WinogradMatrices.transpose(WinogradMatrices.filter(panel.tile)), roundings: (10, 20),
      tiles: (0..<panel.channels * panel.width).map { place in
        .init(
          source: WinogradTransformCase.places(panel.tile.inputs, step: panel.componentStep, place),
          target: WinogradTransformCase.places(panel.tile.kernelSize, step: panel.tapStep, place))
      }, sourceCount: panel.tile.components * panel.componentStep,
      targetCount: panel.tile.taps * panel.tapStep)
    return sample.trial(name, conditions) { kernels, source, target, _ in
      kernels.winogradFilterGradient(
        panel.tile, channels: panel.channels, width: panel.width, components: source,
        componentStep: panel.componentStep,
        weightGradient: target, tapStep: panel.tapStep)
    }
  }
}

extension WinogradTile {
  /// Inputs along an axis that so many tiles read.
  fileprivate func reach(of tiles: Int) -> Int { outputs * tiles + kernelSize - 1 }
}

extension WinogradGeometry {
  fileprivate func places(
    _ body: (_ row: Int, _ column: Int, _ channel: Int, _ tile: Int) -> WinogradTransformCase.Tile
  ) -> [WinogradTransformCase.Tile] {
    (0..<tileRows * tileColumns).flatMap { tile in
      (0..<channels).map { body(tile / tileColumns, tile % tileColumns, $0, tile) }
    }
  }

  /// Where a tile's values lie in the map; nil for those beyond it.
  fileprivate func mapPlaces(
    _ tileRow: Int, _ tileColumn: Int, _ channel: Int, size: Int, clipped: Bool
  ) -> [[Int?]] {
    let (firstRow, firstColumn) = (tileRow * tile.outputs, tileColumn * tile.outputs)
    return (firstRow..<firstRow + size).map { row in
      (firstColumn..<firstColumn + size).map { column in
        clipped && (row >= rows || column >= columns)
          ? nil : row * rowStep + column * columnStep + channel
      }
    }
  }

  fileprivate func componentPlaces(_ tile: Int, _ channel: Int) -> [[Int?]] {
    WinogradTransformCase.places(
      self.tile.inputs, step: componentStep, (firstTile + tile) * channels + channel)
  }
}
