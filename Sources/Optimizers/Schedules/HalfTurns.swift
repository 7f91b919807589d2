/// cos(π x) for x from 0 to 1, the same bits on every system, with an error below 1e-15.
///
/// By symmetry to an angle of at most π/4, and there by Taylor's series, whose first omitted term is
/// below 1e-18.
func cosine(halfTurns x: Double) -> Double {
  if x > 0.5 { return -cosine(halfTurns: 1 - x) }
  let isSine = x > 0.25
  let angle = Double.pi * (isSine ? 0.5 - x : x)
  var term = isSine ? angle : 1
  var sum = term
  for factor in stride(from: isSine ? 2 : 1, to: 18, by: 2) {
    term *= -angle * angle / Double(factor * (factor + 1))
    sum += term
  }
  return sum
}
