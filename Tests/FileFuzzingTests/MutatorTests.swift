import ConvoyFileFuzzing
import Testing

@Suite struct MutatorTests {
  @Test(arguments: FileFormat.allCases)
  func aMutantIsAFunctionOfItsNumber(format: FileFormat) throws {
    let once = try format.mutants()
    let again = try format.mutants()
    var mutants: Set<[UInt8]> = []
    for number in 0..<100 {
      let mutant = try once(number)
      #expect(try again(number) == mutant)
      mutants.insert(mutant)
    }
    // Of the few bytes of labels some changes are the same.
    #expect(mutants.count > 60)
  }

  /// The campaigns hang on this: a check that finds nothing wrong with any reader would pass all.
  @Test func everyChangeOccurs() {
    let file = Array("{\"numbers\": [12, 345], \"text\": \"abc\"}".utf8)
    var lengths: Set<Int> = []
    var changed = Array(repeating: false, count: file.count)
    for seed in 0..<2_000 as Range<UInt64> {
      var mutator = Mutator(seed: seed, words: ["word"], others: [Array("other".utf8)])
      let mutant = mutator.mutant(of: file)
      lengths.insert(mutant.count - file.count)
      for (place, (old, new)) in zip(file, mutant).enumerated() where old != new {
        changed[place] = true
      }
    }
    #expect(lengths.isSuperset(of: [-1, 0, 1, 4]))
    #expect(lengths.contains { $0 > 30 } && lengths.contains { $0 < -30 })
    #expect(!changed.contains(false))
  }
}
