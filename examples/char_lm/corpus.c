// corpus.c: counting characters and cutting batches.
#include "examples/char_lm/corpus.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *read_bytes(const char *path, size_t *out_length) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    fprintf(stderr, "cannot open '%s': %s\n", path, strerror(errno));
    return NULL;
  }
  size_t length = 0, capacity = 1 << 16;
  unsigned char *bytes = malloc(capacity);
  while (bytes) {
    length += fread(bytes + length, 1, capacity - length, file);
    if (length < capacity) break;
    unsigned char *more = realloc(bytes, capacity *= 2);
    if (!more) free(bytes);
    bytes = more;
  }
  if (!bytes) fprintf(stderr, "no memory for '%s'\n", path);
  if (bytes && ferror(file)) {
    fprintf(stderr, "cannot read '%s': %s\n", path, strerror(errno));
    free(bytes);
    bytes = NULL;
  }
  fclose(file);
  *out_length = length;
  return bytes;
}

bool corpus_read(const char *path, corpus *out) {
  size_t length;
  unsigned char *bytes = read_bytes(path, &length);
  if (!bytes) return false;
  corpus text = {.length = length, .ids = malloc(sizeof *text.ids * (length + 1))};
  if (!text.ids || length < 2) {
    fprintf(stderr, text.ids ? "'%s' is too short: %zu characters\n" : "no memory for '%s' (%zu)\n",
            path, length);
    free(bytes);
    free(text.ids);
    return false;
  }
  bool seen[256] = {false};
  int64_t id_of[256];
  for (size_t i = 0; i < length; ++i)
    seen[bytes[i]] = true;
  for (int c = 0; c < 256; ++c)
    if (seen[c]) text.characters[text.vocabulary] = (unsigned char)c, id_of[c] = text.vocabulary++;
  for (size_t i = 0; i < length; ++i)
    text.ids[i] = id_of[bytes[i]];
  free(bytes);
  *out = text;
  return true;
}

void corpus_free(corpus *text) {
  free(text->ids);
  *text = (corpus){0};
}

double corpus_unigram_entropy(const corpus *text) {
  double counts[256] = {0}, entropy = 0;
  for (size_t i = 0; i < text->length; ++i)
    counts[text->ids[i]] += 1;
  for (int64_t c = 0; c < text->vocabulary; ++c)
    entropy -= counts[c] / (double)text->length * log(counts[c] / (double)text->length);
  return entropy;
}

double corpus_bigram_entropy(const corpus *text) {
  double (*pairs)[256] = calloc((size_t)text->vocabulary, sizeof *pairs);
  if (!pairs) return NAN;
  double firsts[256] = {0}, entropy = 0;
  const double total = (double)(text->length - 1);
  for (size_t i = 0; i + 1 < text->length; ++i) {
    pairs[text->ids[i]][text->ids[i + 1]] += 1;
    firsts[text->ids[i]] += 1;
  }
  for (int64_t a = 0; a < text->vocabulary; ++a)
    for (int64_t b = 0; b < text->vocabulary; ++b)
      if (pairs[a][b] > 0) entropy -= pairs[a][b] / total * log(pairs[a][b] / firsts[a]);
  free(pairs);
  return entropy;
}

// A mixed 64-bit counter. Source: Steele, Lea & Flood 2014, SplitMix.
static uint64_t mixed(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

void corpus_batch(const corpus *text, uint64_t seed, uint64_t step, size_t batch, size_t length,
                  int64_t *inputs, int64_t *targets) {
  for (size_t row = 0; row < batch; ++row) {
    const size_t start =
        (size_t)(mixed(mixed(seed) ^ (step * batch + row)) % (text->length - length));
    memcpy(inputs + row * length, text->ids + start, length * sizeof *inputs);
    memcpy(targets + row * length, text->ids + start + 1, length * sizeof *targets);
  }
}
