import ConvoyKernelInterface

// Other files call functions that are not generic: a generic one would be emitted unspecialised too, and
// call code that instruction sets share.

/// A convolution of two panels at once, the second of which may be of eight channels.
func convolvePair(
  _ geometry: ConvolutionGeometry, _ input: FloatPointer, _ weights: FloatPointer,
  _ bias: FloatPointer?, _ output: MutableFloatPointer, secondIsWhole: Bool
) {
  if secondIsWhole {
    convolveBoth(
      Float32<SIMD16<Float>>.self, Float32<SIMD16<Float>>.self, geometry, input, weights, bias,
      output)
  } else {
    convolveBoth(
      Float32<SIMD16<Float>>.self, Float32<SIMD8<Float>>.self, geometry, input, weights, bias,
      output)
  }
}

/// The weight gradient of two whole panels at once.
func pairGradient(
  _ geometry: ConvolutionGeometry, _ input: FloatPointer, _ outputGradient: FloatPointer,
  _ result: MutableFloatPointer, _ accumulates: Bool
) {
  differentiateBoth(
    Float32<SIMD16<Float>>.self, geometry, input, outputGradient, result, accumulates)
}

#if AVX512
  /// Two whole panels of bfloat16, by VDPBF16PS.
  func convolveBFloat16Pair(
    _ geometry: ConvolutionGeometry, _ input: FloatPointer, _ weights: FloatPointer,
    _ bias: FloatPointer?, _ output: MutableFloatPointer
  ) {
    convolveBoth(
      BFloat16Dot<SIMD16<Float>>.self, BFloat16Dot<SIMD16<Float>>.self, geometry, input, weights,
      bias, output)
  }

  func bfloat16PairGradient(
    _ geometry: ConvolutionGeometry, _ input: FloatPointer, _ outputGradient: FloatPointer,
    _ result: MutableFloatPointer, _ accumulates: Bool
  ) {
    differentiateBoth(
      BFloat16Dot<SIMD16<Float>>.self, geometry, input, outputGradient, result, accumulates)
  }
#endif

@inline(__always)
private func convolveBoth<First: MultiplyAdd<SIMD16<Float>>, Second: MultiplyAdd>(
  _: First.Type, _: Second.Type, _ geometry: ConvolutionGeometry, _ input: FloatPointer,
  _ weights: FloatPointer, _ bias: FloatPointer?, _ output: MutableFloatPointer
) {
  let starts = (
    bias.map(SIMD16.load) ?? SIMD16(),
    bias.map { Second.Vector.load($0 + PanelLayout.panelWidth) } ?? Second.Vector()
  )
  var (input, output) = (input, output)
  let cut = EvenCut(geometry.outputColumns, limit: TileLimit.pairs)
  // A loop, so that the functions of all counts are dispatched to in one place.
  for kind in 0..<2 {
    let (tiles, columns) = cut.pieces(ofKind: kind)
    guard tiles > 0 else { continue }
    let strip = PanelPairStrip<First, Second>(
      geometry: geometry, tiles: tiles, input: input,
      weights: (weights, weights + geometry.weights.offset(ofPanel: 1)), starts: starts,
      output: output)
    withCount(columns, strip)
    input += tiles &* columns &* geometry.inputColumnStep
    output += tiles &* columns &* geometry.outputColumnStep
  }
}

/// Two vectors of output channels for tiles of `count` adjacent columns, for all rows. Every input is loaded
/// once for both, and few columns suffice to keep the multipliers busy.
private struct PanelPairStrip<First: MultiplyAdd<SIMD16<Float>>, Second: MultiplyAdd>: TileBody {
  @inline(__always)
  static var limit: Int { TileLimit.pairs }

  let geometry: ConvolutionGeometry
  let tiles: Int
  let input: FloatPointer
  let weights: (FloatPointer, FloatPointer)
  let starts: (SIMD16<Float>, Second.Vector)
  let output: MutableFloatPointer

