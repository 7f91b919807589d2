// The package manager tells no target its commit. Git's reflog of HEAD does: the second field of
// its last line, and since a commit changes that file, the next build reads it again.
//
// The log is read by the compiler alone: names and messages in it are not in the program.

#include "ConvoyCommit.h"

// #embed is C23's, and C++26's.
#pragma clang diagnostic ignored "-Wc23-extensions"

namespace {

struct Commit {
  char digits[13] = {};
};

consteval Commit commit() {
  Commit found;
#ifdef __has_embed
#if __has_embed("../../.git/logs/HEAD")
  constexpr unsigned char log[] = {
#embed "../../.git/logs/HEAD" suffix(, )
    '\n'};
  // The last line's end, its start, and what follows its first field.
  unsigned long end = sizeof log;
  while (end > 0 && log[end - 1] == '\n') end -= 1;
  unsigned long place = end;
  while (place > 0 && log[place - 1] != '\n') place -= 1;
  while (place < end && log[place] != ' ') place += 1;
  for (int digit = 0; digit < 12; digit += 1) {
    place += 1;
    const char value = place < end ? char(log[place]) : ' ';
    const bool isHexadecimal = (value >= '0' && value <= '9') || (value >= 'a' && value <= 'f');
    if (!isHexadecimal) return Commit();
    found.digits[digit] = value;
  }
#endif
#endif
  return found;
}

constexpr Commit built = commit();

}  // namespace

const char *convoy_commit(void) { return built.digits; }
