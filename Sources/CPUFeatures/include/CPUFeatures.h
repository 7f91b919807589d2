#ifndef CONVOY_CPU_FEATURES_H
#define CONVOY_CPU_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

/// Whether the processor and the operating system offer all of x86-64-v3 (AVX2, FMA, BMI).
bool convoy_has_avx2(void);

/// Whether the processor and the operating system offer all of x86-64-v4 (AVX-512 F, BW, CD, DQ, VL).
bool convoy_has_avx512(void);

/// The cores that this process may use; at least 1.
int convoy_available_cores(void);

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

#endif
