#define _GNU_SOURCE  // sched_getaffinity and CPU_COUNT

#include "ConvoyCProcessLimits.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
#endif
#if defined(__APPLE__)
#include <sys/sysctl.h>
#include <sys/time.h>
#endif
#if defined(__GLIBC__)
#include <malloc.h>
#endif

int convoy_runnable_cores(void) {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
#endif
  return convoy_online_cores();
}

int convoy_online_cores(void) {
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}

static uint64_t bytes(const struct rlimit *limits) {
  return limits->rlim_cur == RLIM_INFINITY ? UINT64_MAX : (uint64_t)limits->rlim_cur;
}

uint64_t convoy_address_space_limit(void) {
  struct rlimit limits;
  return getrlimit(RLIMIT_AS, &limits) == 0 ? bytes(&limits) : UINT64_MAX;
}

uint64_t convoy_data_segment_limit(void) {
  struct rlimit limits;
  return getrlimit(RLIMIT_DATA, &limits) == 0 ? bytes(&limits) : UINT64_MAX;
}

uint64_t convoy_stack_limit(void) {
  struct rlimit limits;
  return getrlimit(RLIMIT_STACK, &limits) == 0 ? bytes(&limits) : UINT64_MAX;
}

uint64_t convoy_peak_memory(void) {
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0 || usage.ru_maxrss < 0) return 0;
#if defined(__APPLE__)
  return (uint64_t)usage.ru_maxrss;
#else
  return (uint64_t)usage.ru_maxrss * 1024;
#endif
}

double convoy_process_age(void) {
#if defined(__linux__)
  char text[1024];
  FILE *file = fopen("/proc/self/stat", "r");
  if (!file) return -1;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = 0;
  // The second field is the name in parentheses, which may hold any character; the start, in ticks
  // since the machine's, is the twentieth behind it.
  const char *field = strrchr(text, ')');
  for (int i = 0; field && i < 20; i++) field = strchr(field + 1, ' ');
  unsigned long long start;
  struct timespec now;
  if (!field || sscanf(field, "%llu", &start) != 1 || clock_gettime(CLOCK_BOOTTIME, &now) != 0) return -1;
  // The tick that was counted may be a little later than the process.
  double age = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec - (double)start / (double)sysconf(_SC_CLK_TCK);
  return age > 0 ? age : 0;
#elif defined(__APPLE__)
  struct kinfo_proc process;
  size_t size = sizeof process;
  int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_PID, getpid()};
  struct timeval now;
  if (sysctl(name, 4, &process, &size, NULL, 0) != 0 || gettimeofday(&now, NULL) != 0) return -1;
  const struct timeval start = process.kp_proc.p_starttime;
  return (double)(now.tv_sec - start.tv_sec) + 1e-6 * (double)(now.tv_usec - start.tv_usec);
#else
  return -1;
#endif
}

void convoy_warn_before_processor_time_ends(uint64_t seconds) {
  struct rlimit limits;
  if (getrlimit(RLIMIT_CPU, &limits) != 0 || limits.rlim_max == RLIM_INFINITY) return;
  rlim_t soft = limits.rlim_max > 2 * seconds ? limits.rlim_max - seconds : limits.rlim_max / 2;
  // A limit of 0 would be reached at once.
  if (soft == 0 || limits.rlim_cur <= soft) return;
  limits.rlim_cur = soft;
  setrlimit(RLIMIT_CPU, &limits);
}

void convoy_use_one_heap(void) {
#if defined(__GLIBC__)
  mallopt(M_ARENA_MAX, 1);
#endif
}
