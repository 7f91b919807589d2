// Preloaded into convoy: ends the process, as kill -9 does, at the call with the number KILL_AT among
// those that write a file and put it in place; half of what that call was to write is written first.
// With LOSE_UNSYNCED it ends as a loss of power may: files have only what was on the storage device.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long calls;

// Whether this is the call.
static int is_due(void) {
  const char *text = getenv("KILL_AT");
  return text != NULL && atomic_fetch_add(&calls, 1) + 1 == atol(text);
}

enum { most_descriptors = 1024 };
// Bytes of each file open for writing that are on the storage device, and one more; 0 for others.
static off_t synced[most_descriptors];

static off_t size_of(int descriptor) {
  struct stat status;
  int is_file = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  return is_file ? status.st_size + 1 : 0;
}

static void note_synced(int descriptor) {
  if (descriptor >= 0 && descriptor < most_descriptors) synced[descriptor] = size_of(descriptor);
}

static void end(void) {
  if (getenv("LOSE_UNSYNCED") != NULL)
    for (int number = 0; number < most_descriptors; number++)
      if (synced[number] > 0 && size_of(number) > synced[number] &&
          ftruncate(number, synced[number] - 1) != 0)
        abort();
  raise(SIGKILL);
}

static void end_if_due(void) {
  if (is_due()) end();
}

static int is_standard(int descriptor) { return descriptor <= 2; }

ssize_t write(int descriptor, const void *bytes, size_t count) {
  ssize_t (*next)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  if (!is_standard(descriptor) && is_due()) {
    next(descriptor, bytes, count / 2);
    end();
  }
  return next(descriptor, bytes, count);
}

int open(const char *path, int flags, ...) {
  int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  if (strstr(path, ".partial") != NULL) end_if_due();
  int descriptor = next(path, flags, mode);
  if ((flags & O_ACCMODE) != O_RDONLY) note_synced(descriptor);
  return descriptor;
}

int fsync(int descriptor) {
  int (*next)(int) = dlsym(RTLD_NEXT, "fsync");
  end_if_due();
  int status = next(descriptor);
  if (status == 0 && descriptor < most_descriptors && synced[descriptor] > 0)
    note_synced(descriptor);
  return status;
}

int close(int descriptor) {
  int (*next)(int) = dlsym(RTLD_NEXT, "close");
  if (descriptor >= 0 && descriptor < most_descriptors) synced[descriptor] = 0;
  return next(descriptor);
}

int rename(const char *old, const char *new) {
  int (*next)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  end_if_due();
  int status = next(old, new);
  end_if_due();
  return status;
}
