// json_mutate.h: mutations of documents that stay JSON.
#ifndef MTH_TEST_FUZZ_JSON_MUTATE_H
#define MTH_TEST_FUZZ_JSON_MUTATE_H
#include <stddef.h>
#include <stdint.h>

// Changes one value of the document in `data`, which has room for `capacity` bytes: puts a known
// value or another of its values in its place, gives it a new member or another key, or removes it.
// The same seed makes the same change. Returns how many bytes there are now; 0: it is no JSON, or
// there is no room.
size_t mth_json_mutate(uint8_t *data, size_t byte_count, size_t capacity, unsigned seed);
#endif
