// kernel_body.c: reading a kernel.
#include "passes/kernel_body.h"

#include "dialect/match.h"
#include "dialect/type.h"

#include <assert.h>
#include <string.h>

typedef struct mth_node_slot {
  const void *value; // NULL: free
  size_t node;
} mth_node_slot;

static size_t slot_of(const mth_kernel_body *body, const void *value) {
  size_t slot = ((uintptr_t)value >> 4) * 0x9E3779B1u & (body->slot_count - 1);
  while (body->slots[slot].value && body->slots[slot].value != value)
    slot = (slot + 1) & (body->slot_count - 1);
  return slot;
}

size_t mth_kernel_body_node(const mth_kernel_body *body, MlirValue value) {
  const mth_node_slot *slot = &body->slots[slot_of(body, value.ptr)];
  assert(slot->value && "every operand is defined in the body");
  return slot->node;
}

// A new node for `value`, with its type.
static mth_status add_node(mth_kernel_body *body, MlirLocation loc, MlirValue value,
                           MlirOperation op, mth_kernel_node **out_node) {
  mth_kernel_node *node = &body->nodes[body->node_count];
  *node = (mth_kernel_node){.value = value, .op = op};
  MTH_TRY(mth_type_from_ir(body->dims, body->arena, loc, mlirValueGetType(value), &node->type));
  body->slots[slot_of(body, value.ptr)] = (mth_node_slot){value.ptr, body->node_count++};
  *out_node = node;
  return MTH_OK;
}

static mth_status read_core(const mth_kernel_body *body, const mth_op *op, mth_kernel_node *node) {
  mth_op_site *site = MTH_NEW(body->arena, mth_op_site);
  if (!site) return MTH_NO_MEMORY;
  MTH_TRY(mth_site_of(node->op, body->dims, body->arena, site));
  size_t *operands = MTH_NEW_ARRAY(body->arena, size_t, site->operand_count);
  mth_type *types = MTH_NEW_ARRAY(body->arena, mth_type, site->operand_count);
  if (!operands || !types) return MTH_NO_MEMORY;
  for (size_t i = 0; i < site->operand_count; ++i) {
    operands[i] = mth_kernel_body_node(body, mth_value_to_ir(site->operands[i]));
    types[i] = body->nodes[operands[i]].type;
  }
  node->operands = operands;
  node->core = (mth_core_op){site, mth_lowering_of(op), types, &node->type};
  return MTH_OK;
}

static mth_status read_op(mth_kernel_body *body, MlirOperation op) {
  const bool is_constant = mth_op_is_named(op, "mithril.constant");
  const mth_op *known = is_constant ? NULL : mth_op_of(op);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    mth_kernel_node *node;
    MTH_TRY(add_node(body, mlirOperationGetLocation(op), mlirOperationGetResult(op, i), op, &node));
    node->is_constant = is_constant;
    if (known && mth_lowering_of(known)) MTH_TRY(read_core(body, known, node));
  }
  return MTH_OK;
}

static mth_status read_return(mth_kernel_body *body, MlirOperation op) {
  body->returned_count = (size_t)mlirOperationGetNumOperands(op);
  size_t *returned = MTH_NEW_ARRAY(body->arena, size_t, body->returned_count);
  if (!returned) return MTH_NO_MEMORY;
  for (size_t i = 0; i < body->returned_count; ++i)
    returned[i] = mth_kernel_body_node(body, mlirOperationGetOperand(op, (intptr_t)i));
  body->returned = returned;
  return MTH_OK;
}

static size_t count_results(MlirBlock block) {
  size_t count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(block); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    count += (size_t)mlirOperationGetNumResults(op);
  return count;
}

mth_status mth_kernel_body_read(MlirOperation function, mth_dim_table *dims, mth_arena *arena,
                                mth_kernel_body *out_body) {
  const MlirBlock block = mth_op_body(function);
  mth_kernel_body body = {.function = function, .dims = dims, .arena = arena, .slot_count = 16};
  body.argument_count = (size_t)mlirBlockGetNumArguments(block);
  const size_t count = body.argument_count + count_results(block);
  while (body.slot_count < 2 * count)
    body.slot_count *= 2;
  body.nodes = MTH_NEW_ARRAY(arena, mth_kernel_node, count);
  body.slots = MTH_NEW_ARRAY(arena, mth_node_slot, body.slot_count);
  if (!body.nodes || !body.slots) return MTH_NO_MEMORY;
  const MlirLocation loc = mlirOperationGetLocation(function);
  for (size_t i = 0; i < body.argument_count; ++i) {
    mth_kernel_node *node;
    MTH_TRY(add_node(&body, loc, mlirBlockGetArgument(block, (intptr_t)i), (MlirOperation){NULL},
                     &node));
  }
  const MlirOperation last = mlirBlockGetTerminator(block);
  for (MlirOperation op = mlirBlockGetFirstOperation(block); !mlirOperationEqual(op, last);
       op = mlirOperationGetNextInBlock(op))
    MTH_TRY(read_op(&body, op));
  MTH_TRY(read_return(&body, last));
  *out_body = body;
  return MTH_OK;
}

