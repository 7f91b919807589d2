/// The layer types of an architecture file.
package enum LayerType: String, Sendable, CaseIterable {
  case convolution, maxPooling, averagePooling, flatten, dense, dropout
  case relu, leakyRelu, sigmoid, tanh, softmax, identity
}
