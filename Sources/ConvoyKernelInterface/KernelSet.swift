package typealias FloatPointer = UnsafePointer<Float>
package typealias MutableFloatPointer = UnsafeMutablePointer<Float>

/// Every kernel, as one instruction set offers it.
///
/// AVX2 and AVX-512, which have fused multiply-add, give identical bits: each output element is one
/// chain of operations in one fixed order, whatever the width of the vectors.
/// Layouts are those of the geometries. Kernels check nothing: the plan of a network takes a place for
/// everything that its geometries reach, which tests try with guard bands between the places.
package protocol KernelSet: Sendable {
  var instructionSet: InstructionSet { get }

  // MARK: Convolution and dense layers

  /// output = bias + Σ input · weight, overwriting; 0 for a bias of nil. Summed from the bias
  /// through the taps by kernel row, kernel column, input channel.
  func convolve(
    _ geometry: ConvolutionGeometry, input: FloatPointer, weights: FloatPointer,
    bias: FloatPointer?, output: MutableFloatPointer)

  /// Convolution, max pooling and activation of one sample, as one stage. `band` is room for the rows
  /// of the convolution that are yet to be pooled, unless they stay in registers: `kernelSize` of them
  /// where windows do not overlap, else all. `winners` gets the place of each maximum in its window, as the pooling's winner steps
  /// count it, in a float: comparisons of floats are what every instruction set has vectors for.
  func convolveAndMaxPool(
    _ geometry: ConvolutionGeometry, pooling: PoolingGeometry, activation: ActivationFunction,
    input: FloatPointer, weights: FloatPointer, bias: FloatPointer, band: MutableFloatPointer,
    output: MutableFloatPointer, winners: MutableFloatPointer)

  /// Weight gradient = [itself +] Σ input · output gradient, over output rows, then columns.
  /// The geometry's output steps are the gradient's.
  func weightGradient(
    _ geometry: ConvolutionGeometry, input: FloatPointer, outputGradient: FloatPointer,
    weightGradient: MutableFloatPointer, accumulates: Bool)

  /// Lists the gradients that a convolution's outputs have after max pooling: of each window, the
  /// winner's. The pooling's winner steps are the convolution's input steps. Appends to what the
  /// lists hold, unless they are `empty`. Of the geometry's output channels, which may be some of the
  /// pooling's channels only.
  ///
  /// - Parameter offset: what is added to all places.
  func listPooledGradients(
    _ geometry: ConvolutionGeometry, pooling: PoolingGeometry, outputGradient: FloatPointer,
    winners: FloatPointer, offset: Int, lists: GradientLists, empty: Bool)

  /// As `weightGradient`, from lists, in their order; the result is filter-major. May read up to
  /// seven floats past a run of the input, and leaves what fills up the result's rows undefined.
  func listedWeightGradient(
    _ geometry: ConvolutionGeometry, lists: GradientLists, input: FloatPointer,
    weightGradient: MutableFloatPointer, accumulates: Bool)

  /// Input gradient = Σ over listed gradients · filter-major weights, filter by filter. Overwrites
  /// `count` floats of the input gradient, which lies as the input does; runs are whole vectors.
  func listedInputGradient(
    _ geometry: ConvolutionGeometry, lists: GradientLists, weights: FloatPointer,
    inputGradient: MutableFloatPointer, count: Int)

  /// Sums = [themselves +] Σ over rows, in order, of `columns` floats (a multiple of 8).
  func sumRows(
    _ rows: Int, columns: Int, step: Int, values: FloatPointer, sums: MutableFloatPointer,
    accumulates: Bool)

  // MARK: Winograd's convolution

  /// The components of a map's tiles of 6 × 6, which overlap by two rows and columns. `input` is the
  /// corner of the first; rows and columns that the last tiles reach beyond the map must be there.
  func winogradInput(
    _ geometry: WinogradGeometry, input: FloatPointer, components: MutableFloatPointer)

  /// Outputs of 4 × 4 a tile from the components of their sums of products; plus a bias.
  func winogradOutput(
    _ geometry: WinogradGeometry, components: FloatPointer, bias: FloatPointer?,
    output: MutableFloatPointer)

  /// The components of 3 × 3 filters: of `channels` rows, `width` filters wide, of a panel whose taps
  /// lie `tapStep` apart.
  func winogradFilters(
    channels: Int, width: Int, weights: FloatPointer, tapStep: Int,
    components: MutableFloatPointer, componentStep: Int)

  /// The components of output gradients of 4 × 4 a tile, zero beyond the map: by the transpose of
  /// `winogradOutput`.
  func winogradOutputGradient(
    _ geometry: WinogradGeometry, gradient: FloatPointer, components: MutableFloatPointer)

  /// The gradient of filters from that of their components: the transpose of `winogradFilters`.
  func winogradFilterGradient(
    channels: Int, width: Int, components: FloatPointer, componentStep: Int,
    weightGradient: MutableFloatPointer, tapStep: Int)

  // MARK: Pooling

  /// The largest of each window, the first of equals, and its place in the window.
  func maxPool(
    _ geometry: PoolingGeometry, input: FloatPointer, output: MutableFloatPointer,
    winners: MutableFloatPointer)

  /// Gives each output's gradient to the winner of its window. Overwrites all inputs that windows
  /// reach. `outputGradient` is dense; `inputRowStep` is the input gradient's.
  func maxPoolGradient(
    _ geometry: PoolingGeometry, outputGradient: FloatPointer, winners: FloatPointer,
    inputGradient: MutableFloatPointer)

  /// The mean of each window.
  func averagePool(_ geometry: PoolingGeometry, input: FloatPointer, output: MutableFloatPointer)

  /// Spreads each output's gradient evenly over its window; otherwise as `maxPoolGradient`.
  func averagePoolGradient(
    _ geometry: PoolingGeometry, outputGradient: FloatPointer, inputGradient: MutableFloatPointer)

  // MARK: Activations

  func activate(
    _ function: ActivationFunction, _ geometry: RowGeometry, values: MutableFloatPointer)

  /// Gradient ·= derivative, in place; the derivative is told from the activated values.
  func activationGradient(
    _ function: ActivationFunction, _ geometry: RowGeometry, values: FloatPointer,
    gradient: MutableFloatPointer)

  /// Softmax over the channels of each pixel, in place; what lies between `channels` and `step`
  /// becomes zero.
  func softmax(pixels: Int, channels: Int, step: Int, values: MutableFloatPointer)

  /// Gradient = y · (gradient − Σ gradient · y) over the channels of each pixel, in place.
  func softmaxGradient(
    pixels: Int, channels: Int, step: Int, values: FloatPointer, gradient: MutableFloatPointer)

  // MARK: Losses

  /// −log softmax(logits)[label], and its gradient times `scale`.
  func softmaxCrossEntropy(
    classes: Int, label: Int, scale: Float, logits: FloatPointer, gradient: MutableFloatPointer
  ) -> LossResult

  /// Σ over j ≠ label of max(0, 1 − x[label] + x[j]) / classes (Weston and Watkins, 1999; as
  /// PyTorch's MultiMarginLoss), and its gradient times `scale`.
  func multiClassHinge(
    classes: Int, label: Int, scale: Float, logits: FloatPointer, gradient: MutableFloatPointer
  ) -> LossResult

  // MARK: Checks

  /// Whether none of the values is infinite or NaN.
  func areFinite(count: Int, values: FloatPointer) -> Bool

  // MARK: Moving numbers

  /// The sum, and the sum of squares, of `count` bytes that lie `step` apart.
  func byteSums(count: Int, step: Int, bytes: UnsafePointer<UInt8>) -> ByteSums

  /// Rows that lie `step` apart to rows that lie `otherStep` apart.
  func copyRows(_ geometry: RowGeometry, from source: FloatPointer, to target: MutableFloatPointer)

  /// Target += source, row by row.
  func addRows(_ geometry: RowGeometry, from source: FloatPointer, to target: MutableFloatPointer)

  /// Output = byte · scale + offset, with a scale and an offset for each of the `count` positions of
  /// a row. Rows of bytes lie one after another, rows of output `outputStep` apart.
  func normalize(
    rows: Int, count: Int, bytes: UnsafePointer<UInt8>, scales: FloatPointer,
    offsets: FloatPointer, output: MutableFloatPointer, outputStep: Int)

  /// Values ·= factors.
  func multiply(count: Int, factors: FloatPointer, values: MutableFloatPointer)

  /// The sum of `slots` arrays that lie `step` apart, as a binary tree whose shape depends on the
  /// number of slots alone.
  func sumSlots(
    _ slots: Int, step: Int, count: Int, values: FloatPointer, sums: MutableFloatPointer)

  /// The same for filter-major values: the sums of some taps of the `filters` of a panel, as the panel
  /// lays them out, a row a tap.
  func sumFilterSlots(
    _ slots: Int, step: Int, layout: FilterMajorLayout, filters: Int, taps: Range<Int>,
    values: FloatPointer, sums: MutableFloatPointer)

  /// Transposes up to 16 rows of a panel: destination[column][row] = source[row][column].
  func transposeTile(
    rows: Int, columns: Int, source: FloatPointer, destination: MutableFloatPointer,
    destinationStep: Int)

  // MARK: Measuring

  /// Chains of x = seed[0] · x + seed[1] and nothing else, as fast as multiply-adds can be: what the
  /// speed of other kernels is a share of. Writes 16 results at most, and returns the floating-point
  /// operations made.
  func multiplyAddChains(rounds: Int, seed: FloatPointer, results: MutableFloatPointer) -> Int
}
