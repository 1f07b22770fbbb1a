// json_value.h: numbers, tensors, arguments and dims in documents, both ways. Private to frontend/
// and to test programs that read documents of models.
#ifndef MTH_FRONTEND_JSON_VALUE_H
#define MTH_FRONTEND_JSON_VALUE_H
#include "frontend/json_reading.h"
#include "ir/connection.h"

// A number or nested lists of numbers as a constant, in the arena. Its type is the widest of its
// elements: bool < int < float; "inf", "-inf" and "nan" are floats. Alone, "Constant.EPSILON"
// is the number of a program's precision.
//
// Fails  MTH_INVALID: rows of different lengths, more than mth_rank_max levels, no number.
MTH_MUST_USE mth_status mth_json_read_tensor(mth_json_reading *reading, const json_t *value,
                                             const mth_json_place *place, mth_constant *out);
// What an object {"tensor": ...} holds. `shape` and `dtype` beside it say what an empty list can
// not.
MTH_MUST_USE mth_status mth_json_read_constant(mth_json_reading *reading, const json_t *object,
                                               const mth_json_place *place, mth_constant *out);

// An argument of one of the kinds in `takes` (bits of ir/class.h), as far as the document leaves a
// choice: a list may be integers, dims or a tuple, a string may name a model's class. Models are
// kept by the reading; the key is NULL. Of a kind that is not taken if the document says so.
//
//   null  3  true  0.5  "text"  [1, 2]          None, numbers, text, integers or a tuple
//   "Dtype.float32"  "(Ellipsis,)"              an element type, all other axes
//   "Constant.EPSILON"                          a number of the precision
//   {"dim": "2*B + 1"}  {"slice": [0, null, 2]}  {"float": "inf"}  {"string": "Dtype.x"}
//   {"open": true}                              no default: the argument is an input
MTH_MUST_USE mth_status mth_json_read_arg(mth_json_reading *reading, const json_t *value,
                                          const mth_json_place *place, uint32_t takes,
                                          mth_arg *out);
// A named number by what follows "Constant.".
MTH_MUST_USE mth_status mth_json_read_named(mth_json_reading *reading, const char *name,
                                            const mth_json_place *place, mth_named_number *out);
// A float, or "inf", "-inf", "nan".
bool mth_json_read_float(const json_t *value, double *out);
// The dim of a text: an expression over the names that the document declares.
MTH_MUST_USE mth_status mth_json_read_dim(mth_json_reading *reading, const char *text,
                                          const mth_json_place *place, const mth_dim **out);

// New values, or NULL without memory. A dim is written as a number or by `name_dim`, which gives
// its text, or NULL without memory.
typedef const char *mth_json_name_dim_fn(void *user, const mth_dim *dim);
json_t *mth_json_write_float(double value);                    // 0.5, "inf"
json_t *mth_json_write_tensor(const mth_constant *constant);   // 3, [[1.0]]
json_t *mth_json_write_constant(const mth_constant *constant); // {"tensor": ...}
// Not of a model: that is NULL too.
json_t *mth_json_write_arg(const mth_arg *arg, mth_json_name_dim_fn *name_dim, void *user);
json_t *mth_json_write_dim(const mth_dim *dim, mth_json_name_dim_fn *name_dim, void *user);
#endif
