import ConvoyCommandLineOptions
import Testing

@Suite struct TypedValueTests {
  @Test func readsWholeNumbers() throws {
    #expect(try Example.options("--batch", "64").integer("batch", atLeast: 1) == 64)
    #expect(try Example.options("--batch", "1").integer("batch", in: 1...8) == 1)
    #expect(try Example.options("--batch", "8").integer("batch", in: 1...8) == 8)
    #expect(try Example.options("--l2", "-3").integer("l2") == -3)
    let seed = try Example.options("--seed", "18446744073709551615").unsignedInteger("seed")
    #expect(seed == UInt64.max)
  }

  @Test func readsNumbers() throws {
    #expect(try Example.options("--l2", "-1e-3").number("l2") == -0.001)
    #expect(try Example.options("--dropout", "0").number("dropout", in: 0..<1) == 0)
    #expect(try Example.options("--dropout", "1").number("dropout", in: 0...1) == 1)
    #expect(try Example.options("--l2", "0").number("l2", atLeast: 0) == 0)
    #expect(try Example.options("--l2", "1e-9").number("l2", above: 0) == 1e-9)
    #expect(try Example.options("--l2", "1").number("l2", above: 0, atMost: 1) == 1)
  }

  @Test func readsLists() throws {
    #expect(try Example.options("--batch", "1,2,8").integers("batch", in: 1...8) == [1, 2, 8])
    #expect(try Example.options("--batch", "7").integers("batch", in: 1...8) == [7])
    #expect(try Example.options().integers("batch", in: 1...8) == nil)
    #expect(try Example.options("--batch", "a,b").list("batch") == ["a", "b"])
  }

  @Test(arguments: [("1,9", "9"), ("x", "x"), ("1,-2", "-2")])
  func refusesListsWithAWrongNumber(text: String, found: String) {
    expect(
      "--batch: expected whole numbers from 1 to 8, separated by commas, found '\(found)'"
    ) {
      try Example.options("--batch", text).integers("batch", in: 1...8)
    }
  }

  @Test(arguments: ["1,,2", ",", "1,"])
  func refusesListsWithGaps(text: String) {
    expect("--batch: expected values separated by commas, found '\(text)'") {
      try Example.options("--batch", text).integers("batch", in: 1...8)
    }
  }

  @Test func readsChoices() throws {
    let options = try Example.options("--optimizer", "rmsprop")
    #expect(try options.choice("optimizer", of: Example.Optimizer.self) == .rmsprop)
  }

  @Test func choicesAreCheckedAgainstTheirOwnType() throws {
    enum Rule: String, CaseIterable { case first, second }
    let options = try Example.options("--optimizer", "adam")
    let error = #expect(throws: UsageError.self) {
      try options.choice("optimizer", of: Rule.self)
    }
    #expect(error?.description == "--optimizer: expected one of first, second, found 'adam'")
  }

  @Test(arguments: ["0", "-1", "1.5", "many", "99999999999999999999", " 1"])
  func refusesWholeNumbers(text: String) {
    expect("--batch: expected a whole number of at least 1, found '\(text)'") {
      try Example.options("--batch", text).integer("batch", atLeast: 1)
    }
  }

  @Test func namesTheRangeOfWholeNumbers() {
    expect("--batch: expected a whole number from 1 to 8, found '9'") {
      try Example.options("--batch", "9").integer("batch", in: 1...8)
    }
    expect("--batch: expected a whole number, found 'x'") {
      try Example.options("--batch", "x").integer("batch")
    }
    expect("--seed: expected a whole number from 0 to 18446744073709551615, found '-1'") {
      try Example.options("--seed", "-1").unsignedInteger("seed")
    }
  }

  @Test(arguments: ["1.5", "1", "-0.1", "nan", "inf", "1e999", "half"])
  func refusesNumbers(text: String) {
    expect("--dropout: expected a number from 0 up to but not including 1, found '\(text)'") {
      try Example.options("--dropout", text).number("dropout", in: 0..<1)
    }
  }

  @Test(arguments: ["nan", "-inf", "1e999", "0x10"])
  func unboundedNumbersAreFinite(text: String) {
    expect("--l2: expected a number, found '\(text)'") {
      try Example.options("--l2", text).number("l2")
    }
  }

  @Test func namesTheRangeOfNumbers() {
    expect("--l2: expected a number greater than 0, found '0'") {
      try Example.options("--l2", "0").number("l2", above: 0)
    }
    expect("--l2: expected a number of at least 0, found '-1'") {
      try Example.options("--l2", "-1").number("l2", atLeast: 0)
    }
    expect("--l2: expected a number from 0 to 0.5, found '1'") {
      try Example.options("--l2", "1").number("l2", in: 0...0.5)
    }
    expect("--l2: expected a number greater than 0 and at most 1, found '0'") {
      try Example.options("--l2", "0").number("l2", above: 0, atMost: 1)
    }
    expect("--l2: expected a number greater than 0 and at most 1, found '2'") {
      try Example.options("--l2", "2").number("l2", above: 0, atMost: 1)
    }
  }

  private func expect<Value>(
    _ message: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ read: () throws -> Value?
  ) {
    let error = #expect(throws: UsageError.self, sourceLocation: sourceLocation) {
      try read()
    }
    #expect(error?.description == message, sourceLocation: sourceLocation)
  }
}
