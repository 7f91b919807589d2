import ConvoyKernelInterface

/// Trials of Winograd's transforms one by one: each is a product of small tiles with a matrix and, from
/// the other side, its transpose.
///
/// What single precision makes of such a product differs by at most γ(n) · |A| |x| |A|ᵀ, n the roundings
/// on the longest way from a number to a result.
package enum WinogradTransformTrials {
  /// Two operations along each axis.
  package static func input(
    _ geometry: WinogradGeometry, _ generator: inout SeededGenerator
  ) -> KernelTrial {
    let size = WinogradTransformCase.mapCount(
      geometry, rows: 4 * geometry.tileRows + 2, columns: 4 * geometry.tileColumns + 2)
    let sample = WinogradTransformCase(
      WinogradMatrices.input, roundings: (4, 8),
      tiles: geometry.places { row, column, channel, tile in
        .init(
          source: geometry.mapPlaces(row, column, channel, size: 6, clipped: false),
          target: geometry.componentPlaces(tile, channel))
      }, sourceCount: size, targetCount: 36 * geometry.componentStep)
    return sample.trial("winogradInput", &generator) { kernels, source, target, _ in
      kernels.winogradInput(geometry, input: source, components: target)
    }
  }

  /// Three operations along each axis, and the bias.
  package static func output(
    _ geometry: WinogradGeometry, hasBias: Bool, _ generator: inout SeededGenerator
  ) -> KernelTrial {
    let size = WinogradTransformCase.mapCount(
      geometry, rows: geometry.rows, columns: geometry.columns)
    let sample = WinogradTransformCase(
      WinogradMatrices.output, roundings: (7, 13),
      tiles: geometry.places { row, column, channel, tile in
        .init(
          source: geometry.componentPlaces(tile, channel),
          target: geometry.mapPlaces(row, column, channel, size: 4, clipped: true),
          bias: hasBias ? channel : nil)
      }, sourceCount: 36 * geometry.componentStep, targetCount: size,
      biasCount: geometry.channels)
    return sample.trial("winogradOutput", &generator) { kernels, source, target, biases in
      kernels.winogradOutput(
        geometry, components: source, bias: hasBias ? biases : nil, output: target)
    }
  }

  /// Three operations along each axis.
  package static func outputGradient(
    _ geometry: WinogradGeometry, _ generator: inout SeededGenerator
  ) -> KernelTrial {
    let size = WinogradTransformCase.mapCount(
      geometry, rows: geometry.rows, columns: geometry.columns)
    let sample = WinogradTransformCase(
      WinogradMatrices.transpose(WinogradMatrices.output), roundings: (6, 12),
      tiles: geometry.places { row, column, channel, tile in
        .init(
          source: geometry.mapPlaces(row, column, channel, size: 4, clipped: true),
          target: geometry.componentPlaces(tile, channel))
      }, sourceCount: size, targetCount: 36 * geometry.componentStep)
    return sample.trial("winogradOutputGradient", &generator) { kernels, source, target, _ in
      kernels.winogradOutputGradient(geometry, gradient: source, components: target)
    }
  }

  /// Three operations and the two roundings of a constant along each axis.
  package static func filters(
    channels: Int, width: Int, tapStep: Int, componentStep: Int,
    _ generator: inout SeededGenerator
  ) -> KernelTrial {
    let sample = WinogradTransformCase(
      WinogradMatrices.filter, roundings: (10, 20),
      tiles: (0..<channels * width).map { place in
        .init(
          source: WinogradTransformCase.places(3, step: tapStep, place),
          target: WinogradTransformCase.places(6, step: componentStep, place))
      }, sourceCount: 9 * tapStep, targetCount: 36 * componentStep)
    return sample.trial("winogradFilters", &generator) { kernels, source, target, _ in
      kernels.winogradFilters(
        channels: channels, width: width, weights: source, tapStep: tapStep, components: target,
        componentStep: componentStep)
    }
  }

  /// As many as for the filters.
  package static func filterGradient(
    channels: Int, width: Int, componentStep: Int, tapStep: Int,
    _ generator: inout SeededGenerator
  ) -> KernelTrial {
    let sample = WinogradTransformCase(
      WinogradMatrices.transpose(WinogradMatrices.filter), roundings: (10, 20),
      tiles: (0..<channels * width).map { place in
        .init(
          source: WinogradTransformCase.places(6, step: componentStep, place),
          target: WinogradTransformCase.places(3, step: tapStep, place))
      }, sourceCount: 36 * componentStep, targetCount: 9 * tapStep)
    return sample.trial("winogradFilterGradient", &generator) { kernels, source, target, _ in
      kernels.winogradFilterGradient(
        channels: channels, width: width, components: source, componentStep: componentStep,
        weightGradient: target, tapStep: tapStep)
    }
  }
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
    (tileRow * 4..<tileRow * 4 + size).map { row in
      (tileColumn * 4..<tileColumn * 4 + size).map { column in
        clipped && (row >= rows || column >= columns)
          ? nil : row * rowStep + column * columnStep + channel
      }
    }
  }

  fileprivate func componentPlaces(_ tile: Int, _ channel: Int) -> [[Int?]] {
    WinogradTransformCase.places(6, step: componentStep, tile * channels + channel)
  }
}
