// words.h: mutations of text in the textual dialect that keep its words whole.
#ifndef MTH_TEST_FUZZ_WORDS_H
#define MTH_TEST_FUZZ_WORDS_H
#include <stddef.h>
#include <stdint.h>

// Changes a word or a line of `data`, which has room for `capacity` bytes: puts a known word, a
// number or a word of its own in a word's place, repeats a line, or removes one. The same seed
// makes the same change. Returns how many bytes there are now.
size_t mth_words_mutate(uint8_t *data, size_t byte_count, size_t capacity, unsigned seed);
#endif
