import BenchmarkCommands
import ConvoyCommands
import Foundation

CommandLineTool.prepareProcess()
exit(BenchmarksTool.run(try CommandLineTool.processArguments()).rawValue)
