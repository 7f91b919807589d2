import ConvoyZlib

/// The bytes, compressed in zlib's format (RFC 1950). They depend on zlib's version; what they
/// decompress to does not.
package func deflated(_ bytes: [UInt8]) -> [UInt8] {
  var count = compressBound(uLong(bytes.count))
  var result = [UInt8](repeating: 0, count: Int(count))
  // zlib writes at most `count` bytes, and sets it to how many it wrote.
  let status = unsafe compress2(&result, &count, bytes, uLong(bytes.count), 6)
  precondition(status == Z_OK, "There is room for what zlib writes, and memory for its tables.")
  result.removeLast(result.count - Int(count))
  return result
}