  /// One function per count, because the compiler gives up inlining into one that holds all.
  @inline(never)
  func run<let count: Int>(_: Count<count>) {
    for row in 0..<geometry.outputRows {
      var tileInput = input + row &* geometry.inputRowStep
      var tileOutput = output + row &* geometry.outputRowStep
      for _ in 0..<tiles {
        var sums = InlineArray<count, SIMD16<Float>> { _ in starts.0 }
        var otherSums = InlineArray<count, Second.Vector> { _ in starts.1 }
        var weight = weights.0 + row &* geometry.weightRowStep
        var otherWeight = weights.1 + row &* geometry.weightRowStep
        for kernelRow in 0..<geometry.kernelRows {
          var run = tileInput + kernelRow &* geometry.kernelRowStep
          for _ in 0..<geometry.runs {
            var value = run
            for _ in 0..<geometry.rowRun {
              let lanes = SIMD16.load(weight)
              let otherLanes = Second.Vector.load(otherWeight)
              for column in 0..<count {
                let factor = value[column &* geometry.inputColumnStep]
                sums[column] = First.add(lanes, times: factor, to: sums[column])
                otherSums[column] = Second.add(otherLanes, times: factor, to: otherSums[column])
              }
              weight += SIMD16<Float>.scalarCount
              otherWeight += Second.Vector.scalarCount
              value += 1
            }
            run += geometry.runStep
          }
        }
        for column in 0..<count {
          let target = tileOutput + column &* geometry.outputColumnStep
          sums[column].store(target)
          otherSums[column].store(target + SIMD16<Float>.scalarCount)
        }
        tileInput += count &* geometry.inputColumnStep
        tileOutput += count &* geometry.outputColumnStep
      }
    }
  }
}

@inline(__always)
private func differentiateBoth<Product: MultiplyAdd<SIMD16<Float>>>(
  _: Product.Type, _ geometry: ConvolutionGeometry, _ input: FloatPointer,
  _ outputGradient: FloatPointer, _ result: MutableFloatPointer, _ accumulates: Bool
) {
  let cut = EvenCut(geometry.rowRun, limit: TileLimit.pairs)
  var result = result
  for kernelRow in 0..<geometry.kernelRows {
    for run in 0..<geometry.runs {
      var input = input + (kernelRow &* geometry.kernelRowStep &+ run &* geometry.runStep)
      for piece in 0..<cut.pieces {
        let taps = cut.size(piece)
        let tile = PanelPairGradient<Product>(
          geometry: geometry, input: input, outputGradient: outputGradient, result: result,
          accumulates: accumulates)
        withCount(taps, tile)
        input += taps
        result += taps &* SIMD16<Float>.scalarCount
      }
    }
  }
}

/// The gradients of `count` adjacent taps for two vectors of output channels, over all output positions in
/// order. Every input is loaded once for both.
private struct PanelPairGradient<Product: MultiplyAdd<SIMD16<Float>>>: TileBody {
  @inline(__always)
  static var limit: Int { TileLimit.pairs }

  let geometry: ConvolutionGeometry
  let input: FloatPointer
  let outputGradient: FloatPointer
  let result: MutableFloatPointer
  let accumulates: Bool

  /// One function per count, as above.
  @inline(never)
  func run<let count: Int>(_: Count<count>) {
    let otherResult = result + geometry.weights.offset(ofPanel: 1)
    var sums = InlineArray<count, SIMD16<Float>> { tap in
      accumulates ? SIMD16.load(result + tap &* SIMD16<Float>.scalarCount) : SIMD16()
    }
    var otherSums = InlineArray<count, SIMD16<Float>> { tap in
      accumulates ? SIMD16.load(otherResult + tap &* SIMD16<Float>.scalarCount) : SIMD16()
    }
    for row in 0..<geometry.outputRows {
      var value = input + row &* geometry.inputRowStep
      var gradient = outputGradient + row &* geometry.outputRowStep
      for _ in 0..<geometry.outputColumns {
        let lanes = SIMD16.load(gradient)
        let otherLanes = SIMD16.load(gradient + SIMD16<Float>.scalarCount)
        for tap in 0..<count {
          sums[tap] = Product.add(lanes, times: value[tap], to: sums[tap])
          otherSums[tap] = Product.add(otherLanes, times: value[tap], to: otherSums[tap])
        }
        value += geometry.inputColumnStep
        gradient += geometry.outputColumnStep
      }
    }
    for tap in 0..<count {
      sums[tap].store(result + tap &* SIMD16<Float>.scalarCount)
      otherSums[tap].store(otherResult + tap &* SIMD16<Float>.scalarCount)
    }
  }
}
