import ConvoyCommands
import Foundation

exit(ConvoyTool.run(Array(CommandLine.arguments.dropFirst())).rawValue)
