// memory_plan.h: where the tensors of a planned entry live. The plan is written by
// passes/plan_memory.c, which also documents its attributes.
#ifndef MTH_PASSES_MEMORY_PLAN_H
#define MTH_PASSES_MEMORY_PLAN_H
#include "mlir-c/IR.h"
#include "passes/entry_interface.h"

enum { MTH_PLAN_ALIGNMENT_BYTES = 64 };

typedef enum mth_place_kind {
  MTH_PLACE_WORKSPACE, // offset
  MTH_PLACE_PORT,      // port
  MTH_PLACE_CONSTANT,  // constant: the op
} mth_place_kind;

typedef struct mth_place {
  mth_place_kind kind;
  const mth_dim *offset; // bytes
  int32_t port;
  MlirOperation constant;
} mth_place;

// The value whose bytes `value` has: ops of an entry that are neither launch nor constant are views
// of their first operand.
MlirValue mth_plan_root(MlirValue value);

// Numbers of values, to be found again. All zero: none. Lives in an arena.
typedef struct mth_value_numbers {
  const void **keys; // open addressing
  size_t *numbers;
  size_t slot_count;
} mth_value_numbers;

// Room for `count` values.
MTH_MUST_USE mth_status mth_value_numbers_make(mth_arena *arena, size_t count,
                                               mth_value_numbers *out_numbers);
void mth_value_numbers_set(mth_value_numbers *numbers, MlirValue value, size_t number);
// SIZE_MAX: it has none.
size_t mth_value_numbers_get(const mth_value_numbers *numbers, MlirValue value);

// The bytes of a tensor of this type; those of its place, rounded up to the alignment; a number of
// bytes rounded up so. NULL without memory or if the number does not fit. Of a type whose extents
// nothing shows to be none below 0 (T - 2) the place has at least 0 bytes, so offsets can be proven.
const mth_dim *mth_type_bytes(mth_dim_table *dims, const mth_type *type);
const mth_dim *mth_plan_bytes(mth_dim_table *dims, const mth_type *type);
const mth_dim *mth_plan_align(mth_dim_table *dims, const mth_dim *bytes);
// Whether an expression is shown to be none below 0 by its symbols, which are extents.
bool mth_plan_is_nonnegative(const mth_dim *dim);

// An expression as an attribute: a number, or its text. Null without memory.
MlirAttribute mth_dim_to_attribute(MlirContext context, mth_dim_table *dims, const mth_dim *dim);
// The inverse. Fails with MTH_INVALID at `loc` for any other attribute, a null one too.
MTH_MUST_USE mth_status mth_dim_from_attribute(mth_dim_table *dims, mth_arena *arena,
                                               MlirLocation loc, MlirAttribute attribute,
                                               const mth_dim **out_dim);

// Where `value` of the entry lives. Fails with MTH_INVALID at the op that lacks a place.
MTH_MUST_USE mth_status mth_place_of(const mth_entry_interface *interface, mth_dim_table *dims,
                                     mth_arena *arena, MlirValue value, mth_place *out_place);

// Where operand `index` of the entry's return is kept from the other copies that end the entry:
// *out_offset is NULL if it needs no such stage.
MTH_MUST_USE mth_status mth_stage_of(MlirOperation return_op, intptr_t index, mth_dim_table *dims,
                                     mth_arena *arena, const mth_dim **out_offset);
#endif
