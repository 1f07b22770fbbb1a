// dim_value.c: reading, replacing and evaluating dim expressions.
#include "ir/dim_node.h"

#include <assert.h>

bool mth_dim_is_constant(const mth_dim *dim, int64_t *out_value) {
  if (!dim || dim->kind != MTH_DIM_CONSTANT) return false;
  if (out_value) *out_value = dim->value;
  return true;
}

bool mth_dim_is_symbol(const mth_dim *dim) { return dim && dim->kind == MTH_DIM_SYMBOL; }

mth_dim_kind mth_dim_get_kind(const mth_dim *dim) { return dim->kind; }

int64_t mth_dim_value(const mth_dim *dim) {
  assert(dim->kind == MTH_DIM_CONSTANT);
  return dim->value;
}

const char *mth_dim_name(const mth_dim *dim) {
  assert(dim->kind == MTH_DIM_SYMBOL);
  return dim->name;
}

uint32_t mth_dim_symbol_number(const mth_dim *dim) {
  assert(dim->kind == MTH_DIM_SYMBOL);
  return dim->number;
}

size_t mth_dim_operand_count(const mth_dim *dim) { return dim->operand_count; }

const mth_dim *mth_dim_operand(const mth_dim *dim, size_t index) {
  assert(index < dim->operand_count);
  return dim->operands[index];
}

static const mth_dim *combine(mth_dim_table *table, mth_dim_kind kind, const mth_dim *a,
                              const mth_dim *b) {
  switch (kind) {
  case MTH_DIM_ADD:
    return mth_dim_add(table, a, b);
  case MTH_DIM_MULTIPLY:
    return mth_dim_multiply(table, a, b);
  case MTH_DIM_FLOORDIV:
    return mth_dim_floordiv(table, a, b);
  case MTH_DIM_MOD:
    return mth_dim_mod(table, a, b);
  case MTH_DIM_MIN:
    return mth_dim_min(table, a, b);
  case MTH_DIM_MAX:
    return mth_dim_max(table, a, b);
  case MTH_DIM_CONSTANT:
  case MTH_DIM_SYMBOL:
    break;
  }
  assert(false && "a leaf has no operands");
  return NULL;
}

const mth_dim *mth_dim_substitute(mth_dim_table *table, const mth_dim *dim,
                                  mth_dim_replace_fn *replace, void *user) {
  if (!dim || dim->kind == MTH_DIM_CONSTANT) return dim;
  if (dim->kind == MTH_DIM_SYMBOL) return replace(user, dim);
  const mth_dim *made = mth_dim_substitute(table, dim->operands[0], replace, user);
  for (size_t i = 1; made && i < dim->operand_count; ++i)
    made =
        combine(table, dim->kind, made, mth_dim_substitute(table, dim->operands[i], replace, user));
  return made;
}

static bool apply(mth_dim_kind kind, int64_t a, int64_t b, int64_t *out) {
  switch (kind) {
  case MTH_DIM_ADD:
    return !__builtin_add_overflow(a, b, out);
  case MTH_DIM_MULTIPLY:
    return !__builtin_mul_overflow(a, b, out);
  case MTH_DIM_FLOORDIV:
  case MTH_DIM_MOD:
    if (b == 0 || (b == -1 && a == INT64_MIN)) return false;
    *out = kind == MTH_DIM_FLOORDIV ? mth_floordiv_int(a, b) : mth_mod_int(a, b);
    return true;
  case MTH_DIM_MIN:
    *out = a < b ? a : b;
    return true;
  case MTH_DIM_MAX:
    *out = a > b ? a : b;
    return true;
  case MTH_DIM_CONSTANT:
  case MTH_DIM_SYMBOL:
    break;
  }
  return false;
}

bool mth_dim_evaluate(const mth_dim *dim, mth_dim_value_fn *value_of, void *user,
                      int64_t *out_value) {
  if (!dim) return false;
  if (dim->kind == MTH_DIM_CONSTANT) return *out_value = dim->value, true;
  if (dim->kind == MTH_DIM_SYMBOL) return value_of(user, dim->name, out_value);
  int64_t value;
  if (!mth_dim_evaluate(dim->operands[0], value_of, user, &value)) return false;
  for (size_t i = 1; i < dim->operand_count; ++i) {
    int64_t next;
    if (!mth_dim_evaluate(dim->operands[i], value_of, user, &next)) return false;
    if (!apply(dim->kind, value, next, &value)) return false;
  }
  *out_value = value;
  return true;
}
