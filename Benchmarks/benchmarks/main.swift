import BenchmarkCommands
import Foundation

exit(BenchmarksTool.run(Array(CommandLine.arguments.dropFirst())).rawValue)
