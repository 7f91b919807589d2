package typealias FloatPointer = UnsafePointer<Float>
package typealias MutableFloatPointer = UnsafeMutablePointer<Float>

/// Every kernel, as one instruction set offers it.
///
/// AVX2 and AVX-512, which have fused multiply-add, give identical bits: each output element is one
/// chain of operations in one fixed order, whatever the width of the vectors.
/// Layouts are those of the geometries. Kernels check nothing: the plan of a network takes a place for
/// everything that its geometries reach, which tests try with guard bands between the places.
package protocol KernelSet: ConvolutionKernels, GradientListKernels, WinogradKernels,
  PoolingKernels,
  ActivationKernels, LossKernels, MovingKernels
{
  var instructionSet: InstructionSet { get }

  /// Chains of x = seed[0] · x + seed[1] and nothing else, as fast as multiply-adds can be: what the
  /// speed of other kernels is a share of. Writes 16 results at most, and returns the floating-point
  /// operations made.
  func multiplyAddChains(rounds: Int, seed: FloatPointer, results: MutableFloatPointer) -> Int
}
