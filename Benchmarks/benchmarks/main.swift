import ConvoyBenchmarkCommands
import ConvoyTerminal
import Foundation

CommandLineTool.prepareProcess()
exit(BenchmarksTool.run(try CommandLineTool.processArguments()).rawValue)
