import ConvoyNeuralNetwork
import Synchronization

/// The numbers found during training that are not finite, of which the first counts: the same one
/// whoever finds it.
final class FaultRecord: Sendable {
  /// Where a number is that is not finite.
  struct Fault: Sendable {
    enum Place: Sendable {
      /// In the batch.
      case loss(place: Int)
      /// By number.
      case gradient(block: Int)
    }

    /// In the epoch, from 0.
    let stepIndex: Int
    /// Since training began, from 1.
    let stepNumber: Int
    let place: Place

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
        case .loss(let place):
          (plan.layerThatOverflows(pass(place)), .loss)
        }
      return NonFiniteError(
        epoch: step.epoch, step: step.number, quantity: quantity, layer: FaultyLayer(layer))
    }

    /// Losses come before gradients, as they are made. Of gradients the last layer's come first:
    /// backward, the fault spreads from there.
    fileprivate var rank: (Int, Int, Int) {
      switch place {
      case .loss(let place): (stepNumber, 0, place)
      case .gradient(let block): (stepNumber, 1, -block)
      }
    }
  }

  private let isMarked = Atomic<Bool>(false)
  private let found = Mutex<Fault?>(nil)

  /// Told by a load, so that it can be asked at any time.
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

/// Where a number that is not finite came from: a layer, by its place in the network, `3`, or inside a
/// composite `3.layers.0`; and in words.
package struct FaultyLayer: Sendable, Equatable {
  package let place: String
  package let summary: String

  init(_ layer: PlacedLayer) { (place, summary) = (layer.place, layer.layer.summary) }
}

/// Training made a number that is infinite or NaN, after which no other would be worth anything.
package struct NonFiniteError: Error, Sendable, CustomStringConvertible {
  package enum Quantity: String, Sendable {
    case loss
    case gradient
    /// Of a step that was the last before weights were to be saved or judged.
    case weight
    case moment
    case evaluatedLoss = "loss in evaluation"
  }

  package let epoch: Int
  /// Since training began, from 1.
  package let step: Int
  package let quantity: Quantity
  /// Where the fault began: the first layer whose values are not finite; or, where the loss is, the last
  /// whose gradient is not.
  package let layer: FaultyLayer
  /// The best epoch, if the model of one was kept and written.
  package var keptEpoch: Int?
  /// Why it could not be written, if it could not.
  package var lostModel: (any Error)?

  package var description: String {
    "epoch \(epoch), step \(step), layer \(layer.place) (\(layer.summary)): expected a finite "
      + "\(quantity.rawValue), found NaN or infinity"
  }
}
