#ifndef CONVOY_CPU_FEATURES_H
#define CONVOY_CPU_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

/// Whether the processor and the operating system offer all of x86-64-v3 (AVX2, FMA, BMI).
bool convoy_has_avx2(void);

/// Whether the processor and the operating system offer all of x86-64-v4 (AVX-512 F, BW, CD, DQ,
/// VL).
bool convoy_has_avx512(void);

/// Whether the processor offers AVX512-BF16 as well.
bool convoy_has_avx512_bf16(void);

/// Whether AMD made the processor.
bool convoy_is_made_by_amd(void);

/// Makes this thread treat denormal numbers as zero; returns the previous control word.
uint64_t convoy_flush_denormals(void);

/// Gives this thread back the control word that `convoy_flush_denormals` returned.
void convoy_restore_denormals(uint64_t control_word);

/// Tells the processor that this thread is waiting in a loop.
static inline void convoy_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Prefetches a cache line that this thread will read soon, but not at once.
static inline void convoy_prefetch_for_reading(const void *line) {
  __builtin_prefetch(line, 0, 2);
}

/// Prefetches a cache line that this thread will write, as its own: other cores may hold it.
static inline void convoy_prefetch_for_writing(const void *line) {
#if defined(__x86_64__)
  // The builtin emits this instruction only for targets known to have it; other processors treat it
  // as a no-op.
  __asm__ volatile("prefetchw %0" : : "m"(*(const char *)line));
#else
  __builtin_prefetch(line, 1);
#endif
}

#endif
