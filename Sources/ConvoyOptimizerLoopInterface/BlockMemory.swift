/// Where a block of parameters lies, with its gradients and moments: all of one length.
package struct BlockMemory {
  package let count: Int
  package let parameters: UnsafeMutablePointer<Float>
  package let gradients: UnsafePointer<Float>
  /// Moments that the rule has not may be any pointers: they are neither read nor written.
  package let first: UnsafeMutablePointer<Float>
  package let second: UnsafeMutablePointer<Float>
  package let third: UnsafeMutablePointer<Float>

  package init(
    count: Int, parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>,
    third: UnsafeMutablePointer<Float>
  ) {
    self.count = count
    self.parameters = parameters
    self.gradients = gradients
    self.first = first
    self.second = second
    self.third = third
  }
}
