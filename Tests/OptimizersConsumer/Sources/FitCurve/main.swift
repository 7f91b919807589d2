import Foundation
import Optimizers

let steps = 2000
let curve = Polynomial(count: 41)
let optimizers: [(name: String, rule: any Optimizer)] = [
  ("gradient descent", try StochasticGradientDescent(learningRate: 0.5)),
  ("momentum", try Momentum(learningRate: 0.1)),
  ("Nesterov", try Momentum(learningRate: 0.1, nesterov: true)),
  ("RMSProp", try RMSProp(learningRate: 0.01)),
  (
    "RMSProp, centred, with momentum",
    try RMSProp(learningRate: 0.002, centred: true, momentum: 0.5)
  ),
  ("Adam", try Adam(learningRate: 0.05)),
  ("AdamW", try AdamW(learningRate: 0.05, weightDecay: 1e-4)),
  ("Lion", try Lion(learningRate: 0.01, weightDecay: 1e-4)),
  ("LAMB", try Lamb(learningRate: 0.02, weightDecay: 1e-4)),
  ("Muon", try Muon(learningRate: 0.02, vectorRule: AdamW(learningRate: 0.05))),
  ("a rule of its own", SignDescent(learningRate: 0.01)),
  ("a rule of two passes of its own", Lars(learningRate: 0.01)),
]

/// The loss after training from zero, under a schedule, with clipping and the constant term as a bias.
func fit(_ optimizer: any Optimizer) throws -> Float {
  let schedule = try LearningRateSchedule.cosine(from: optimizer.learningRate, over: steps)
    .warmedUp(over: 20, from: 0.1)
  let clipping = try GradientClipping.norm(1)
  var parameters: [Float] = [0, 0, 0, 0]
  var state = OptimizerState(for: optimizer, parameterCount: parameters.count)
  for _ in 1...steps {
    optimizer.update(
      &parameters, along: curve.gradient(parameters), state: &state,
      learningRate: schedule.rate(at: state.nextStep), clipping: clipping,
      groups: [.biases(0..<1), .weights(1..<4, rows: 1, columns: 3)])
  }
  return curve.loss(parameters)
}

// At zero the loss is 1.2; anything of a shape that is not fitted leaves more than a thousandth.
let limit: Float = 1e-4
for (name, rule) in optimizers {
  let loss = try fit(rule)
  print("\(name): loss \(loss)")
  guard loss <= limit else {
    print("\(name): expected a loss of at most \(limit), found \(loss)")
    exit(1)
  }
}

/// Threads that share the steps give the bits of one.
func train(_ optimizer: some Optimizer, threads: Int) -> [Float] {
  var parameters = (0..<1_000_000).map { 1 / Float($0 + 1) }
  var state = OptimizerState(for: optimizer, parameterCount: parameters.count)
  for _ in 1...3 {
    let gradients = parameters.map { $0 - 0.5 }
    optimizer.update(&parameters, along: gradients, state: &state, threads: threads)
  }
  return parameters
}

for (name, rule) in optimizers where train(rule, threads: 4) != train(rule, threads: 1) {
  print("\(name): expected the parameters of one thread from four, found others")
  exit(1)
}
