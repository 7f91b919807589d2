import ConvoyKernelInterface

/// Where the panels keep a convolution's filters, [output][input][kernel row][kernel column].
package struct FilterLayout: Sendable {
  package let inputChannels: Int
  /// Input channels as stored.
  package let storedChannels: Int
  package let kernelHeight: Int
  package let kernelWidth: Int
  package let filters: Int

  package init(
    inputChannels: Int, storedChannels: Int, kernelHeight: Int, kernelWidth: Int, filters: Int
  ) {
    self.inputChannels = inputChannels
    self.storedChannels = storedChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.filters = filters
  }

  package var panels: PanelLayout {
    PanelLayout(
      rows: kernelHeight * kernelWidth * storedChannels, columns: PanelLayout.padded(filters))
  }

  /// Where the weights lie, in their own order.
  package var places: [Int] {
    var places: [Int] = []
    for filter in 0..<filters {
      for channel in 0..<inputChannels {
        for position in 0..<kernelHeight * kernelWidth {
          places.append(
            panels.offset(row: position * storedChannels + channel, column: filter))
        }
      }
    }
    return places
  }

  package var filterMajor: FilterMajorLayout {
    FilterMajorLayout(
      filters: panels.columns, kernelRows: kernelHeight, rowRun: kernelWidth * storedChannels)
  }

  /// Where the weights lie filter by filter, in their own order.
  package var filterMajorPlaces: [Int] {
    filterMajorPlaces(filters: 0..<filters, channels: 0..<inputChannels)
  }

  /// Where the zeros of added channels and filters lie filter by filter.
  package var filterMajorAddedPlaces: [Int] {
    filterMajorPlaces(filters: 0..<filters, channels: inputChannels..<storedChannels)
      + filterMajorPlaces(filters: filters..<panels.columns, channels: 0..<storedChannels)
  }

  private func filterMajorPlaces(filters: Range<Int>, channels: Range<Int>) -> [Int] {
    var places: [Int] = []
    for filter in filters {
      for channel in channels {
        for row in 0..<kernelHeight {
          for column in 0..<kernelWidth {
            places.append(
              filter * filterMajor.filterStep + row * filterMajor.rowStep
                + column * storedChannels + channel)
          }
        }
      }
    }
    return places
  }

  /// Where the zeros of added channels and filters lie.
  package var addedPlaces: [Int] {
    var added = Array(repeating: true, count: panels.count)
    for place in places { added[place] = false }
    return added.indices.filter { added[$0] }
  }

  /// The panels, with zeros in what is added.
  package func stored(_ weights: [Double]) -> [Float] {
    var floats = Array(repeating: Float(0), count: panels.count)
    for (place, weight) in zip(places, weights) { floats[place] = Float(weight) }
    return floats
  }

  /// Filter by filter, with zeros in what is added and in what fills up the rows.
  package func filterMajorStored(_ weights: [Double]) -> [Float] {
    var floats = Array(repeating: Float(0), count: filterMajor.count)
    for (place, weight) in zip(filterMajorPlaces, weights) { floats[place] = Float(weight) }
    return floats
  }

  package func loaded(_ floats: [Float]) -> [Double] { places.map { Double(floats[$0]) } }
}
