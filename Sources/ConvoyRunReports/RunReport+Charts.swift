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
    // Runs that differ in their seed alone share a colour and a name.
    let rows = runs.map { run in
      runs.firstIndex { $0.isOfRow(of: run) } ?? 0
    }
    let places = Set(rows).sorted()
    let isOneRow = places.count == 1
    func series(_ number: Int) -> Int { places.firstIndex(of: rows[number]) ?? 0 }
    func name(_ number: Int) -> String {
      let others = rows.count { $0 == rows[number] } - 1
      return runs[rows[number]].name
        + (others > 0 ? " and \(others) other seed\(others == 1 ? "" : "s")" : "")
    }
    func name(_ number: Int, _ what: String) -> String {
      isOneRow ? what : "\(name(number)), \(what)"
    }
    let charts = [
      chart("Loss", mayBeLogarithmic: true) { number, run in
        let training = steps(run, \.loss)
        return [
          Curve(
            name: name(number, "training"), series: isOneRow ? 0 : series(number),
            isThin: !isOneRow, hasMarks: training.isEmpty,
            points: training.isEmpty ? epochs(run, \.trainingLoss) : training),
          Curve(
            name: name(number, Self.evaluatedImages(of: run)),
            series: isOneRow ? 1 : series(number),
            hasMarks: true,
            points: epochs(run, \.loss)),
        ]
      },
      chart("Accuracy", .percent) { number, run in
        [
          Curve(
            name: name(number, "training"), series: isOneRow ? 0 : series(number),
            isThin: !isOneRow, hasMarks: true, points: epochs(run, \.trainingAccuracy)),
          Curve(
            name: name(number, Self.evaluatedImages(of: run)),
            series: isOneRow ? 1 : series(number),
            hasMarks: true,
            points: epochs(run, \.accuracy)),
        ]
      },
      chart("Learning rate", includesZero: true) { number, run in
        let rates = steps(run, \.learningRate)
        return [
          Curve(
            name: isOneRow ? "Learning rate" : name(number), series: series(number),
            hasMarks: rates.isEmpty, points: rates.isEmpty ? epochs(run, \.learningRate) : rates)
        ]
      },
      chart("Gradient norm", mayBeLogarithmic: true) { number, run in
        [
          Curve(
            name: isOneRow ? "Gradient norm" : name(number), series: series(number),
            points: steps(run, \.gradientNorm))
        ]
      },
      chart("Training speed in samples/s", includesZero: true) { number, run in
        [
          Curve(
            name: isOneRow ? "Training speed in samples/s" : name(number), series: series(number),
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

extension RunReport.Run {
  /// Whether two runs differ in their seed alone, and are judged on the same kind of images.
  fileprivate func isOfRow(of other: Self) -> Bool {
    guard let run = history.run, let otherRun = other.history.run, run.data == otherRun.data else {
      return path == other.path
    }
    func options(_ run: RunHistory.Run) -> [String: String] {
      run.options.filter { !RunComparison.ignored.contains($0.key) && $0.key != "data" }
    }
    return options(run) == options(otherRun)
  }
}
