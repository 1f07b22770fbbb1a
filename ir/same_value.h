// same_value.h: are two values the same, is one known? For tables of what was seen before. Private
// to ir/.
#ifndef MTH_IR_SAME_VALUE_H
#define MTH_IR_SAME_VALUE_H
#include "ir/connection.h"

#include <stdint.h>

// Equal kind and contents; keys are ignored. Dims are equal if they are one expression, floats if
// their bits are, models if they are one object.
bool mth_args_are_same(const mth_arg *a, const mth_arg *b);
// Equal type, extents and bits.
bool mth_constants_are_same(const mth_constant *a, const mth_constant *b);

// Is every integer of it a number? A symbol is not.
bool mth_arg_is_known(const mth_arg *arg);

// Numbers that are equal if the values are the same. `hash` goes into the result.
uint64_t mth_hash_arg(uint64_t hash, const mth_arg *arg);
uint64_t mth_hash_constant(uint64_t hash, const mth_constant *constant);
uint64_t mth_hash_number(uint64_t hash, uint64_t number);
#endif
