import ConvoyCommands
import Foundation
import ProcessLimits

// A stream that was closed would hand its number to the next file that is opened, and what is printed
// would go there.
for descriptor: CInt in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
  _ = open("/dev/null", O_RDWR)
}

// A reader of the results that goes away must not end a run before it is saved; writing fails instead.
signal(SIGPIPE, SIG_IGN)
// So must a limit on the size of files.
signal(SIGXFSZ, SIG_IGN)

// Whoever started this from a thread that blocks signals has handed that on.
var signals = sigset_t()
sigemptyset(&signals)
for signal in [SIGHUP, SIGINT, SIGTERM] { sigaddset(&signals, signal) }
pthread_sigmask(SIG_UNBLOCK, &signals, nil)

ResourceLimit.useOneHeapIfLimited()

exit(ConvoyTool.run(try CommandLineTool.processArguments()).rawValue)
