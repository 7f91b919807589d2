/// A part of a network: a layer, or layers that belong together.
///
/// A block of your own lists what it consists of:
///
/// ```swift
/// struct ResidualBlock: Block {
///   let filters: Int
///
///   var body: Network {
///     Residual {
///       Convolution(filters: filters, kernelSize: 3, padding: .same)
///       ReLU()
///       Convolution(filters: filters, kernelSize: 3, padding: .same)
///     }
///     ReLU()
///   }
/// }
/// ```
///
/// New arithmetic cannot be added this way: every layer has kernels for its forward and backward
/// pass in each instruction set, and these are part of Convoy.
public protocol Block: Sendable {
  /// The layers, in order.
  @BlockBuilder var body: Network { get }
}

extension Network: Block {
  /// A network without layers, as a part of another.
  public init() { self.init([]) }

  // Without return, the builder would ask for the body again.
  public var body: Network { return self }
}

/// The same blocks several times, each time with weights of their own.
public struct Repeat: Block {
  public let body: Network

  /// - Parameters:
  ///   - times: at least 0.
  ///   - body: the blocks.
  public init(_ times: Int, @BlockBuilder _ body: () -> Network) {
    let layers = body().layers
    self.body = Network((0..<times).flatMap { _ in layers })
  }
}

/// Collects the layers of a network.
@resultBuilder public enum BlockBuilder {
  /// A layer or a block.
  public static func buildExpression(_ block: some Block) -> Network { block.body }

  /// A list of layers and blocks.
  public static func buildExpression(_ blocks: [any Block]) -> Network {
    Network(blocks.flatMap(\.body.layers))
  }

  /// One after another.
  public static func buildBlock(_ parts: Network...) -> Network { buildArray(parts) }

  /// What `if` adds, if it does.
  public static func buildOptional(_ part: Network?) -> Network { part ?? Network() }

  /// What `if` adds before `else`.
  public static func buildEither(first part: Network) -> Network { part }

  /// What `else` adds.
  public static func buildEither(second part: Network) -> Network { part }

  /// What each turn of a loop adds.
  public static func buildArray(_ parts: [Network]) -> Network {
    Network(parts.flatMap(\.layers))
  }
}
