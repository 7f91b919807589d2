/// A product of matrices that are stored row after row:
/// result ← addendScale · addend + productScale · left · right, or left · right alone.
package struct MatrixProduct {
  /// Floats of scratch memory that a thread needs, for a part of the right matrix: half an L1 cache.
  package static var scratchCount: Int { 4096 }

  package let rows: Int
  package let inner: Int
  package let columns: Int
  /// rows × inner.
  package let left: UnsafePointer<Float>
  /// inner × columns; columns × inner if it is transposed.
  package let right: UnsafePointer<Float>
  package let rightIsTransposed: Bool
  /// rows × columns, as the result; not the result itself.
  package let addend: UnsafePointer<Float>?
  package let addendScale: Float
  package let productScale: Float
  package let result: UnsafeMutablePointer<Float>

  package init(
    rows: Int, inner: Int, columns: Int, left: UnsafePointer<Float>, right: UnsafePointer<Float>,
    rightIsTransposed: Bool = false, addend: UnsafePointer<Float>? = nil, addendScale: Float = 0,
    productScale: Float = 1, result: UnsafeMutablePointer<Float>
  ) {
    self.rows = rows
    self.inner = inner
    self.columns = columns
    self.left = left
    self.right = right
    self.rightIsTransposed = rightIsTransposed
    self.addend = addend
    self.addendScale = addendScale
    self.productScale = productScale
    self.result = result
  }
}
