// corpus.h: a text as character ids, its entropies, and batches of it.
#ifndef CHAR_LM_CORPUS_H
#define CHAR_LM_CORPUS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct corpus {
  int64_t *ids; // one per character, 0..vocabulary-1 in order of byte value
  size_t length;
  int64_t vocabulary;
  unsigned char characters[256]; // of each id
} corpus;

// Reads a file of at least two characters. On failure prints why to stderr and returns false.
bool corpus_read(const char *path, corpus *out);
void corpus_free(corpus *text);

// Entropy of a character, and of a character given the one before it, in nats, by counting.
// NaN without memory.
double corpus_unigram_entropy(const corpus *text);
double corpus_bigram_entropy(const corpus *text);

// Fills `inputs` and `targets` [batch, length] with stretches that begin where (seed, step) says;
// targets are the inputs one character later. text->length must exceed `length`.
void corpus_batch(const corpus *text, uint64_t seed, uint64_t step, size_t batch, size_t length,
                  int64_t *inputs, int64_t *targets);
#endif
