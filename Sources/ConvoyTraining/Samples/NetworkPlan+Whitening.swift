import ConvoyDatasets
import ConvoyKeyedRandom
import ConvoyLinearAlgebra
import ConvoyNeuralNetwork

extension NetworkPlan {
  /// The images whose patches are measured.
  private static var mostImages: Int { 5_000 }
  /// Added to eigenvalues, which may be 0.
  private static var leastVariance: Double { 5e-4 }

  /// Sets the filters of convolutions that whiten the network's input: the eigenvectors of the mean
  /// products in patches of images, each over √(eigenvalue + 5e-4), and their negatives.
  func whiten(_ memory: ParameterMemory, _ images: ImageSet, _ normalization: Normalization) {
    let whitening = tensors.filter(\.isWhitening)
    guard !whitening.isEmpty else { return }
    for tensor in whitening {
      let filters = Self.whiteningFilters(
        kernelSize: tensor.shape[2], images, normalization
      ).map { Float($0) }
      tensor.write(filters + filters.map { -$0 }, to: memory)
    }
    refresh(memory)
  }

  private static func whiteningFilters(
    kernelSize: Int, _ images: ImageSet, _ normalization: Normalization
  ) -> [Double] {
    let shape = images.shape
    var moments = PatchMoments(channels: shape.channels, kernelSize: kernelSize)
    // One of each of as many parts, at random, since the order of images may follow their classes.
    let measured = min(mostImages, images.count)
    let random = KeyedRandom(seed: 0, purpose: .initialization)
    for part in 0..<measured {
      let (first, end) = (part * images.count / measured, (part + 1) * images.count / measured)
      let image = first + Int(random[part] % UInt64(end - first))
      moments.add(
        patchesOf: normalization.values(of: image, in: images), height: shape.height,
        width: shape.width)
    }
    let size = shape.channels * kernelSize * kernelSize
    let eigenvectors = SymmetricEigenvectors(of: moments.means, size: size)
    return zip(eigenvectors.values, eigenvectors.vectors).flatMap { value, vector in
      let deviation = (max(0, value) + leastVariance).squareRoot()
      return vector.map { $0 / deviation }
    }
  }
}
