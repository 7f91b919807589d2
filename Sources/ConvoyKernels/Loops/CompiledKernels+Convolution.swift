import ConvoyKernelInterface

extension CompiledKernels {
  /// Output = bias + Σ input · weight. Goes by four panels, two or one, then by size of tiles, row, and tiles
  /// of adjacent columns. Lanes are output channels, so that every output is one chain over the taps.
  package func convolve(
    _ geometry: ConvolutionGeometry, input: FloatPointer, weights: FloatPointer,
    bias: FloatPointer?, output: MutableFloatPointer
  ) {
    if geometry.multipliesBFloat16 {
      convolveBFloat16(geometry, input, weights, bias, output)
      return
    }
    let geometry = geometry.joiningRows
    let layout = geometry.weights
    let wholePanels = layout.columns / PanelLayout.panelWidth
    var made = 0
    if TileLimit.hasFourPanels, geometry.outputColumns == 1 {
      while made &+ 4 <= wholePanels {
        let channel = made &* PanelLayout.panelWidth
        convolvePositions(
          geometry, input, weights + layout.offset(ofPanel: made), bias.map { $0 + channel },
          output + channel)
        made &+= 4
      }
    }
    while made < layout.panels {
      let channel = made &* PanelLayout.panelWidth
      let panelWeights = weights + layout.offset(ofPanel: made)
      let panelBias = bias.map { $0 + channel }
      let left = layout.panels &- made
      // Of three, the last of eight channels, the first goes alone: the narrow one gains most from a partner.
      let pairs = left >= 2 && (left != 3 || wholePanels == layout.panels)
      if TileLimit.pairs > 0, pairs {
        convolvePair(
          geometry, input, panelWeights, panelBias, output + channel,
          secondIsWhole: made &+ 2 <= wholePanels)
        made &+= 2
        continue
      }
      made &+= 1
      if made <= wholePanels {
        convolvePanel(
          Float32<SIMD16<Float>>.self, geometry, input, panelWeights,
          panelBias, output + channel)
      } else {
        convolveNarrowPanel(geometry, input, panelWeights, panelBias, output + channel)
      }
    }
  }
}

extension CompiledKernels {
  /// Two panels at once by VDPBF16PS; one at a time without it.
  private func convolveBFloat16(
    _ geometry: ConvolutionGeometry, _ input: FloatPointer, _ weights: FloatPointer,
    _ bias: FloatPointer?, _ output: MutableFloatPointer
  ) {
    let layout = geometry.weights
    var panel = 0
    while panel < layout.panels {
      let channel = panel &* PanelLayout.panelWidth
      let panelWeights = weights + layout.offset(ofPanel: panel)
      let (panelBias, panelOutput) = (bias.map { $0 + channel }, output + channel)
      let isWhole = layout.width(ofPanel: panel) == PanelLayout.panelWidth
      panel &+= 1
      #if AVX512
        if hasBFloat16Dot {
          if channel &+ 2 &* PanelLayout.panelWidth <= layout.columns {
            convolveBFloat16Pair(geometry, input, panelWeights, panelBias, panelOutput)
            panel &+= 1
          } else if isWhole {
            convolvePanel(
              BFloat16Dot<SIMD16<Float>>.self, geometry, input, panelWeights,
              panelBias, panelOutput)
          } else {
            convolvePanel(
              BFloat16Dot<SIMD8<Float>>.self, geometry, input, panelWeights,
              panelBias, panelOutput)
          }
          continue
        }
      #endif
      if isWhole {
        convolvePanel(
          EmulatedBFloat16Dot<SIMD16<Float>>.self, geometry, input, panelWeights,
          panelBias, panelOutput)
      } else {
        convolvePanel(
          EmulatedBFloat16Dot<SIMD8<Float>>.self, geometry, input, panelWeights,
          panelBias, panelOutput)
      }
    }
  }
}

/// A panel of eight channels that has no partner.
private func convolveNarrowPanel(
  _ geometry: ConvolutionGeometry, _ input: FloatPointer, _ weights: FloatPointer,
  _ bias: FloatPointer?, _ output: MutableFloatPointer
) {
  #if AVX512
    if pairsPositions(geometry) {
      convolveHalfPanel(geometry, input, weights, bias, output)
      return
    }
  #endif
  convolvePanel(
    Float32<SIMD8<Float>>.self, geometry, input, weights, bias, output)
}

@inline(__always)
private func convolvePanel<Product: MultiplyAdd>(
  _: Product.Type, _ geometry: ConvolutionGeometry, _ input: FloatPointer,
  _ weights: FloatPointer, _ bias: FloatPointer?, _ output: MutableFloatPointer
) {
  let start = bias.map(Product.Vector.load) ?? Product.Vector()
  var (input, output) = (input, output)
  let cut = EvenCut(geometry.outputColumns, limit: Product.limit)
  // A loop, so that the functions of all counts are dispatched to in one place.
  for kind in 0..<2 {
    let (tiles, columns) = cut.pieces(ofKind: kind)
    guard tiles > 0 else { continue }
    let strip = ConvolutionStrip<Product>(
      geometry: geometry, tiles: tiles, input: input, weights: weights, start: start, output: output
    )
    withCount(columns, strip)
    input += tiles &* columns &* geometry.inputColumnStep
    output += tiles &* columns &* geometry.outputColumnStep
  }
}

/// One vector of output channels for tiles of `count` adjacent columns, row after row.
private struct ConvolutionStrip<Product: MultiplyAdd>: TileBody {
  typealias Vector = Product.Vector

  @inline(__always)
  static var limit: Int { Product.limit }
  let geometry: ConvolutionGeometry
  let tiles: Int
  let input: FloatPointer
  let weights: FloatPointer
  let start: Vector
  let output: MutableFloatPointer

  /// One function per count, because the compiler gives up inlining into one that holds all.
  @inline(never)
  func run<let count: Int>(_ width: Count<count>) {
    // First layer with one channel: the columns' inputs are adjacent, at constant offsets.
    if !Product.areBFloat16, geometry.inputColumnStep == 1 {
      run(width, columnStep: 1)
    } else {
      run(width, columnStep: geometry.inputColumnStep)
    }
  }

  @inline(__always)
  private func run<let count: Int>(_: Count<count>, columnStep: Int) {
    for row in 0..<geometry.outputRows {
      var tileInput = input + row &* geometry.inputRowStep
      var tileOutput = output + row &* geometry.outputRowStep
      for _ in 0..<tiles {
        var sums = InlineArray<count, Vector>(repeating: start)
        var weight = weights + row &* geometry.weightRowStep
        for kernelRow in 0..<geometry.kernelRows {
          var run = tileInput + kernelRow &* geometry.kernelRowStep
          for _ in 0..<geometry.runs {
            var value = run
            for _ in 0..<geometry.rowRun {
              let lanes = Vector.load(weight)
              for column in 0..<count {
                sums[column] = Product.add(
                  lanes, times: value[column &* columnStep], to: sums[column])
              }
              weight += Vector.scalarCount
              value += 1
            }
            run += geometry.runStep
          }
        }
        for column in 0..<count {
          sums[column].store(tileOutput + column &* geometry.outputColumnStep)
        }
        tileInput += count &* columnStep
        tileOutput += count &* geometry.outputColumnStep
      }
    }
  }
}
