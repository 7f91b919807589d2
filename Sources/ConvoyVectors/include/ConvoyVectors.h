#ifndef CONVOY_VECTORS_H
#define CONVOY_VECTORS_H

// Operations on SIMD8<Float> and SIMD16<Float>. Swift's own operators are generic loops over lanes: slow
// to compile, and in long functions the compiler makes vectors of them that are narrower than the
// processor's.

// Only CONVOY_ADD_PRODUCT rounds a product and a sum once. By default, Clang may do so in any expression.
#pragma STDC FP_CONTRACT OFF

typedef float convoy_float2 __attribute__((__ext_vector_type__(2)));
typedef float convoy_float8 __attribute__((__ext_vector_type__(8)));
typedef float convoy_float16 __attribute__((__ext_vector_type__(16)));

// sum + a · b: rounded once with fused multiply-add; otherwise twice, since it would call a library
// function per lane.
#if defined(__FMA__) || defined(__aarch64__)
#define CONVOY_ADD_PRODUCT(sum, a, b) __builtin_elementwise_fma(a, b, sum)
#else
#define CONVOY_ADD_PRODUCT(sum, a, b) ((sum) + (a) * (b))
#endif

#define CONVOY_INLINE static inline __attribute__((__always_inline__))

// For vectors of 8 and of 16 lanes, by lane:
//
// convoy_add, convoy_subtract, convoy_multiply, convoy_divide
// convoy_add_product: sum + a · b.
// convoy_where_larger: `then` where a > b, and otherwise `other`.
// convoy_where_at_most_zero: `then` where a ≤ 0, and otherwise `other`: for NaN too.
#define CONVOY_ARITHMETIC(lanes, floats)                                                              \
  CONVOY_INLINE floats convoy_add##lanes(floats a, floats b) { return a + b; }                        \
  CONVOY_INLINE floats convoy_subtract##lanes(floats a, floats b) { return a - b; }                   \
  CONVOY_INLINE floats convoy_multiply##lanes(floats a, floats b) { return a * b; }                   \
  CONVOY_INLINE floats convoy_divide##lanes(floats a, floats b) { return a / b; }                     \
  CONVOY_INLINE floats convoy_add_product##lanes(floats sum, floats a, floats b) {                    \
    return CONVOY_ADD_PRODUCT(sum, a, b);                                                             \
  }                                                                                                   \
  CONVOY_INLINE floats convoy_where_larger##lanes(floats a, floats b, floats then, floats other) {    \
    return a > b ? then : other;                                                                      \
  }                                                                                                   \
  CONVOY_INLINE floats convoy_where_at_most_zero##lanes(floats a, floats then, floats other) {        \
    return a <= 0 ? then : other;                                                                     \
  }

CONVOY_ARITHMETIC(8, convoy_float8)
CONVOY_ARITHMETIC(16, convoy_float16)

/// As a vector's lane.
CONVOY_INLINE float convoy_add_product1(float sum, float a, float b) {
  return CONVOY_ADD_PRODUCT(sum, a, b);
}

/// a0 a1 a0 a1 …
CONVOY_INLINE convoy_float16 convoy_repeating(convoy_float2 a) {
  return __builtin_shufflevector(a, a, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1);
}

/// a0 b0 a1 b1 …
CONVOY_INLINE convoy_float16 convoy_interleaving(convoy_float8 a, convoy_float8 b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
}

/// a0 a2 a4 …
CONVOY_INLINE convoy_float8 convoy_even_lanes(convoy_float16 a) {
  return __builtin_shufflevector(a, a, 0, 2, 4, 6, 8, 10, 12, 14);
}

/// a1 a3 a5 …
CONVOY_INLINE convoy_float8 convoy_odd_lanes(convoy_float16 a) {
  return __builtin_shufflevector(a, a, 1, 3, 5, 7, 9, 11, 13, 15);
}

// Pairs of bfloat16, the upper halves of floats: the first of a pair in the lower half of 32 bits, the
// second in the upper half. A vector of pairs is passed as one of floats.

