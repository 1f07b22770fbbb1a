// mlir_writer_value.c: compile-time values as tensors: constants, or integers of the program.
#include "frontend/mlir_writer_value.h"

#include "frontend/mlir_writer_text.h"
#include "ir/model_core.h"

#include <inttypes.h>

static size_t item_count(const mth_arg *value) {
  return value->kind == MTH_ARG_TUPLE || value->kind == MTH_ARG_DIMS || value->kind == MTH_ARG_INTS
             ? value->count
             : 0;
}

static bool has_items(const mth_arg *value) {
  return value->kind == MTH_ARG_TUPLE || value->kind == MTH_ARG_DIMS || value->kind == MTH_ARG_INTS;
}

static mth_arg item_of(const mth_arg *list, size_t index) {
  return list->kind == MTH_ARG_DIMS   ? MTH_ARG_D(NULL, list->dims[index])
         : list->kind == MTH_ARG_INTS ? MTH_ARG_I(NULL, list->ints[index])
                                      : list->items[index];
}

bool mth_mlir_is_number(const mth_arg *value) {
  for (size_t i = 0; i < item_count(value); i++) {
    const mth_arg item = item_of(value, i);
    if (!mth_mlir_is_number(&item)) return false;
  }
  if (has_items(value) || value->kind != MTH_ARG_DIM) return true;
  return mth_dim_is_constant(value->dim, NULL);
}

static mth_family family_of(const mth_arg *value) {
  mth_family widest = value->kind == MTH_ARG_FLOAT  ? MTH_FAMILY_FLOAT
                      : value->kind == MTH_ARG_BOOL ? MTH_FAMILY_BOOL
                      : has_items(value)            ? MTH_FAMILY_NONE
                                                    : MTH_FAMILY_INT;
  for (size_t i = 0; i < item_count(value); i++) {
    const mth_arg item = item_of(value, i);
    if (family_of(&item) > widest) widest = family_of(&item);
  }
  return widest;
}

bool mth_mlir_is_tensor(const mth_mlir_writer *writer, const mth_arg *value) {
  if (family_of(value) == MTH_FAMILY_FLOAT && !mth_mlir_is_number(value)) return false;
  for (size_t i = 0; i < item_count(value); i++) {
    const mth_arg item = item_of(value, i);
    if (!mth_mlir_is_tensor(writer, &item)) return false;
  }
  if (value->kind == MTH_ARG_DIM) return mth_mlir_is_decided(writer, value->dim);
  return has_items(value) || value->kind == MTH_ARG_INT || value->kind == MTH_ARG_FLOAT ||
         value->kind == MTH_ARG_BOOL;
}

mth_status mth_mlir_value_type(const mth_mlir_writer *writer, const mth_arg *value,
                               mth_type *out_type) {
  const mth_dim **dims = MTH_NEW_ARRAY(writer->arena, const mth_dim *, mth_rank_max);
  const mth_family family = family_of(value);
  mth_arg first = *value;
  int32_t rank = 0;
  if (!dims) return MTH_NO_MEMORY;
  for (; has_items(&first) && rank < mth_rank_max; rank++) {
    dims[rank] = mth_dim_constant(mth_context_dims(writer->context), (int64_t)first.count);
    if (!dims[rank]) return MTH_NO_MEMORY;
    if (first.count == 0) {
      rank++;
      break;
    }
    first = item_of(&first, 0);
  }
  const mth_dtype dtype = family == MTH_FAMILY_FLOAT  ? writer->float_dtype
                          : family == MTH_FAMILY_BOOL ? MTH_BOOL
                                                      : writer->int_dtype;
  *out_type = (mth_type){dtype, rank, dims};
  return MTH_OK;
}

// "[1, 2]", nested as the value is.
static void add_numbers(mth_text *text, mth_dtype dtype, const mth_arg *value) {
  int64_t integer = value->kind == MTH_ARG_INT ? value->i : 0;
  if (value->kind == MTH_ARG_DIM) (void)mth_dim_is_constant(value->dim, &integer);
  if (has_items(value)) {
    mth_text_add(text, "[");
    for (size_t i = 0; i < value->count; i++) {
      const mth_arg item = item_of(value, i);
      if (i) mth_text_add(text, ", ");
      add_numbers(text, dtype, &item);
    }
    mth_text_add(text, "]");
  } else if (value->kind == MTH_ARG_FLOAT) {
    mth_mlir_number(text, dtype,
                    value->named ? mth_named_number_value(value->named, dtype) : value->f);
  } else if (value->kind == MTH_ARG_BOOL) {
    mth_mlir_number(text, dtype, value->b);
  } else if (mth_dtype_get(dtype)->family == MTH_FAMILY_INT) {
    mth_text_add(text, "%" PRId64, integer);
  } else {
    mth_mlir_number(text, dtype, (double)integer);
  }
}

static size_t count_leaves(const mth_arg *value) {
  size_t count = has_items(value) ? 0 : 1;
  for (size_t i = 0; i < item_count(value); i++) {
    const mth_arg item = item_of(value, i);
    count += count_leaves(&item);
  }
  return count;
}

static void list_leaves(mth_dim_table *table, const mth_arg *value, const mth_dim **dims,
                        size_t *count) {
  for (size_t i = 0; i < item_count(value); i++) {
    const mth_arg item = item_of(value, i);
    list_leaves(table, &item, dims, count);
  }
  if (has_items(value)) return;
  dims[(*count)++] = value->kind == MTH_ARG_DIM    ? value->dim
                     : value->kind == MTH_ARG_BOOL ? mth_dim_constant(table, value->b)
                                                   : mth_dim_constant(table, value->i);
}

mth_status mth_mlir_add_value(mth_mlir_writer *writer, const mth_arg *value, const mth_type *type) {
  mth_text *text = writer->text;
  mth_dim_table *table = mth_context_dims(writer->context);
  const size_t leaf_count = count_leaves(value);
  if (mth_mlir_is_number(value)) {
    mth_text_add(text, "mithril.constant dense<");
    if (leaf_count) add_numbers(text, type->dtype, value);
    mth_text_add(text, "> : ");
    mth_mlir_add_type(writer, type);
    return MTH_OK;
  }
  const mth_dim **dims = MTH_NEW_ARRAY(writer->arena, const mth_dim *, leaf_count);
  size_t listed = 0;
  if (!dims) return MTH_NO_MEMORY;
  list_leaves(table, value, dims, &listed);
  for (size_t i = 0; i < listed; i++)
    if (!dims[i]) return MTH_NO_MEMORY;
  mth_text_add(text, "mithril.dim_values {dims = ");
  mth_mlir_arg(text, table, &MTH_ARG_DS(NULL, listed, dims));
  mth_text_add(text, ", shape = ");
  mth_mlir_arg(text, table, &MTH_ARG_DS(NULL, (size_t)type->rank, type->dims));
  mth_text_add(text, ", dtype = %s} : () -> ", mth_dtype_get(type->dtype)->mlir);
  mth_mlir_add_type(writer, type);
  return MTH_OK;
}
