// lowering.c: the table of lowerings, and accesses that many rows share.
#include "dialect/lowering.h"

#include <limits.h>
#include <string.h>

#define MTH_LOWERINGS(family) extern const mth_lowering_family mth_##family##_lowerings;
#include "dialect/lowerings.def"
#undef MTH_LOWERINGS

const mth_lowering *mth_lowering_of(const mth_op *op) {
  static const mth_lowering_family *const families[] = {
#define MTH_LOWERINGS(family) &mth_##family##_lowerings,
#include "dialect/lowerings.def"
#undef MTH_LOWERINGS
      NULL};
  for (size_t f = 0; families[f]; ++f)
    for (size_t i = 0; i < families[f]->count; ++i)
      if (strcmp(families[f]->rows[i].name, op->name) == 0) return &families[f]->rows[i];
  return NULL;
}

bool mth_op_is_core(const mth_op *op) {
  return mth_lowering_of(op) || op->code.kernel || op->code.kernel_symbol;
}

bool mth_lowering_reads_itself(const mth_lowering *lowering, size_t operand) {
  return operand < sizeof lowering->random_access * CHAR_BIT &&
         (lowering->random_access >> operand & 1);
}

mth_index mth_index_constant(const mth_dim *start) {
  return (mth_index){.start = start, .loop = {-1, -1, -1, -1}};
}

mth_index mth_index_loop(mth_dim_table *dims, size_t loop) {
  mth_index index = mth_index_constant(mth_dim_constant(dims, 0));
  index.loop[0] = (int32_t)loop;
  index.step[0] = 1;
  return index;
}

// Adds scale * loop to the terms of `out`.
static bool add_term(mth_index *out, int32_t loop, int64_t scale) {
  if (loop < 0) return true;
  for (int i = 0; i < mth_index_terms; ++i) {
    if (out->loop[i] >= 0 && out->loop[i] != loop) continue;
    if (out->loop[i] == loop) return !__builtin_add_overflow(out->step[i], scale, &out->step[i]);
    out->loop[i] = loop;
    out->step[i] = scale;
    return true;
  }
  return false;
}

bool mth_index_combine(mth_dim_table *dims, const mth_dim *start, int64_t scale, const mth_index *a,
                       const mth_index *b, mth_index *out) {
  const mth_dim *base = mth_dim_multiply(dims, mth_dim_constant(dims, scale), a->start);
  if (b) base = mth_dim_add(dims, base, b->start);
  if (start) base = mth_dim_add(dims, base, start);
  mth_index sum = mth_index_constant(base);
  for (int i = 0; i < mth_index_terms; ++i) {
    int64_t step;
    if (__builtin_mul_overflow(scale, a->step[i], &step)) return false;
    if (!add_term(&sum, a->loop[i], step)) return false;
  }
  for (int i = 0; b && i < mth_index_terms; ++i)
    if (!add_term(&sum, b->loop[i], b->step[i])) return false;
  *out = sum;
  return base != NULL;
}

static bool is_one(const mth_dim *dim) {
  int64_t extent;
  return mth_dim_is_constant(dim, &extent) && extent == 1;
}

// The operand's axes are the result's last ones; a 1 is stretched.
static void broadcast(mth_dim_table *dims, const mth_core_op *op, size_t operand,
                      const mth_index *result, mth_index *out) {
  const mth_type *type = &op->operands[operand];
  const int32_t missing = op->results[0].rank - type->rank;
  for (int32_t i = 0; i < type->rank; ++i) {
    out[i] = result[missing + i];
    if (is_one(type->dims[i]) && !is_one(op->results[0].dims[missing + i]))
      out[i] = mth_index_constant(mth_dim_constant(dims, 0));
  }
}

bool mth_lowering_access(mth_dim_table *dims, const mth_core_op *op, size_t operand,
                         const mth_index *result, mth_index *out) {
  if (op->lowering->access) return op->lowering->access(dims, op, operand, result, out);
  broadcast(dims, op, operand, result, out);
  return true;
}
