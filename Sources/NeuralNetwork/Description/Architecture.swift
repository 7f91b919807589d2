/// A network as the user describes it: layers in order. Knows nothing of how it is run.
package struct Architecture: Sendable, Equatable {
  package var layers: [Layer]

  package init(_ layers: [Layer]) { self.layers = layers }
}
