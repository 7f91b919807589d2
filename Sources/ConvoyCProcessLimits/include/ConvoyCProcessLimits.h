#ifndef CONVOY_PROCESS_LIMITS_H
#define CONVOY_PROCESS_LIMITS_H

#include <stdint.h>

/// The cores that threads of this process may run on; at least 1.
int convoy_runnable_cores(void);

/// The cores of the machine; at least 1.
int convoy_online_cores(void);

/// Soft limits of getrlimit(2) in bytes; UINT64_MAX where there is none.
uint64_t convoy_address_space_limit(void);
uint64_t convoy_data_segment_limit(void);
uint64_t convoy_stack_limit(void);

/// The most memory that this process has had resident so far, in bytes; 0 if the system does not tell.
uint64_t convoy_peak_memory(void);

/// Seconds since this process was started, within a hundredth; below 0 if the system does not tell.
double convoy_process_age(void);

/// Lowers the soft limit on processor time to `seconds` before the hard limit, or to half the hard
/// limit if that is at most 2 · `seconds`, so that SIGXCPU precedes SIGKILL.
void convoy_warn_before_processor_time_ends(uint64_t seconds);

/// Makes all threads created later share one heap.
void convoy_use_one_heap(void);

#endif
