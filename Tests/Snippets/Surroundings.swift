// What the README's programs take from their surroundings.

nonisolated(unsafe) var parameters = [Float](repeating: 1, count: 650)

/// Of half the sum of squares.
func gradient(at parameters: [Float]) -> [Float] { parameters }

/// IDX files.
let (imageBytes, labelBytes): ([UInt8], [UInt8]) = ([], [])
