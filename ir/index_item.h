// index_item.h: x[1, :, ::2, None, ..., t] as an expression. Public.
//
//   mth_index(x, 3, (mth_index_item[]){MTH_AT(-1), MTH_ALL, MTH_SLICE(.stop = MTH_BOUND(4))})
//
// Integers and bounds may be symbolic dims, or connections that are compile-time integers; they and
// index tensors mean what they mean in NumPy.
// What lies outside of a known extent is refused; outside of one that is not known it is clamped.
#ifndef MTH_IR_INDEX_ITEM_H
#define MTH_IR_INDEX_ITEM_H
#include "ir/expression.h"

typedef enum mth_index_kind {
  MTH_INDEX_INTEGER,  // start; the axis goes
  MTH_INDEX_SLICE,    // start, stop, step
  MTH_INDEX_NEW_AXIS, // None: an axis of 1
  MTH_INDEX_ELLIPSIS, // all axes that no item mentions; at the end it may be left out
  MTH_INDEX_TENSOR,   // tensor, of integers
} mth_index_kind;

typedef struct mth_bound { // of a slice
  bool is_given, is_value;
  int64_t number;
  const mth_dim *dim;    // instead of the number, if not NULL
  mth_connection *value; // with is_value: an integer that may become known later
} mth_bound;

typedef struct mth_index_item {
  mth_index_kind kind;
  mth_bound start, stop;
  int64_t step; // 0: 1
  mth_connection *tensor;
} mth_index_item;

#define MTH_BOUND(n) ((mth_bound){.is_given = true, .number = (n)})
#define MTH_BOUND_DIM(d) ((mth_bound){.is_given = true, .dim = (d)})
#define MTH_BOUND_VALUE(c) ((mth_bound){.is_given = true, .is_value = true, .value = (c)})
#define MTH_AT(n) ((mth_index_item){.kind = MTH_INDEX_INTEGER, .start = MTH_BOUND(n)})
#define MTH_AT_DIM(d) ((mth_index_item){.kind = MTH_INDEX_INTEGER, .start = MTH_BOUND_DIM(d)})
#define MTH_AT_VALUE(c) ((mth_index_item){.kind = MTH_INDEX_INTEGER, .start = MTH_BOUND_VALUE(c)})
#define MTH_AT_TENSOR(c) ((mth_index_item){.kind = MTH_INDEX_TENSOR, .tensor = (c)})
#define MTH_SLICE(...) ((mth_index_item){.kind = MTH_INDEX_SLICE, __VA_ARGS__})
#define MTH_ALL ((mth_index_item){.kind = MTH_INDEX_SLICE})
#define MTH_NEW_AXIS ((mth_index_item){.kind = MTH_INDEX_NEW_AXIS})
#define MTH_ELLIPSIS ((mth_index_item){.kind = MTH_INDEX_ELLIPSIS})

// x[items], an Indexer.
// Fails  as mth_express; an integer or a bound outside; more items than axes; a slice with step
// -2^63; a value that is no integer, or a tensor. A value that nothing was known of is an integer
// from then on.
mth_connection *mth_index(mth_connection *x, size_t count, const mth_index_item *items);
// The same as a model with the keys input, input1, ... (one for each index tensor; what is in the
// item does not matter) and output.
MTH_MUST_USE mth_status mth_model_create_index(mth_context *context, size_t count,
                                               const mth_index_item *items, mth_model **out_model);
#endif
