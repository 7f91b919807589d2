#define _GNU_SOURCE  // sched_getaffinity and CPU_COUNT

#include "ConvoyCProcessLimits.h"

#include <sys/resource.h>
#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
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
