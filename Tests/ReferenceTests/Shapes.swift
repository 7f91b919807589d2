import ConvoyReference
import ConvoyTestSupport

/// A shape in one short line, for lists of test cases.
func shape(_ channels: Int, _ height: Int, _ width: Int) -> ReferenceShape {
  ReferenceShape(channels: channels, height: height, width: width)
}

extension SeededGenerator {
  /// A tensor of `spacedValues`.
  mutating func spacedTensor(_ shape: ReferenceShape) -> ReferenceTensor<Double> {
    ReferenceTensor(shape: shape, values: spacedValues(count: shape.count))
  }
}