bool mth_dim_is_one(const mth_dim *dim) {
  int64_t extent;
  return mth_dim_is_constant(dim, &extent) && extent == 1;
}

// A folded axis of one element needs no loop, as a tensor of the kernel may not have that axis.
static void reduce_loops(const mth_kernel_node *node, mth_loops *out) {
  const mth_type *operand = &node->core.operands[0];
  bool folded[mth_axes_max];
  node->core.lowering->axes(&node->core, folded);
  for (int pass = 0; pass < 2; ++pass) {
    for (int32_t i = 0; i < operand->rank; ++i)
      if (folded[i] == (pass == 1) && !(folded[i] && mth_dim_is_one(operand->dims[i])))
        out->extent[out->count++] = operand->dims[i];
    if (pass == 0) out->parallel = out->count;
  }
}

// Columns of the updates, then the rows that are walked.
static void scatter_loops(const mth_kernel_node *node, mth_loops *out) {
  const mth_type *indices = &node->core.operands[0], *updates = &node->core.operands[1];
  for (int32_t i = indices->rank; i < updates->rank; ++i)
    out->extent[out->count++] = updates->dims[i];
  out->parallel = out->count;
  for (int32_t i = 0; i < indices->rank; ++i)
    out->extent[out->count++] = indices->dims[i];
}

void mth_node_loops(const mth_kernel_body *body, size_t node, mth_loops *out_loops) {
  const mth_kernel_node *at = &body->nodes[node];
  *out_loops = (mth_loops){0};
  if (at->core.lowering && at->core.lowering->kind == MTH_LOWERING_REDUCE) {
    reduce_loops(at, out_loops);
    return;
  }
  if (at->core.lowering && at->core.lowering->kind == MTH_LOWERING_SCATTER) {
    scatter_loops(at, out_loops);
    return;
  }
  for (int32_t i = 0; i < at->type.rank; ++i)
    out_loops->extent[out_loops->count++] = at->type.dims[i];
  out_loops->parallel = out_loops->count;
  if (at->core.lowering && at->core.lowering->kind == MTH_LOWERING_PACKED)
    out_loops->extent[out_loops->count++] =
        at->core.operands[0].dims[at->core.operands[0].rank - 2]; // k
}

static void reduce_index(const mth_kernel_body *body, const mth_kernel_node *node, mth_index *out) {
  bool folded[mth_axes_max];
  node->core.lowering->axes(&node->core, folded);
  size_t kept = 0, gone = 0;
  const int32_t rank = node->core.operands[0].rank;
  for (int32_t i = 0; i < rank; ++i)
    gone += !folded[i];
  for (int32_t i = 0; i < rank; ++i)
    out[i] = folded[i] && mth_dim_is_one(node->core.operands[0].dims[i])
                 ? mth_index_constant(mth_dim_constant(body->dims, 0))
                 : mth_index_loop(body->dims, folded[i] ? gone++ : kept++);
}

static void scatter_index(const mth_kernel_body *body, const mth_kernel_node *node, size_t operand,
                          mth_index *out) {
  const int32_t rows = node->core.operands[0].rank, rank = node->core.operands[1].rank;
  for (int32_t i = 0; i < rows; ++i)
    out[i] = mth_index_loop(body->dims, (size_t)(rank - rows + i));
  if (operand == 1)
    for (int32_t i = rows; i < rank; ++i)
      out[i] = mth_index_loop(body->dims, (size_t)(i - rows));
}

bool mth_node_operand_index(const mth_kernel_body *body, size_t node, size_t operand,
                            mth_index *out) {
  const mth_kernel_node *at = &body->nodes[node];
  const mth_lowering *lowering = at->core.lowering;
  if (lowering->kind == MTH_LOWERING_REDUCE) {
    reduce_index(body, at, out);
    return true;
  }
  if (lowering->kind == MTH_LOWERING_SCATTER) {
    scatter_index(body, at, operand, out);
    return true;
  }
  if (lowering->kind == MTH_LOWERING_PACKED || lowering->kind == MTH_LOWERING_CONTRACT ||
      mth_lowering_reads_itself(lowering, operand))
    return false;
  mth_index result[mth_axes_max];
  for (int32_t i = 0; i < at->type.rank; ++i)
    result[i] = mth_index_loop(body->dims, (size_t)i);
  return mth_lowering_access(body->dims, &at->core, operand, result, out);
}

static bool moves_ones_only(const mth_type *from, const mth_type *to) {
  int32_t i = 0, j = 0;
  for (;; ++i, ++j) {
    while (i < from->rank && mth_dim_is_one(from->dims[i]))
      ++i;
    while (j < to->rank && mth_dim_is_one(to->dims[j]))
      ++j;
    if (i == from->rank || j == to->rank) return i == from->rank && j == to->rank;
    if (from->dims[i] != to->dims[j]) return false;
  }
}

