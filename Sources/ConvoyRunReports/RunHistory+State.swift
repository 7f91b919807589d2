import ConvoyFigures
import ConvoyTraining

extension RunHistory {
  /// Whether there is nothing in it.
  var isEmpty: Bool {
    run == nil && steps.isEmpty && epochs.isEmpty && test == nil && faultyStep == nil
  }

  /// Where a number was first not finite; nil if all were, as far as the log tells.
  var divergence: String? {
    let step = steps.first { !$0.loss.isFinite || $0.gradientNorm?.isFinite == false }
    if let step = step?.number ?? faultyStep {
      return "diverged in step \(Figures.grouped(step))"
    }
    return epochs.first { !$0.trainingLoss.isFinite || !$0.loss.isFinite }
      .map { "diverged in epoch \($0.number)" }
  }

  /// Of the test after the run or, where epochs are judged on the test images, of its last epoch.
  var testAccuracy: Double? {
    test?.accuracy ?? epochs.last.flatMap { $0.isValidation ? nil : $0.accuracy }
  }

  /// What there is to say of a run whose log has no epoch.
  var stateBeforeEpochs: String { divergence ?? "no epoch yet" }
}
