/// How the weights of one layer are initialised, in place of the network's method.
public enum LayerInitialization: String, CaseIterable, Sendable {
  /// As `Initialization.Method.xavier`.
  case xavier
  /// As `Initialization.Method.he`.
  case he
  /// Rows or columns, whichever are fewer, are orthonormal: those of a filters × (channels · K²) or
  /// units × inputs matrix of normal numbers (Saxe, McClelland and Ganguli, 2014).
  case orthogonal
  /// Of a convolution: the first filters pass on a channel each, as many as there are of both; the
  /// rest are drawn by the network's method.
  case dirac
  /// Of a convolution that reads the network's input: the first half of the filters are the
  /// eigenvectors of the mean products in patches of training images, over √(eigenvalue + 5e-4), and
  /// the second half are their negatives (as Jordan's airbench94, 2024).
  case whitening

  /// Those of a dense layer.
  static let ofMatrices: [LayerInitialization] = [.xavier, .he, .orthogonal]
  /// The most numbers of a patch: eigenvectors take the cube of it.
  static let largestPatch = 1_024
}
