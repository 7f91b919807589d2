import ConvoyZlib

/// A writer of gzip members, the counterpart of what is tested.
package enum Gzip {
  package struct Failure: Error {
    package let status: Int32
  }

  package static func member(_ bytes: [UInt8]) throws -> [UInt8] {
    var stream = z_stream()
    var status = deflateInit2_(
      &stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY,
      ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw Failure(status: status) }
    defer { deflateEnd(&stream) }
    var input = bytes
    let capacity = Int(deflateBound(&stream, uLong(bytes.count)))
    let output = [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
      input.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress
        stream.avail_in = uInt(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = uInt(output.count)
        status = deflate(&stream, Z_FINISH)
        count = output.count - Int(stream.avail_out)
      }
    }
    guard status == Z_STREAM_END else { throw Failure(status: status) }
    return output
  }
}
