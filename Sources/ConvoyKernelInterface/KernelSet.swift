package typealias FloatPointer = UnsafePointer<Float>
package typealias MutableFloatPointer = UnsafeMutablePointer<Float>

/// All kernels of one instruction set.
///
/// AVX2 and AVX-512, which have fused multiply-add, give identical bits: each output element is one
/// chain of operations in a fixed order, whatever the vector width. The geometries define the
/// layouts. Kernels check no bounds: the network's plan reserves memory for everything that its
/// geometries reach, which tests verify with guard bands between buffers.
package protocol KernelSet: ConvolutionKernels, DepthwiseKernels, GradientListKernels,
  WinogradKernels, PoolingKernels,
  ActivationKernels, LossKernels, ChannelKernels, MovingKernels
{
  var instructionSet: InstructionSet { get }
  /// Whether products of bfloat16 (`ConvolutionGeometry.multipliesBFloat16`) are made by VDPBF16PS, two in
  /// each lane. Otherwise two multiply-adds and more give the same bits.
  var hasBFloat16Dot: Bool { get }

  /// Chains of x = seed[0] · x + seed[1] at peak multiply-add throughput, the reference for the
  /// speed of other kernels. Writes at most 16 results, and returns the number of floating-point
  /// operations.
  func multiplyAddChains(rounds: Int, seed: FloatPointer, results: MutableFloatPointer) -> Int
}
