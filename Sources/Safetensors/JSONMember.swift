/// One name and value of a JSON object.
struct JSONMember: Equatable {
  let name: String
  let value: JSONValue
}