#if defined(__AVX512BF16__)
typedef __bf16 convoy_bfloat16x16 __attribute__((__vector_size__(32)));
typedef __bf16 convoy_bfloat16x32 __attribute__((__vector_size__(64)));

/// sum + second · second + first · first, rounded after each product, with denormals as zero: VDPBF16PS.
CONVOY_INLINE convoy_float8 convoy_add_bfloat16_8(convoy_float8 sum, convoy_float8 a, convoy_float8 b) {
  typedef float vector __attribute__((__vector_size__(32)));
  return (convoy_float8)__builtin_ia32_dpbf16ps_256(
      (vector)sum, (convoy_bfloat16x16)a, (convoy_bfloat16x16)b);
}

/// The same.
CONVOY_INLINE convoy_float16 convoy_add_bfloat16_16(
    convoy_float16 sum, convoy_float16 a, convoy_float16 b) {
  typedef float vector __attribute__((__vector_size__(64)));
  return (convoy_float16)__builtin_ia32_dpbf16ps_512(
      (vector)sum, (convoy_bfloat16x32)a, (convoy_bfloat16x32)b);
}
#endif

// The bits of lanes, whose upper half is rounded to nearest, ties away from zero. (The processor's own
// conversion rounds ties to even, in one instruction that others lack.) What is not finite stays so.
#define CONVOY_ROUNDED(bits, a) ((bits)(a) + ((bits)((a) == (a)) & 0x8000u))

// For vectors of 8 and of 16 lanes:
//
// convoy_add_bfloat16_emulated: the bits of VDPBF16PS, with denormals flushed (`flushingDenormals`).
// Without fused multiply-add too: the product of two bfloat16 is exact in single precision, unless it
// is out of range.
// convoy_store_bfloat16: stores lanes side by side.
// convoy_store_bfloat16_pairs: stores lanes as the first of pairs, with zeros as the second; or as the
// second, beside the first that are there.
#define CONVOY_BFLOAT16(lanes, floats)                                                                \
  typedef unsigned convoy_bits##lanes __attribute__((__ext_vector_type__(lanes)));                    \
  typedef unsigned short convoy_halves##lanes __attribute__((__ext_vector_type__(lanes)));            \
                                                                                                      \
  CONVOY_INLINE floats convoy_add_bfloat16_emulated_##lanes(floats sum, floats a, floats b) {         \
    convoy_bits##lanes x = (convoy_bits##lanes)a, y = (convoy_bits##lanes)b;                          \
    sum = CONVOY_ADD_PRODUCT(sum, (floats)(x & 0xffff0000u), (floats)(y & 0xffff0000u));              \
    return CONVOY_ADD_PRODUCT(sum, (floats)(x << 16), (floats)(y << 16));                             \
  }                                                                                                   \
                                                                                                      \
  CONVOY_INLINE void convoy_store_bfloat16_##lanes(float *target, floats a) {                         \
    convoy_halves##lanes halves =                                                                     \
        __builtin_convertvector(CONVOY_ROUNDED(convoy_bits##lanes, a) >> 16, convoy_halves##lanes);   \
    __builtin_memcpy(target, &halves, sizeof halves);                                                 \
  }                                                                                                   \
                                                                                                      \
  CONVOY_INLINE void convoy_store_bfloat16_pairs_##lanes(float *target, floats a, _Bool second) {     \
    convoy_bits##lanes pairs;                                                                         \
    __builtin_memcpy(&pairs, target, sizeof pairs);                                                   \
    pairs = ((CONVOY_ROUNDED(convoy_bits##lanes, a) & 0xffff0000u) >> (second ? 0u : 16u))            \
        | (pairs & (second ? 0xffffu : 0u));                                                          \
    __builtin_memcpy(target, &pairs, sizeof pairs);                                                   \
  }

CONVOY_BFLOAT16(8, convoy_float8)
CONVOY_BFLOAT16(16, convoy_float16)

#endif
