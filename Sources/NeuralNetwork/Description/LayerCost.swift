/// What a layer costs: parameters to learn, and arithmetic for a sample.
package struct LayerCost: Sendable, Equatable {
  package let output: FeatureShape
  package let parameters: Int
  /// Floating-point operations of convolutions and dense layers, a multiply-add as two: forward,
  /// for the gradient of the weights, and for the gradient of the input where one is wanted.
  package let operations: Int
}
