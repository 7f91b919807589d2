import ConvoyKernelInterface
import ConvoyTestSupport

/// Kernels that move and add numbers.
extension KernelRecorder {
  func copyRows(_ geometry: RowGeometry, from source: FloatPointer, to target: MutableFloatPointer)
  {
    unsafe recording(.copy(geometry)).copyRows(geometry, from: source, to: target)
  }

  func addRows(_ geometry: RowGeometry, from source: FloatPointer, to target: MutableFloatPointer) {
    unsafe recording(.addition(geometry)).addRows(geometry, from: source, to: target)
  }

  func normalize(
    rows: Int, count: Int, bytes: UnsafePointer<UInt8>, scales: FloatPointer,
    offsets: FloatPointer, output: MutableFloatPointer, outputStep: Int
  ) {
    unsafe recording(.normalization(rows: rows, count: count, step: outputStep)).normalize(
      rows: rows, count: count, bytes: bytes, scales: scales, offsets: offsets, output: output,
      outputStep: outputStep)
  }

  func sumSlots(
    _ slots: Int, step: Int, count: Int, values: FloatPointer, sums: MutableFloatPointer
  ) {
    unsafe recording(.slotSum(slots: slots, step: step, count: count)).sumSlots(
      slots, step: step, count: count, values: values, sums: sums)
  }

  func transposeTile(
    rows: Int, columns: Int, source: FloatPointer, destination: MutableFloatPointer,
    destinationStep: Int
  ) {
    unsafe recording(.transposition(rows: rows, columns: columns, step: destinationStep))
      .transposeTile(
        rows: rows, columns: columns, source: source, destination: destination,
        destinationStep: destinationStep)
  }

  func multiply(count: Int, factors: FloatPointer, values: MutableFloatPointer) {
    unsafe recording(.products(count: count)).multiply(
      count: count, factors: factors, values: values)
  }

  func sumFilterSlots(
    _ slots: Int, step: Int, layout: FilterMajorLayout, filters: Int, taps: Range<Int>,
    values: FloatPointer, sums: MutableFloatPointer
  ) {
    unsafe recording(
      .filterSlotSum(slots: slots, step: step, layout: layout, filters: filters, taps: taps)
    ).sumFilterSlots(
      slots, step: step, layout: layout, filters: filters, taps: taps, values: values, sums: sums)
  }

  func areFinite(count: Int, values: FloatPointer) -> Bool {
    unsafe recording(.finiteness(count: count)).areFinite(count: count, values: values)
  }

  func byteSums(count: Int, step: Int, bytes: UnsafePointer<UInt8>) -> ByteSums {
    unsafe outsideOfSteps.byteSums(count: count, step: step, bytes: bytes)
  }

  func multiplyAddChains(rounds: Int, seed: FloatPointer, results: MutableFloatPointer) -> Int {
    unsafe outsideOfSteps.multiplyAddChains(rounds: rounds, seed: seed, results: results)
  }

  func targetCrossEntropy(
    classes: Int, label: Int, peak: Float, rest: FloatPointer, scale: Float, logits: FloatPointer,
    gradient: MutableFloatPointer
  ) -> LossResult {
    unsafe recording(.targetCrossEntropy(classes: classes)).targetCrossEntropy(
      classes: classes, label: label, peak: peak, rest: rest, scale: scale, logits: logits,
      gradient: gradient)
  }

  func meanSquaredError(
    classes: Int, label: Int, scale: Float, logits: FloatPointer, gradient: MutableFloatPointer
  ) -> LossResult {
    unsafe recording(.squaredError(classes: classes)).meanSquaredError(
      classes: classes, label: label, scale: scale, logits: logits, gradient: gradient)
  }

  func multiClassHinge(
    classes: Int, label: Int, scale: Float, logits: FloatPointer, gradient: MutableFloatPointer
  ) -> LossResult {
    unsafe recording(.hinge(classes: classes)).multiClassHinge(
      classes: classes, label: label, scale: scale, logits: logits, gradient: gradient)
  }
}
