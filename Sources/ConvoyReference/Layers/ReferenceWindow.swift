/// A window that slides over a plane in equal steps; convolution and pooling share its arithmetic.
package struct ReferenceWindow: Equatable, Sendable {
  package let height: Int
  package let width: Int

  /// How far the window moves between two outputs, both down and to the right.
  package let stride: Int

  /// How many rows and columns of zeros are put around the plane on each side.
  package let padding: Int

  package init(height: Int, width: Int, stride: Int, padding: Int = 0) {
    precondition(height > 0 && width > 0, "a window covers at least one value")
    precondition(stride > 0, "a window moves by at least one value")
    precondition(padding >= 0, "padding is not negative")
    self.height = height
    self.width = width
    self.stride = stride
    self.padding = padding
  }

  /// The output shape, with one value per window position along each axis:
  /// floor((input + 2 padding − window) / stride) + 1. A last window that would extend past the
  /// edge is dropped.
  package func outputShape(for input: ReferenceShape, channels: Int) -> ReferenceShape {
    let roomBelow = input.height + 2 * padding - height
    let roomBeside = input.width + 2 * padding - width
    precondition(roomBelow >= 0 && roomBeside >= 0, "the window fits into the padded input")
    return ReferenceShape(
      channels: channels, height: roomBelow / stride + 1, width: roomBeside / stride + 1)
  }
}
