import ConvoyZlib

/// Makes a changed checkpoint whole again: its last eight bytes become the checksum of those before.
package func sealed(_ file: [UInt8]) -> [UInt8] {
  guard file.count >= 8 else { return file }
  let body = Array(file.dropLast(8))
  let sum = UInt32(crc32_z(crc32(0, nil, 0), body, body.count))
  return body
    + [sum >> 16, sum & 0xFFFF].flatMap { half in
      withUnsafeBytes(of: Float(half).bitPattern.littleEndian) { Array($0) }
    }
}
