/// A network for evaluation, whose batch normalisations are folded into the filters and biases of
/// the convolutions and dense layers before them: a normalisation by running estimates multiplies
/// each channel by a factor and adds a shift.
package struct FoldedNetwork: Sendable {
  package let plan: NetworkPlan
  /// Of the network as it is trained.
  private let tensors: [ParameterTensor]
  /// By tensor of the folded plan.
  private let sources: [Source]

  /// Numbers are indices of `tensors`.
  private struct Source: Sendable {
    /// Nil for a bias added by folding.
    let tensor: Int?
    let isBias: Bool
    let normalization: Normalization?
  }

  private struct Normalization: Sendable {
    let epsilon: Double
    let scale: Int?
    let shift: Int?
    let mean: Int
    let variance: Int
  }

  /// Nil if the plan can evaluate as it is: nothing is to be folded, and no product is rounded.
  package init?(_ plan: NetworkPlan) {
    let (_, normalizations) = plan.architecture.foldingNormalizations()
    guard !normalizations.isEmpty || plan.roundsProducts else { return nil }
    self.init(plan, for: .evaluation)
  }

  /// The network with those normalisations folded that can be.
  package init(_ plan: NetworkPlan, for use: NetworkPlan.Use) {
    let (architecture, normalizations) = plan.architecture.foldingNormalizations()
    do {
      self.plan = try NetworkPlan(
        architecture, input: plan.inputShape, loss: plan.loss,
        ownLoss: plan.ownLoss, kernels: plan.kernels, for: use)
    } catch {
      preconditionFailure("folding changes no shape: \(error)")
    }
    tensors = plan.tensors
    let numbers = Dictionary(
      uniqueKeysWithValues: plan.tensors.enumerated().map { ($1.name, $0) })
    sources = self.plan.tensors.map { tensor in
      let place = String(tensor.name.dropLast(tensor.member.count + 1))
      return Source(
        tensor: numbers[tensor.name], isBias: tensor.member == "bias",
        normalization: normalizations[place].map { folded in
          func number(_ member: String) -> Int? { numbers["\(folded.place).\(member)"] }
          guard let mean = number("running_mean"), let variance = number("running_var") else {
            preconditionFailure("a normalisation has running estimates")
          }
          return Normalization(
            epsilon: Double(folded.layer.epsilon), scale: number("weight"), shift: number("bias"),
            mean: mean, variance: variance)
        })
    }
  }

  /// Makes the folded parameters from those of the network as it is trained, in double precision.
  package func fold(_ parameters: ParameterMemory, into folded: ParameterMemory) {
    func read(_ number: Int) -> [Double] { tensors[number].read(from: parameters).map(Double.init) }
    for (source, tensor) in zip(sources, plan.tensors) {
      var values =
        source.tensor.map { tensors[$0].read(from: parameters) }
        ?? [Float](repeating: 0, count: tensor.count)
      if let normalization = source.normalization {
        let (means, variances) = (read(normalization.mean), read(normalization.variance))
        let scales = normalization.scale.map(read)
        let shifts = normalization.shift.map(read)
        let factors = variances.indices.map { channel in
          (scales?[channel] ?? 1) / (variances[channel] + normalization.epsilon).squareRoot()
        }
        // Numbers of a filter or unit lie side by side.
        let count = values.count / factors.count
        for index in values.indices {
          let channel = index / count
          values[index] = Float(
            source.isBias
              ? (Double(values[index]) - means[channel]) * factors[channel]
                + (shifts?[channel] ?? 0)
              : Double(values[index]) * factors[channel])
        }
      }
      tensor.write(values, to: folded)
    }
    plan.refresh(folded)
  }
}

extension ParameterTensor {
  /// The last part of the name: `weight`, `bias`, …
  fileprivate var member: Substring {
    name.split(separator: ".").last ?? ""
  }
}
