/// The version of Convoy.
package enum ConvoyVersion {
  package static let number = "0.9.0"
}
