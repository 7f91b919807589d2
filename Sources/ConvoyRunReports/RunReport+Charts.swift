import ConvoyReport
import ConvoyTraining

extension RunReport {
  /// The curves of all runs over epochs, or over steps where no epoch has ended.
  var charts: [Chart] {
    let inEpochs = runs.allSatisfy(\.placesStepsInEpochs)
    let xLabel = inEpochs ? "epoch" : "step"
    let length = runs.map { run in
      let last = run.history.epochs.last
      return inEpochs
        ? last?.number ?? 0 : max(last?.steps ?? 0, run.history.steps.last?.number ?? 0)
    }.max()
    func chart(
      _ title: String, _ style: NumberStyle = .plain, mayBeLogarithmic: Bool = false,
      includesZero: Bool = false, _ curves: (Int, Run) -> [Curve]
    ) -> Chart {
      Chart(
        title: title, xLabel: xLabel, length: Double(length ?? 0), style: style,
        mayBeLogarithmic: mayBeLogarithmic, includesZero: includesZero,
        curves: runs.enumerated().flatMap(curves).filter { !$0.points.isEmpty })
    }
    /// Points of the steps, if there are any.
    func steps(_ run: Run, _ value: (RunHistory.Step) -> Double?) -> [Curve.Point] {
      run.history.steps.compactMap { step in
        value(step).map { y in
          Curve.Point(Double(step.number) / (inEpochs ? run.stepsAnEpoch ?? 1 : 1), y)
        }
      }
    }
    func epochs(_ run: Run, _ value: (RunHistory.Epoch) -> Double?) -> [Curve.Point] {
      run.history.epochs.compactMap { epoch in
        value(epoch).map { y in
          Curve.Point(Double(inEpochs ? epoch.number : epoch.steps ?? epoch.number), y)
        }
      }
    }
    func name(_ run: Run, _ what: String) -> String {
      runs.count == 1 ? what : "\(run.name), \(what)"
    }
    let charts = [
      chart("Loss", mayBeLogarithmic: true) { number, run in
        let training = steps(run, \.loss)
        return [
          Curve(
            name: name(run, "training"), series: runs.count == 1 ? 0 : number,
            isThin: runs.count > 1, hasMarks: training.isEmpty,
            points: training.isEmpty ? epochs(run, \.trainingLoss) : training),
          Curve(
            name: name(run, Self.evaluatedImages(of: run)), series: runs.count == 1 ? 1 : number,
            hasMarks: true,
            points: epochs(run, \.loss)),
        ]
      },
      chart("Accuracy", .percent) { number, run in
        [
          Curve(
            name: name(run, "training"), series: runs.count == 1 ? 0 : number,
            isThin: runs.count > 1, hasMarks: true, points: epochs(run, \.trainingAccuracy)),
          Curve(
            name: name(run, Self.evaluatedImages(of: run)), series: runs.count == 1 ? 1 : number,
            hasMarks: true,
            points: epochs(run, \.accuracy)),
        ]
      },
      chart("Learning rate", includesZero: true) { number, run in
        let rates = steps(run, \.learningRate)
        return [
          Curve(
            name: runs.count == 1 ? "Learning rate" : run.name, series: number,
            hasMarks: rates.isEmpty, points: rates.isEmpty ? epochs(run, \.learningRate) : rates)
        ]
      },
      chart("Gradient norm", mayBeLogarithmic: true) { number, run in
        [
          Curve(
            name: runs.count == 1 ? "Gradient norm" : run.name, series: number,
            points: steps(run, \.gradientNorm))
        ]
      },
      chart("Training speed in samples/s", includesZero: true) { number, run in
        [
          Curve(
            name: runs.count == 1 ? "Training speed in samples/s" : run.name, series: number,
            hasMarks: true, points: epochs(run, \.samplesPerSecond))
        ]
      },
    ]
    return charts.filter { !$0.curves.isEmpty }
  }

  /// The images that a run's epochs are judged on.
  private static func evaluatedImages(of run: Run) -> String {
    run.history.epochs.contains(where: \.isValidation) ? "validation" : "test"
  }
}
