import ConvoyCommands
import ConvoyTerminal
import Foundation

CommandLineTool.prepareProcess()
exit(ConvoyTool.run(try CommandLineTool.processArguments()).rawValue)
