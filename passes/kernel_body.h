// kernel_body.h: the ops of a kernel, or of an entry, as numbered nodes, with views seen through.
#ifndef MTH_PASSES_KERNEL_BODY_H
#define MTH_PASSES_KERNEL_BODY_H
#include "dialect/lowering.h"
#include "dialect/site.h"
#include "runtime/arena.h"

// A value: an argument, a constant, the result of a core op, or one of an opaque op's results.
typedef struct mth_kernel_node {
  MlirValue value;
  MlirOperation op; // null for an argument
  mth_type type;
  mth_core_op core;       // of a core op: core.lowering is not NULL
  const size_t *operands; // nodes; core.site->operand_count of them
  bool is_constant;
} mth_kernel_node;

typedef struct mth_kernel_body {
  MlirOperation function;
  mth_dim_table *dims;
  mth_arena *arena;
  mth_kernel_node *nodes; // arguments, then ops in their order
  size_t node_count, argument_count;
  const size_t *returned; // nodes
  size_t returned_count;
  struct mth_node_slot *slots; // values to nodes
  size_t slot_count;
} mth_kernel_body;

// Reads a function of our dialect. An opaque op is one without a lowering: a node per result.
//
// Owns   everything belongs to `arena`, dims to `dims`.
MTH_MUST_USE mth_status mth_kernel_body_read(MlirOperation function, mth_dim_table *dims,
                                             mth_arena *arena, mth_kernel_body *out_body);
// The node of a value of the body.
size_t mth_kernel_body_node(const mth_kernel_body *body, MlirValue value);

static inline bool mth_node_is_opaque(const mth_kernel_node *node) {
  return !mlirOperationIsNull(node->op) && !node->core.lowering && !node->is_constant;
}

// The same elements at other indices: seen through, never computed.
static inline bool mth_node_is_view(const mth_kernel_node *node) {
  return node->core.lowering && !node->core.lowering->masked &&
         (node->core.lowering->kind == MTH_LOWERING_VIEW ||
          node->core.lowering->kind == MTH_LOWERING_RESHAPE);
}
// One element from elements: maps, and views with zeros outside.
static inline bool mth_node_is_map(const mth_kernel_node *node) {
  return node->core.lowering &&
         (node->core.lowering->kind == MTH_LOWERING_MAP ||
          (node->core.lowering->kind == MTH_LOWERING_VIEW && node->core.lowering->masked));
}
// Gathers many elements into one, so that it needs loops of its own.
static inline bool mth_node_is_fold(const mth_kernel_node *node) {
  return node->core.lowering && !mth_node_is_view(node) && !mth_node_is_map(node);
}

// Loops of a node's own code: the axes of its result, then what it folds. For every operand, where
// it is read when loop i is numbered i.
enum { mth_loops_max = 2 * mth_axes_max };
typedef struct mth_loops {
  size_t count, parallel; // the first `parallel` are those of the kept axes
  const mth_dim *extent[mth_loops_max];
} mth_loops;
void mth_node_loops(const mth_kernel_body *body, size_t node, mth_loops *out_loops);
// The index at which `node`, running in its own loops, reads operand `operand`. False: not an
// index map (random access, packed operands, an untranslatable reshape).
bool mth_node_operand_index(const mth_kernel_body *body, size_t node, size_t operand,
                            mth_index *out);

// One read of `base` by `reader`, through views.
typedef struct mth_node_use {
  size_t base, reader;
  bool known;    // an index map leads to the base; else the reader needs it as a tensor
  bool aligned;  // at the reader's own point, in loops of the same extents
  bool repeated; // the reader runs over loops that the index lacks
} mth_node_use;
mth_node_use mth_node_find_use(const mth_kernel_body *body, size_t reader, size_t operand,
                               mth_index *out_index);

// Whether a view is seen through. A reshape that only moves axes of extent 1 is; any other one is
// if its operand would have to be copied for it to be an alias, and it is an index map.
bool mth_kernel_shows(const mth_kernel_body *body, size_t view);
// Follows views from `node` at `index` down to what they show; both are replaced. False: a reshape
// that is not seen through; `node` is that reshape then.
bool mth_kernel_see_through(const mth_kernel_body *body, size_t *node, mth_index *index);
// Whether `index` is loop i, from 0 in steps of 1, on each axis i < count.
bool mth_index_is_identity(const mth_index *index, size_t count);
bool mth_dim_is_one(const mth_dim *dim);
// Whether `node` needs operand `i` as a tensor as it is. A fold does if the axis that it folds lies
// along several loops of what the operand shows, or along none: no map would tell how long the loop
// is.
bool mth_node_takes_tensor(const mth_kernel_body *body, size_t node, size_t i);
#endif
