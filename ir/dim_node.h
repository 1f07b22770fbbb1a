// dim_node.h: the inside of dim expressions, for dim*.c alone.
#ifndef MTH_IR_DIM_NODE_H
#define MTH_IR_DIM_NODE_H
#include "ir/dim.h"

struct mth_dim {
  mth_dim_kind kind;
  uint32_t number; // MTH_DIM_SYMBOL: among those of the table
  uint64_t hash;
  int64_t value;     // MTH_DIM_CONSTANT
  const char *name;  // MTH_DIM_SYMBOL
  size_t node_count; // of its text: what stands twice counts twice
  size_t operand_count;
  const mth_dim **operands; // ADD: terms, a number last; MULTIPLY: a number first, then atoms
  const char *text;         // made when first asked for
};

// The hash stands beside the dim, so that a probe rarely leaves the table.
typedef struct mth_dim_slot {
  uint64_t hash;
  const mth_dim *dim; // NULL: free
} mth_dim_slot;

struct mth_dim_table {
  const mth_allocator *allocator;
  mth_arena arena;
  mth_dim_slot *slots; // open addressing
  size_t slot_count, count;
  uint32_t symbol_count;
  uint64_t fresh_count;
  size_t failure_count;    // of allocations
  mth_dim_failure failure; // of the last maker that failed by itself
};

// a / b rounded down. b is neither 0, nor -1 with the least a.
int64_t mth_floordiv_int(int64_t a, int64_t b);
// a - b * (a / b rounded down), where that product may not fit.
int64_t mth_mod_int(int64_t a, int64_t b);
#endif
