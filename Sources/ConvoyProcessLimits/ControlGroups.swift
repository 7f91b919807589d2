import Foundation

/// The Linux control groups of versions 1 and 2 that this process belongs to: its own and their
/// ancestors, as far as they are mounted. The limits of all of them apply.
///
/// `proc(5)` and `cgroups(7)` describe the two files that locate the groups: `/proc/self/cgroup`
/// has the group's path in each hierarchy, and `/proc/self/mountinfo` says which part of a
/// hierarchy is mounted where. In a container, both may contain paths of the host.
package struct ControlGroups: Sendable {
  private let root: String
  /// Lines of `/proc/self/cgroup`.
  private let memberships: [(controllers: [Substring], path: String)]
  private let mounts: [Mount]

  /// A hierarchy, or a part of one, in the file system.
  private struct Mount {
    /// The group that is mounted.
    let group: String
    let point: String
    /// Nil for version 2, which has all controllers in one hierarchy.
    let controllers: [Substring]?
  }

  /// - Parameter root: a prefix for the paths of the system's files.
  package init(root: String = "") {
    self.root = root
    memberships = Self.lines(of: root + "/proc/self/cgroup").compactMap { line in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      return (fields[1].split(separator: ","), String(fields[2]))
    }
    mounts = Self.lines(of: root + "/proc/self/mountinfo").compactMap(Self.mount)
  }

  /// A memory limit, with the directory of the group that has it.
  package struct Limit: Sendable, Equatable {
    package let directory: String
    package let bytes: UInt64
  }

  /// All memory limits; in each hierarchy, the process's own group comes first.
  package var memoryLimits: [Limit] {
    directories(of: "memory").compactMap { directory, isVersion2 in
      let file = directory + (isVersion2 ? "/memory.max" : "/memory.limit_in_bytes")
      guard let bytes = Self.lines(of: root + file).first.flatMap({ UInt64($0) }) else {
        return nil
      }
      return Limit(directory: directory, bytes: bytes)
    }
  }

  /// The limit on processor time, in cores, possibly a fraction; nil without a limit.
  package var cores: Double? {
    directories(of: "cpu").compactMap { directory, isVersion2 -> Double? in
      func numbers(_ file: String) -> [Double?] {
        let line = Self.lines(of: "\(root)\(directory)/\(file)").first ?? ""
        return line.split(separator: " ").map { Double($0) }
      }
      let numbers =
        isVersion2 ? numbers("cpu.max") : numbers("cpu.cfs_quota_us") + numbers("cpu.cfs_period_us")
      // Without a limit the quota is "max" in version 2 and -1 in version 1.
      guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0,
        period > 0
      else { return nil }
      return quota / period
    }.min()
  }

  /// The directories of the groups in which a controller may limit this process, innermost first.
  private func directories(of controller: Substring) -> [(path: String, isVersion2: Bool)] {
    mounts.flatMap { mount -> [(path: String, isVersion2: Bool)] in
      let membership = memberships.first {
        mount.controllers == nil ? $0.controllers.isEmpty : $0.controllers.contains(controller)
      }
      guard let membership, mount.controllers?.contains(controller) ?? true else { return [] }
      // A path outside the mounted part is a path of the host; the mounted group is then the
      // process's own.
      var below = ""
      if mount.group == "/" {
        below = membership.path
      } else if membership.path.hasPrefix(mount.group + "/") {
        below = String(membership.path.dropFirst(mount.group.count))
      }
      var names = below.split(separator: "/")
      if names.contains("..") { names = [] }
      return (0...names.count).reversed().map { count in
        (
          ([mount.point] + names[..<count].map(String.init)).joined(separator: "/"),
          mount.controllers == nil
        )
      }
    }
  }

  private static func mount(_ line: Substring) -> Mount? {
    let fields = line.split(separator: " ")
    guard let end = fields.firstIndex(of: "-"), end >= 5, fields.count > end + 3 else { return nil }
    let (group, point) = (unescaped(fields[3]), unescaped(fields[4]))
    switch fields[end + 1] {
    case "cgroup":
      return Mount(group: group, point: point, controllers: fields[end + 3].split(separator: ","))
    case "cgroup2": return Mount(group: group, point: point, controllers: nil)
    default: return nil
    }
  }

  /// Spaces, tabs, newlines and backslashes are octal escapes in these paths, such as `\040`.
  private static func unescaped(_ text: Substring) -> String {
    // The backslash comes last, because its replacement must not begin another escape.
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")].reduce(String(text)) {
      $0.replacing($1.0, with: $1.1)
    }
  }

  private static func lines(of path: String) -> [Substring] {
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map { $0 }
  }
}
