import ConvoyNeuralNetwork
import Synchronization

/// Records non-finite numbers found during training. The one that ranks first counts, so the result
/// does not depend on which thread finds it.
final class FaultRecord: Sendable {
  /// Where a non-finite number was found.
  struct Fault: Sendable {
    enum Place: Sendable {
      /// In the batch.
      case loss(place: Int)
      /// By index of the block.
      case gradient(block: Int)
      case statistics(block: Int)
    }

    /// In the epoch, from 0.
    let stepIndex: Int
    /// Since training began, from 1.
    let stepNumber: Int
    let place: Place

    /// Known before any update of its step.
    var isOfLoss: Bool { if case .loss = place { true } else { false } }

    init(_ step: TrainingStep, _ place: Place) {
      stepIndex = step.index
      stepNumber = step.number
      self.place = place
    }

    /// The error that ends training, with the layer in which the fault began.
    ///
    /// - Parameter pass: makes the pass of the sample at a place in the step's batch.
    func error(
      in step: TrainingStep, blocks: [ParameterBlock], of plan: NetworkPlan,
      pass: (_ place: Int) -> SamplePass
    ) -> NonFiniteError {
      let (layer, quantity): (PlacedLayer, NonFiniteError.Quantity) =
        switch place {
        case .gradient(let block): (plan.layer(of: blocks[block]), .gradient)
        case .statistics(let block): (plan.layer(of: blocks[block]), .statistic)
        case .loss: (Self.firstLayer(thatOverflowsIn: step, of: plan, pass), .loss)
        }
      return NonFiniteError(
        epoch: step.epoch, step: step.number, quantity: quantity, layer: FaultyLayer(layer))
    }

    /// With statistics of the batch, a sample's overflow shows in the losses of others: all samples
    /// are run again.
    private static func firstLayer(
      thatOverflowsIn step: TrainingStep, of plan: NetworkPlan, _ pass: (Int) -> SamplePass
    ) -> PlacedLayer {
      (1..<step.count).reduce(plan.layerThatOverflows(pass(0))) { first, place in
        let layer = plan.layerThatOverflows(pass(place))
        return layer.number < first.number ? layer : first
      }
    }

    /// Losses rank before gradients, in the order of computation. Among gradients, the last layer
    /// ranks first, because faults spread backward from there.
    fileprivate var rank: (Int, Int, Int) {
      switch place {
      case .loss(let place): (stepNumber, 0, place)
      case .gradient(let block): (stepNumber, 1, -block)
      case .statistics(let block): (stepNumber, 2, block)
      }
    }
  }

  private let isMarked = Atomic<Bool>(false)
  private let found = Mutex<Fault?>(nil)

  /// A single atomic load, cheap enough for every block.
  var hasAny: Bool { isMarked.load(ordering: .relaxed) }

  var first: Fault? { hasAny ? found.withLock(\.self) : nil }

  func add(_ fault: Fault) {
    found.withLock { found in
      if let other = found, other.rank <= fault.rank { return }
      found = fault
    }
    isMarked.store(true, ordering: .relaxed)
  }
}

/// The layer in which a non-finite number originated: its place in the network, `3` or inside a
/// composite `3.layers.0`, and its summary.
package struct FaultyLayer: Sendable, Equatable {
  package let place: String
  package let summary: String

  init(_ layer: PlacedLayer) { (place, summary) = (layer.place, layer.layer.summary) }
}

/// Training produced an infinite or NaN value and cannot continue.
public struct NonFiniteError: Error, Sendable, CustomStringConvertible {
  package enum Quantity: String, Sendable {
    case loss
    case gradient
    /// A running estimate of a normalisation.
    case statistic = "running estimate"
    /// Found after the last step before weights are saved or evaluated.
    case weight
    case moment
    case evaluatedLoss = "loss in evaluation"
  }

  /// From 1.
  public let epoch: Int
  /// Since training began, from 1.
  public let step: Int
  package let quantity: Quantity
  /// The layer in which the fault originated: for a loss, the first with non-finite values; for a
  /// gradient, the last with a non-finite gradient; for a weight or moment, the first with one.
  package let layer: FaultyLayer
  /// The best epoch, if its model was kept and written.
  package var keptEpoch: Int?
  /// Why that model could not be written; nil if it was.
  package var lostModel: (any Error)?

  public var description: String {
    "epoch \(epoch), step \(step), layer \(layer.place) (\(layer.summary)): expected a finite "
      + "\(quantity.rawValue), found NaN or infinity"
  }
}
