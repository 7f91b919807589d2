/// The nearest byte, without a branch that pixels could mislead.
@inline(__always)
func clampedByte(_ value: Int) -> UInt8 {
  // The shifts are −1 for a negative number, else 0: below 0 all bits are cleared, above 255 all set.
  UInt8(truncatingIfNeeded: (value & ~(value >> 63)) | ((255 &- value) >> 63))
}
