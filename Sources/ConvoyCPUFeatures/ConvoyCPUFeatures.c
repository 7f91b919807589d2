#include "ConvoyCPUFeatures.h"

#if defined(__x86_64__)

#include <cpuid.h>

// Intel SDM volume 1, chapters 13 and 14; AMD APM volume 3, appendix E.

// XCR0: the register state that the operating system saves for a thread.
static uint64_t enabled_state(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((uint64_t)high << 32) | low;
}

// The three CPUID words that the checks below read; false if the processor lacks a leaf or XGETBV.
static bool read_leaves(uint32_t *leaf1_ecx, uint32_t *leaf7_ebx, uint32_t *extended_ecx) {
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, leaf1_ecx, &d)) return false;
  if (!(*leaf1_ecx & bit_OSXSAVE)) return false;
  if (!__get_cpuid_count(7, 0, &a, leaf7_ebx, &c, &d)) return false;
  return __get_cpuid(0x80000001, &a, &b, extended_ecx, &d);
}

static bool all(uint64_t value, uint64_t bits) { return (value & bits) == bits; }

bool convoy_has_avx2(void) {
  uint32_t leaf1, leaf7, extended;
  if (!read_leaves(&leaf1, &leaf7, &extended)) return false;
  return all(enabled_state(), 0x6)
    && all(leaf1, bit_AVX | bit_FMA | bit_F16C | bit_MOVBE)
    && all(leaf7, bit_AVX2 | bit_BMI | bit_BMI2)
    && all(extended, bit_LZCNT);
}

bool convoy_has_avx512(void) {
  uint32_t leaf1, leaf7, extended;
  if (!convoy_has_avx2() || !read_leaves(&leaf1, &leaf7, &extended)) return false;
  return all(enabled_state(), 0xe6)
    && all(leaf7, bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL);
}

bool convoy_has_avx512_bf16(void) {
  uint32_t a, b, c, d;
  return convoy_has_avx512() && __get_cpuid_count(7, 1, &a, &b, &c, &d) && all(a, bit_AVX512BF16);
}

bool convoy_is_made_by_amd(void) {
  __builtin_cpu_init();
  return __builtin_cpu_is("amd");
}

// MXCSR: bit 15 flushes denormal results to zero, bit 6 reads denormal operands as zero.
uint64_t convoy_flush_denormals(void) {
  uint32_t control_word = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(control_word | 0x8040);
  return control_word;
}

void convoy_restore_denormals(uint64_t control_word) {
  __builtin_ia32_ldmxcsr((uint32_t)control_word);
}

#else

bool convoy_has_avx2(void) { return false; }
bool convoy_has_avx512(void) { return false; }
bool convoy_has_avx512_bf16(void) { return false; }
bool convoy_is_made_by_amd(void) { return false; }

#if defined(__aarch64__)

// FPCR: bit 24 flushes denormal operands and results to zero.
uint64_t convoy_flush_denormals(void) {
  uint64_t control_word;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control_word));
  __asm__ volatile("msr fpcr, %0" : : "r"(control_word | (1u << 24)));
  return control_word;
}

void convoy_restore_denormals(uint64_t control_word) {
  __asm__ volatile("msr fpcr, %0" : : "r"(control_word));
}

#else

uint64_t convoy_flush_denormals(void) { return 0; }
void convoy_restore_denormals(uint64_t control_word) { (void)control_word; }

#endif
#endif
