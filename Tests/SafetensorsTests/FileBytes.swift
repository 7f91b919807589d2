import Foundation

/// Builds the bytes of a file from the text of its header, right or wrong.
func fileBytes(header: String, data: [UInt8] = []) -> Data {
  fileBytes(header: Array(header.utf8), data: data)
}

func fileBytes(header: [UInt8], data: [UInt8] = []) -> Data {
  let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
  return Data(length + header + data)
}
