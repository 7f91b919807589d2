import ConvoyCommands
import Foundation
import ProcessLimits

// A stream that was closed would hand its number to the next file that is opened, and what is printed
// would go there.
for descriptor: CInt in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
  _ = open("/dev/null", O_RDWR)
}

// Whoever started this from a thread that blocks signals has handed that on.
var signals = sigset_t()
sigemptyset(&signals)
sigaddset(&signals, SIGINT)
sigaddset(&signals, SIGTERM)
pthread_sigmask(SIG_UNBLOCK, &signals, nil)

ResourceLimit.useOneHeapIfLimited()

exit(ConvoyTool.run(Array(CommandLine.arguments.dropFirst())).rawValue)
