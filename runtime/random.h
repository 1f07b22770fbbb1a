// random.h: random numbers as a function of where they go, not of when they are drawn.
//
// A stream is a sequence of 32-bit words, chosen by two 64-bit numbers, `seed` and `stream`:
//
//   word(j) = lane j mod 4 of philox(counter, key)
//   counter = { lo(j / 4), hi(j / 4), lo(stream), hi(stream) }      lo, hi: 32-bit halves
//   key     = { lo(seed), hi(seed) }
//
// philox is Philox4x32-10. One round maps counter c and key k to
//
//   c' = { hi(M1*c2) ^ c1 ^ k0,  lo(M1*c2),  hi(M0*c0) ^ c3 ^ k1,  lo(M0*c0) }
//   M0 = 0xD2511F53, M1 = 0xCD9E8D57, products of 64 bits
//
// ten rounds are made, and between rounds k0 += 0x9E3779B9, k1 += 0xBB67AE85.
//
// Element i of a tensor (its row-major index) takes w words, word(i*w) to word(i*w + w - 1):
//
//   what             w   value
//   uniform, 32 bit  1   U32(w0) = (w0 >> 8) * 2^-24                      in [0, 1), exact in f32
//   uniform, f64     2   U64(w0,w1) = ((w0 | w1 << 32) >> 11) * 2^-53     in [0, 1), exact
//   normal, 32 bit   2   sqrt(-2 log(1 - U32(w0))) * cos(2 pi U32(w1))
//   normal, f64      4   sqrt(-2 log(1 - U64(w0,w1))) * cos(2 pi U64(w2,w3))
//
// f16 and bf16 are the 32-bit values, rounded. Compiled code follows the same definition: words and
// uniforms are equal bit for bit; a normal differs by its log and cos only.
//
// Source   Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"; Box and
//          Muller 1958, its cosine branch alone, so that an element needs no neighbour.
#ifndef MTH_RUNTIME_RANDOM_H
#define MTH_RUNTIME_RANDOM_H
#include "runtime/dtype.h"

#include <stddef.h>
#include <stdint.h>

// One block of Philox4x32-10.
void mth_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

uint32_t mth_random_word(uint64_t seed, uint64_t stream, uint64_t word_index);

// Elements `first` to `first + count - 1` of a tensor of that element type (MTH_F64, or a narrower
// one: the 32-bit rows), as f64 and not yet rounded to it.
//
// Numbers  uniforms are exact. Normals are the formula in f64 with libm's log and cos.
void mth_random_uniform(mth_dtype dtype, uint64_t seed, uint64_t stream, uint64_t first,
                        size_t count, double *out);
void mth_random_normal(mth_dtype dtype, uint64_t seed, uint64_t stream, uint64_t first,
                       size_t count, double *out);

// The stream of a name: FNV-1a of its bytes, 64 bits. A parameter's numbers depend on its name,
// so adding or moving other parameters does not change them.
uint64_t mth_random_stream(const char *name);
#endif
