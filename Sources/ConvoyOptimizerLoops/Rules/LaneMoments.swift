/// What a rule remembers of eight parameters; zero where it remembers less.
struct LaneMoments {
  var first: Lanes
  var second: Lanes
  var third: Lanes
}
