import Convoy

// Trains a few steps with the processes that a launcher has started, or alone, to the same bytes:
//
//     mpirun -n 2 TrainTogether data/mnist digits.safetensors

let ranks = try Ranks.launched()
let arguments = CommandLine.arguments
let digits = try ranks.data { try DataFiles(arguments.count > 1 ? arguments[1] : "data/mnist") }
var training = try Training(
  of: Network(.article, classes: 10, channels: 1), on: digits, with: .adam(), batch: 60)
training.settings.steps = 40
training.ranks = ranks
for try await epoch in training.epochs(1) where ranks.isFirst {
  print("\(ranks.count) processes: loss \(epoch.loss), \(epoch.test?.accuracy ?? .nan)")
}
if ranks.isFirst {
  try training.model.write(to: arguments.count > 2 ? arguments[2] : "digits.safetensors")
}
ranks.leave()
