import ConvoyKernelInterface

/// Trials of the kernels that add pixels or slots.
enum SumTrials {
  static func pixels(
    _ name: String, _ geometry: PixelGeometry, accumulates: Bool, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let channels = geometry.channels
    let values = generator.values(
      count: (geometry.rows - 1) * geometry.rowStep + geometry.columns * geometry.columnStep)
    let before = generator.values(count: channels)
    var memory = conditions.memory()
    let source = memory.place(values)
    let sums = accumulates ? memory.place(before) : memory.reserve(channels)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.sumPixels(
        geometry, values: memory + source, sums: memory + sums, accumulates: accumulates)
    }
    trial.promise(
      exactly: (0..<channels).map { channel in
        var sum = accumulates ? Float(before[channel]) : 0
        for row in 0..<geometry.rows {
          for column in 0..<geometry.columns {
            let pixel = row * geometry.rowStep + column * geometry.columnStep
            sum += Float(values[pixel + channel])
          }
        }
        return Double(sum)
      }, at: Array(sums..<sums + channels))
    return trial
  }

  static func slots(
    _ name: String, _ slots: Int, step: Int, count: Int, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let values = generator.values(count: slots * count)
    var memory = conditions.memory()
    let source = memory.placeRows(values, count: count, step: step)
    let sums = memory.reserve(count)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.sumSlots(
        slots, step: step, count: count, values: memory + source, sums: memory + sums)
    }
    trial.promise(
      exactly: (0..<count).map { place in
        treeSum((0..<slots).map { Float(values[$0 * count + place]) })
      }, at: Array(sums..<sums + count))
    return trial
  }

  static func filterSlots(
    _ name: String, _ slots: Int, step: Int, _ layout: FilterMajorLayout, filters: Int,
    taps: Range<Int>, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let count = filters * layout.filterStep
    let values = generator.values(count: slots * count)
    var memory = conditions.memory()
    let source = memory.placeRows(values, count: count, step: step)
    let sums = memory.reserve(taps.count * filters)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.sumFilterSlots(
        slots, step: step, layout: layout, filters: filters, taps: taps, values: memory + source,
        sums: memory + sums)
    }
    let places = taps.flatMap { tap in
      (0..<filters).map { filter in
        filter * layout.filterStep + tap / layout.rowRun * layout.rowStep + tap % layout.rowRun
      }
    }
    trial.promise(
      exactly: places.map { place in
        treeSum((0..<slots).map { Float(values[$0 * count + place]) })
      }, at: Array(sums..<sums + places.count))
    return trial
  }

  /// To the bit: the same additions in the same order. The left half has the largest power of two of
  /// terms that leaves something for the right.
  private static func treeSum(_ terms: [Float]) -> Double {
    func sum(_ terms: ArraySlice<Float>) -> Float {
      if terms.count == 1 { return terms[terms.startIndex] }
      var left = 1
      while 2 * left < terms.count { left *= 2 }
      return sum(terms.prefix(left)) + sum(terms.dropFirst(left))
    }
    return Double(sum(terms[...]))
  }
}
