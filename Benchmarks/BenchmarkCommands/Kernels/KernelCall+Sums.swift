import ConvoyKernelInterface
import ConvoyTestSupport

/// Trials of the kernels that add and multiply arrays.
extension KernelCall {
  static func sums(
    _ rows: Int, _ columns: Int, _ step: Int, _ generator: inout SeededGenerator
  ) -> KernelTrial {
    let values = (0..<rows).map { _ in generator.values(count: columns) }
    var memory = GuardedMemory(isAligned: true)
    let source = memory.placeRows(values.flatMap(\.self), count: columns, step: step)
    let target = memory.reserve(columns)
    var trial = unsafe KernelTrial("sumRows", memory: memory) { kernels, memory in
      unsafe kernels.sumRows(
        rows, columns: columns, step: step, values: memory + source, sums: memory + target,
        accumulates: false)
    }
    trial.promise(
      (0..<columns).map { column in values.reduce(0) { $0 + $1[column] } },
      at: Array(target..<target + columns),
      magnitudes: (0..<columns).map { column in values.reduce(0) { $0 + abs($1[column]) } },
      roundings: (fused: rows, separate: rows))
    return trial
  }

  static func slots(
    _ slots: Int, _ step: Int, _ count: Int, _ generator: inout SeededGenerator
  ) -> KernelTrial {
    let values = (0..<slots).map { _ in generator.values(count: count) }
    var memory = GuardedMemory(isAligned: true)
    let source = memory.placeRows(values.flatMap(\.self), count: count, step: step)
    let target = memory.reserve(count)
    var trial = unsafe KernelTrial("sumSlots", memory: memory) { kernels, memory in
      unsafe kernels.sumSlots(
        slots, step: step, count: count, values: memory + source, sums: memory + target)
    }
    trial.promise(
      (0..<count).map { column in values.reduce(0) { $0 + $1[column] } },
      at: Array(target..<target + count),
      magnitudes: (0..<count).map { column in values.reduce(0) { $0 + abs($1[column]) } },
      roundings: (fused: slots, separate: slots))
    return trial
  }

  static func filterSlots(
    _ slots: Int, _ step: Int, _ layout: FilterMajorLayout, _ filters: Int, _ taps: Range<Int>,
    _ generator: inout SeededGenerator
  ) -> KernelTrial {
    let count = filters * layout.filterStep
    let values = (0..<slots).map { _ in generator.values(count: count) }
    var memory = GuardedMemory(isAligned: true)
    let source = memory.placeRows(values.flatMap(\.self), count: count, step: step)
    let target = memory.reserve(taps.count * filters)
    var trial = unsafe KernelTrial("sumFilterSlots", memory: memory) { kernels, memory in
      unsafe kernels.sumFilterSlots(
        slots, step: step, layout: layout, filters: filters, taps: taps, values: memory + source,
        sums: memory + target)
    }
    let places = taps.flatMap { tap in
      (0..<filters).map { filter in
        filter * layout.filterStep + tap / layout.rowRun * layout.rowStep + tap % layout.rowRun
      }
    }
    trial.promise(
      places.map { place in values.reduce(0) { $0 + $1[place] } },
      at: Array(target..<target + places.count),
      magnitudes: places.map { place in values.reduce(0) { $0 + abs($1[place]) } },
      roundings: (fused: slots, separate: slots))
    return trial
  }

  static func products(_ count: Int, _ generator: inout SeededGenerator) -> KernelTrial {
    // In place, so that factors between these would leave denormal numbers after some calls.
    let factors = generator.gridValues(count: count, in: -1...1)
    let values = generator.values(count: count)
    var memory = GuardedMemory(pattern: 3, isAligned: true)
    let factorsPlace = memory.place(factors)
    let valuesPlace = memory.place(values)
    var trial = unsafe KernelTrial("multiply", memory: memory) { kernels, memory in
      unsafe kernels.multiply(
        count: count, factors: memory + factorsPlace, values: memory + valuesPlace)
    }
    trial.promise(
      zip(factors, values).map { Rounded($0) * Rounded($1) },
      at: Array(valuesPlace..<valuesPlace + count))
    return trial
  }

  static func finiteness(_ count: Int, _ generator: inout SeededGenerator) -> KernelTrial {
    var memory = GuardedMemory(isAligned: true)
    let values = memory.place(generator.values(count: count))
    let answer = memory.reserve(1)
    var trial = unsafe KernelTrial("areFinite", memory: memory) { kernels, memory in
      unsafe memory[answer] =
        unsafe kernels.areFinite(count: count, values: memory + values) ? 1 : 0
    }
    trial.promise(exactly: [1], at: [answer])
    return trial
  }
}
