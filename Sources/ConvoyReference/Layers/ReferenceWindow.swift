/// A window that slides over a plane in equal steps; convolution and pooling share its arithmetic.
public struct ReferenceWindow: Equatable, Sendable {
  /// The rows that a window covers, without those that dilation leaves out.
  public let height: Int

  /// The columns that a window covers, without those that dilation leaves out.
  public let width: Int

  /// How windows follow one another from top to bottom.
  public let down: Steps

  /// How windows follow one another from left to right.
  public let across: Steps

  /// How windows follow one another along one axis.
  public struct Steps: Equatable, Sendable {
    /// How far the window moves between two outputs.
    public let stride: Int

    /// How far its values lie apart.
    public let dilation: Int

    /// How many zeros are put before the plane.
    public let before: Int

    /// How many zeros are put after the plane.
    public let after: Int

    /// - Precondition: stride and dilation are at least 1, the padding at least 0.
    public init(stride: Int, dilation: Int = 1, before: Int = 0, after: Int = 0) {
      precondition(stride > 0, "a window moves by at least one value")
      precondition(dilation > 0, "values of a window are different ones")
      precondition(before >= 0 && after >= 0, "padding is not negative")
      self.stride = stride
      self.dilation = dilation
      self.before = before
      self.after = after
    }

    /// The input that an output reads at a place of the window; below zero or past the plane where
    /// there is padding.
    func input(of output: Int, at place: Int) -> Int {
      output * stride + place * dilation - before
    }
  }

  /// - Precondition: height and width are at least 1.
  public init(height: Int, width: Int, down: Steps, across: Steps) {
    precondition(height > 0 && width > 0, "a window covers at least one value")
    self.height = height
    self.width = width
    self.down = down
    self.across = across
  }

  /// The same steps in both directions, and padding on every side.
  public init(height: Int, width: Int, stride: Int, padding: Int = 0) {
    let steps = Steps(stride: stride, before: padding, after: padding)
    self.init(height: height, width: width, down: steps, across: steps)
  }

  /// The output shape, with one value per window position along each axis:
  /// floor((input + padding − dilation · (window − 1) − 1) / stride) + 1. A last window that would
  /// extend past the edge is dropped.
  ///
  /// - Precondition: a window fits into the padded input.
  public func outputShape(for input: ReferenceShape, channels: Int) -> ReferenceShape {
    func positions(_ size: Int, _ window: Int, _ steps: Steps) -> Int {
      let room = size + steps.before + steps.after - steps.dilation * (window - 1) - 1
      precondition(room >= 0, "the window fits into the padded input")
      return room / steps.stride + 1
    }
    return ReferenceShape(
      channels: channels, height: positions(input.height, height, down),
      width: positions(input.width, width, across))
  }

  /// Calls `body` with every place of an output's window that is not padding.
  @inline(__always)
  func forEachPlace(
    of shape: ReferenceShape, row: Int, column: Int,
    _ body: (_ row: Int, _ column: Int, _ inputRow: Int, _ inputColumn: Int) -> Void
  ) {
    for kernelRow in 0..<height {
      let inputRow = down.input(of: row, at: kernelRow)
      for kernelColumn in 0..<width {
        let inputColumn = across.input(of: column, at: kernelColumn)
        if shape.hasPlace(row: inputRow, column: inputColumn) {
          body(kernelRow, kernelColumn, inputRow, inputColumn)
        }
      }
    }
  }
}
