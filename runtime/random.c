// random.c: Philox4x32-10 and what is made of its words.
#include "runtime/random.h"

#include <math.h>

enum { philox_rounds = 10 };

void mth_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < philox_rounds; ++round) {
    const uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

static void philox_block(uint64_t seed, uint64_t stream, uint64_t block, uint32_t out[4]) {
  const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)stream,
                               (uint32_t)(stream >> 32)};
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  mth_philox(counter, key, out);
}

uint32_t mth_random_word(uint64_t seed, uint64_t stream, uint64_t word_index) {
  uint32_t lanes[4];
  philox_block(seed, stream, word_index / 4, lanes);
  return lanes[word_index % 4];
}

static double uniform_32(uint32_t word) { return (double)(word >> 8) * 0x1p-24; }

static double uniform_64(const uint32_t words[2]) {
  return (double)((words[0] | (uint64_t)words[1] << 32) >> 11) * 0x1p-53;
}

// Calls of next_words in order share their blocks. `width` divides 4, so no element crosses one.
typedef struct reader {
  uint64_t seed, stream, word_index;
  uint32_t lanes[4];
} reader;

static reader reader_at(uint64_t seed, uint64_t stream, uint64_t word_index) {
  reader reader = {.seed = seed, .stream = stream, .word_index = word_index};
  philox_block(seed, stream, word_index / 4, reader.lanes);
  return reader;
}

static const uint32_t *next_words(reader *reader, unsigned width) {
  const uint64_t lane = reader->word_index % 4;
  if (lane == 0) philox_block(reader->seed, reader->stream, reader->word_index / 4, reader->lanes);
  reader->word_index += width;
  return &reader->lanes[lane];
}

void mth_random_uniform(mth_dtype dtype, uint64_t seed, uint64_t stream, uint64_t first,
                        size_t count, double *out) {
  const unsigned width = dtype == MTH_F64 ? 2 : 1;
  reader words = reader_at(seed, stream, first * width);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t *w = next_words(&words, width);
    out[i] = dtype == MTH_F64 ? uniform_64(w) : uniform_32(w[0]);
  }
}

void mth_random_normal(mth_dtype dtype, uint64_t seed, uint64_t stream, uint64_t first,
                       size_t count, double *out) {
  const double two_pi = 6.283185307179586476925286766559;
  const unsigned width = dtype == MTH_F64 ? 4 : 2;
  reader words = reader_at(seed, stream, first * width);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t *w = next_words(&words, width);
    const double u = dtype == MTH_F64 ? uniform_64(w) : uniform_32(w[0]);
    const double v = dtype == MTH_F64 ? uniform_64(w + 2) : uniform_32(w[1]);
    out[i] = sqrt(-2.0 * log(1.0 - u)) * cos(two_pi * v);
  }
}

uint64_t mth_random_stream(const char *name) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (const char *at = name; *at; ++at)
    hash = (hash ^ (unsigned char)*at) * 0x100000001B3u;
  return hash;
}
