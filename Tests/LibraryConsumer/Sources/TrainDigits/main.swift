import Convoy

let arguments = CommandLine.arguments
let digits = try DataFiles(arguments.count > 1 ? arguments[1] : "data/mnist")
let output = arguments.count > 2 ? arguments[2] : "digits.safetensors"
let network = Network {
  Convolution(filters: 8, kernelSize: 3, padding: .same, bias: false)
  BatchNormalization()
  ReLU()
  MaxPooling(2)
  for filters in [16, 32] {
    Convolution(filters: filters, kernelSize: 3, padding: .same, bias: false)
    BatchNormalization()
    ReLU()
    MaxPooling(2)
  }
  GlobalAveragePooling()
  Dense(10)
}
var training = try Training(
  of: network, on: digits, with: .adamW(learningRate: 0.01), batch: 128)
training.settings.schedule = ScheduleSettings(name: .oneCycle)
for try await epoch in training.epochs(1) {
  print("epoch \(epoch.number): loss \(epoch.loss), test accuracy \(epoch.test?.accuracy ?? .nan)")
}
try training.model.write(to: output)

let model = try Model(contentsOf: output)
guard let test = digits.test else { fatalError("MNIST has a test part.") }
let seven = try Image(width: 28, height: 28, channels: 1, pixels: test.pixels(of: 0))
let guess = try model.classify(seven)
print("a \(test.label(of: 0)): seen as \(guess.name) with \(guess.probability)")
guard guess.label == test.label(of: 0), try model.evaluate(on: test).accuracy > 0.95 else {
  fatalError("The network has not learned.")
}
