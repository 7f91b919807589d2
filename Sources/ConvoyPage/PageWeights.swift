import ConvoyNeuralNetwork
import Foundation

/// The weights of a page: base64 of little-endian single-precision numbers. Each tensor is padded to
/// a multiple of three numbers, so that its base64 needs no padding, and texts can follow each other.
struct PageWeights {
  let tensors: [ParameterTensor]
  let parameters: ParameterMemory

  /// The count of numbers with the padding.
  static func padded(_ count: Int) -> Int { (count + 2) / 3 * 3 }

  /// Numbers in a piece of text, a multiple of three.
  private static let pieceSize = 3 << 16

  func forEachPiece<Failure: Error>(_ body: (String) throws(Failure) -> Void) throws(Failure) {
    for tensor in tensors where tensor.isOnPages {
      var values = tensor.read(from: parameters)
      values += Array(repeating: 0, count: Self.padded(values.count) - values.count)
      for start in stride(from: 0, to: values.count, by: Self.pieceSize) {
        let bits = values[start..<min(start + Self.pieceSize, values.count)]
          .map(\.bitPattern.littleEndian)
        try body(unsafe bits.withUnsafeBytes { unsafe Data($0) }.base64EncodedString())
      }
    }
  }
}

extension ParameterTensor {
  /// Whether a forward pass reads it.
  var isOnPages: Bool { kind != .count }
}
