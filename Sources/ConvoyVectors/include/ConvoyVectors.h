#ifndef CONVOY_VECTORS_H
#define CONVOY_VECTORS_H

// SIMD8<Float> and SIMD16<Float> in Swift. Their own `addingProduct` is a loop over lanes, which the
// compiler must vectorise again; in long functions it finds only halves and quarters of vectors.
//
// For targets with fused multiply-add: elsewhere, these would call a function per lane.

typedef float convoy_float2 __attribute__((__ext_vector_type__(2)));
typedef float convoy_float8 __attribute__((__ext_vector_type__(8)));
typedef float convoy_float16 __attribute__((__ext_vector_type__(16)));

/// sum + a · b, rounded once.
static inline __attribute__((__always_inline__)) convoy_float8 convoy_fused_multiply_add8(
    convoy_float8 sum, convoy_float8 a, convoy_float8 b) {
  return __builtin_elementwise_fma(a, b, sum);
}

/// sum + a · b, rounded once.
static inline __attribute__((__always_inline__)) convoy_float16 convoy_fused_multiply_add16(
    convoy_float16 sum, convoy_float16 a, convoy_float16 b) {
  return __builtin_elementwise_fma(a, b, sum);
}

/// By lane, `then` where a > b, and otherwise `other`.
static inline __attribute__((__always_inline__)) convoy_float8 convoy_where_larger8(
    convoy_float8 a, convoy_float8 b, convoy_float8 then, convoy_float8 other) {
  return a > b ? then : other;
}

/// By lane, `then` where a > b, and otherwise `other`.
static inline __attribute__((__always_inline__)) convoy_float16 convoy_where_larger16(
    convoy_float16 a, convoy_float16 b, convoy_float16 then, convoy_float16 other) {
  return a > b ? then : other;
}

/// a0 a1 a0 a1 …
static inline __attribute__((__always_inline__)) convoy_float16 convoy_repeating(convoy_float2 a) {
  return __builtin_shufflevector(a, a, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1);
}

/// a0 b0 a1 b1 …
static inline __attribute__((__always_inline__)) convoy_float16 convoy_interleaving(
    convoy_float8 a, convoy_float8 b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
}

/// a0 a2 a4 …
static inline __attribute__((__always_inline__)) convoy_float8 convoy_even_lanes(convoy_float16 a) {
  return __builtin_shufflevector(a, a, 0, 2, 4, 6, 8, 10, 12, 14);
}

/// a1 a3 a5 …
static inline __attribute__((__always_inline__)) convoy_float8 convoy_odd_lanes(convoy_float16 a) {
  return __builtin_shufflevector(a, a, 1, 3, 5, 7, 9, 11, 13, 15);
}

#endif
