import ConvoyAugmentation
import ConvoyKernelInterface
import ConvoyNeuralNetwork

/// Test-time augmentation: an image is judged by the average of the network's outputs over several
/// views of it.
///
/// Outputs before the softmax are averaged, as airbench94 does (Jordan, 2024), so that every loss has
/// one meaning.
package enum TestTimeAugmentation: Sendable, Equatable {
  /// The image alone.
  case none
  /// The image and its mirror image.
  case flip
  /// These, and both moved by a pixel up and left, and down and right: the unmoved pair counts as much
  /// as both moved pairs. What comes in at the edge is the image's reflection.
  case flipAndShift
  /// The image and so many variations, which the store draws.
  case variations(Int)

  /// In the order in which outputs are added.
  var views: [ImageView] {
    switch self {
    case .none: [ImageView()]
    case .flip: [ImageView(weight: 0.5), ImageView(isMirrored: true, weight: 0.5)]
    case .flipAndShift:
      [(0, 0.25), (-1, 0.125), (1, 0.125)].flatMap { shift, weight in
        [false, true].map { ImageView(isMirrored: $0, shift: shift, weight: weight) }
      }
    case .variations(let count):
      (0...count).map { ImageView(variation: $0, weight: 1 / Float(count + 1)) }
    }
  }
}

/// One of the views of an image.
struct ImageView: Sendable {
  /// Its number; 0 for the image itself.
  var variation = 0
  var isMirrored = false
  /// The shift in pixels, up and left; negative, down and right.
  var shift = 0
  /// Of its outputs in the average.
  var weight: Float = 1

  var isMoved: Bool { isMirrored || shift != 0 }

  /// Writes the view of a sample without its border.
  func move(
    _ sample: UnsafePointer<Float>, to view: UnsafeMutablePointer<Float>, _ map: FeatureMap
  ) {
    let (height, width) = (map.shape.height, map.shape.width)
    for row in 0..<height {
      for column in 0..<width {
        let seen = Self.reflected(isMirrored ? width - 1 - column + shift : column + shift, width)
        let (from, to) = (
          map.start + Self.reflected(row + shift, height) * map.rowStep + seen * map.channels,
          map.start + row * map.rowStep + column * map.channels
        )
        unsafe (view + to).update(from: sample + from, count: map.channels)
      }
    }
  }

  /// A place at most one beyond a side, reflected at the side's first or last pixel.
  private static func reflected(_ place: Int, _ count: Int) -> Int {
    let inside = place < 0 ? -place : place < count ? place : 2 * (count - 1) - place
    // A side of one pixel has no other.
    return min(max(inside, 0), count - 1)
  }
}

/// The memory in which one worker averages outputs over views.
final class ViewMemory {
  /// The sample that a view is made of.
  let image: AlignedBuffer<Float>
  /// By sample of a pass, then by class.
  private let sums: AlignedBuffer<Float>
  private let classes: Int

  init(_ plan: NetworkPlan, samples: Int) {
    image = AlignedBuffer(count: plan.input.values.count)
    sums = AlignedBuffer(count: samples * plan.classes)
    classes = plan.classes
  }

  /// Adds a view's outputs; the first view's begin the sums.
  func add(_ plan: NetworkPlan, _ pass: SamplePass, _ view: ImageView, isFirst: Bool) {
    for sample in 0..<pass.samples.count {
      let outputs = unsafe plan.outputs(pass, sample)
      let sums = unsafe sums.pointer + sample * classes
      for index in 0..<classes {
        let sum = unsafe isFirst ? 0 : sums[index]
        unsafe sums[index] = sum + view.weight * outputs[index]
      }
    }
  }

  /// Puts the averages where the loss reads outputs.
  func finish(_ plan: NetworkPlan, _ pass: SamplePass) {
    for sample in 0..<pass.samples.count {
      unsafe (pass.values(plan.output, sample) + plan.output.values.start)
        .update(from: sums.pointer + sample * classes, count: classes)
    }
  }
}
