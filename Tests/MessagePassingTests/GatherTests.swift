import ConvoyMessagePassing
import ConvoyTestSupport
import Testing

/// What is gathered reaches every rank, whatever the parts' sizes.
@Suite struct GatherTests {
  @Test(arguments: 1...9)
  func everyRankGetsAllParts(ranks: Int) throws {
    let parts = (0..<ranks).map { [UInt8](repeating: UInt8($0), count: $0 % 3 * 5) }
    let gathered = try LocalRank.run(ranks) { $0.allGather(parts[$0.rank]) }
    #expect(gathered.allSatisfy { $0 == parts })
    let sent = try LocalRank.run(ranks) { $0.broadcast($0.rank == 0 ? [7, 8] : [1]) }
    #expect(sent.allSatisfy { $0 == [7, 8] })
    for speaker in 0..<ranks {
      #expect(try LocalRank.run(ranks) { $0.isAny($0.rank == speaker) }.allSatisfy(\.self))
    }
    #expect(try LocalRank.run(ranks) { $0.isAny(false) }.allSatisfy { !$0 })
  }
}
