import ConvoyFileFuzzing

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FileFormat.log.fuzz(UnsafeBufferPointer(start: bytes, count: count))
}
