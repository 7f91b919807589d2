/// Filters that are transformed at a time: some rows of a panel, whose taps and components lie apart.
struct WinogradPanel: Sendable, Equatable {
  let channels: Int
  let width: Int
  let tapStep: Int
  let componentStep: Int
}
