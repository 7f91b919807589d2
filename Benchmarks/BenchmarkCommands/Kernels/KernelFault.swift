/// A kernel that does not compute what the reference does, and so is not worth timing.
struct KernelFault: Error, CustomStringConvertible {
  let kernel: String
  let shape: String
  let outcome: String

  var description: String {
    "\(kernel) \(shape): expected the reference's result, found \(outcome)"
  }
}