bool mth_kernel_shows(const mth_kernel_body *body, size_t view) {
  const mth_kernel_node *at = &body->nodes[view];
  if (at->core.lowering->kind == MTH_LOWERING_VIEW) return true;
  size_t shown = at->operands[0];
  if (moves_ones_only(&body->nodes[shown].type, &at->type)) return true;
  while (mth_node_is_view(&body->nodes[shown]) &&
         body->nodes[shown].core.lowering->kind == MTH_LOWERING_RESHAPE)
    shown = body->nodes[shown].operands[0];
  if (!mth_node_is_view(&body->nodes[shown])) return false; // a tensor: the alias costs nothing
  for (; mth_node_is_view(&body->nodes[shown]); shown = body->nodes[shown].operands[0]) {
    const mth_kernel_node *below = &body->nodes[shown];
    if (below->core.lowering->kind == MTH_LOWERING_VIEW) continue;
    if (moves_ones_only(&body->nodes[below->operands[0]].type, &below->type)) continue;
    if (mth_kernel_shows(body, shown)) return false; // two might need more loops than fit
    break;                                           // an alias: the chain ends there
  }
  mth_index index[mth_axes_max], inner[mth_axes_max];
  for (int32_t i = 0; i < at->type.rank; ++i)
    index[i] = mth_index_loop(body->dims, (size_t)i);
  return mth_lowering_access(body->dims, &at->core, 0, index, inner);
}

bool mth_kernel_see_through(const mth_kernel_body *body, size_t *node, mth_index *index) {
  while (mth_node_is_view(&body->nodes[*node])) {
    const mth_kernel_node *at = &body->nodes[*node];
    mth_index inner[mth_axes_max];
    if (!mth_kernel_shows(body, *node) ||
        !mth_lowering_access(body->dims, &at->core, 0, index, inner))
      return false;
    *node = at->operands[0];
    memcpy(index, inner, sizeof *index * (size_t)body->nodes[*node].type.rank);
  }
  return true;
}

bool mth_index_is_identity(const mth_index *index, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    int64_t start;
    if (!mth_dim_is_constant(index[i].start, &start) || start != 0) return false;
    if (index[i].loop[0] != (int32_t)i || index[i].step[0] != 1 || index[i].loop[1] >= 0)
      return false;
  }
  return true;
}

static bool uses_loop(const mth_index *index, size_t count, int32_t loop) {
  for (size_t i = 0; i < count; ++i)
    for (int t = 0; t < mth_index_terms; ++t)
      if (index[i].loop[t] == loop) return true;
  return false;
}

mth_node_use mth_node_find_use(const mth_kernel_body *body, size_t reader, size_t operand,
                               mth_index *out_index) {
  mth_node_use found = {.base = body->nodes[reader].operands[operand], .reader = reader};
  found.known = mth_node_operand_index(body, reader, operand, out_index);
  if (found.known) mth_kernel_see_through(body, &found.base, out_index); // a reshape is a base too
  if (!found.known) {
    found.repeated = true;
    return found;
  }
  const size_t rank = (size_t)body->nodes[found.base].type.rank;
  mth_loops loops;
  mth_node_loops(body, reader, &loops);
  for (size_t i = 0; i < loops.count; ++i)
    if (!mth_dim_is_one(loops.extent[i]) && !uses_loop(out_index, rank, (int32_t)i))
      found.repeated = true;
  found.aligned = !found.repeated && rank == loops.count && mth_index_is_identity(out_index, rank);
  for (size_t i = 0; found.aligned && i < rank; ++i)
    found.aligned = body->nodes[found.base].type.dims[i] == loops.extent[i];
  return found;
}

bool mth_node_takes_tensor(const mth_kernel_body *body, size_t node, size_t i) {
  const mth_lowering *lowering = body->nodes[node].core.lowering;
  if (!lowering || lowering->kind == MTH_LOWERING_PACKED) return true;
  if (mth_lowering_reads_itself(lowering, i)) return true;
  if (lowering->kind == MTH_LOWERING_SCATTER && i == 0) return true;
  if (!mth_node_is_fold(&body->nodes[node])) return false;
  mth_index index[mth_axes_max];
  const mth_node_use use = mth_node_find_use(body, node, i, index);
  if (!use.known) return false;
  const size_t rank = (size_t)body->nodes[use.base].type.rank;
  for (size_t axis = 0; axis < rank; ++axis)
    if (index[axis].loop[1] >= 0) return true;
  if (lowering->kind != MTH_LOWERING_REDUCE) return false; // indices of a scatter have its loops
  mth_loops loops;
  mth_node_loops(body, node, &loops);
  for (size_t loop = loops.parallel; loop < loops.count; ++loop)
    if (!uses_loop(index, rank, (int32_t)loop)) return true;
  return false;
}
