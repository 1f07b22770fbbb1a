// mlir_writer_text.c: types, attributes and constants of the textual dialect.
#include "frontend/mlir_writer_text.h"

#include <inttypes.h>
#include <math.h>

static const char *dtype_name(mth_dtype dtype) {
  const mth_dtype_info *info = mth_dtype_get(dtype);
  return info ? info->mlir : "none";
}

void mth_mlir_string(mth_text *text, const char *string) {
  mth_text_add(text, "\"");
  for (; *string; string++) {
    const unsigned char c = (unsigned char)*string;
    if (c == '"' || c == '\\' || c < 32 || c > 126)
      mth_text_add(text, "\\%02X", c);
    else
      mth_text_add(text, "%c", c);
  }
  mth_text_add(text, "\"");
}

static void add_dim(mth_text *text, mth_dim_table *dims, const mth_dim *dim) {
  const char *expression = mth_dim_text(dims, dim);
  if (!expression) {
    text->status = MTH_NO_MEMORY;
    return;
  }
  mth_mlir_string(text, expression);
}

void mth_mlir_type(mth_text *text, mth_dim_table *dims, const mth_type *type) {
  size_t symbolic = 0;
  int64_t value;
  mth_text_add(text, "tensor<");
  for (int32_t i = 0; i < type->rank; i++) {
    if (mth_dim_is_constant(type->dims[i], &value)) {
      mth_text_add(text, "%" PRId64 "x", value);
    } else {
      mth_text_add(text, "?x");
      symbolic++;
    }
  }
  mth_text_add(text, "%s", dtype_name(type->dtype));
  const char *separator = ", [";
  for (int32_t i = 0; symbolic && i < type->rank; i++) {
    if (mth_dim_is_constant(type->dims[i], NULL)) continue;
    mth_text_add(text, "%s", separator);
    add_dim(text, dims, type->dims[i]);
    separator = ", ";
  }
  mth_text_add(text, symbolic ? "]>" : ">");
}

// An infinity, or the quiet NaN, of each float type.
static uint64_t special_bits(mth_dtype dtype, double value) {
  const mth_dtype_info *info = mth_dtype_get(dtype);
  const uint64_t sign = signbit(value) ? (uint64_t)1 << (info->bits - 1) : 0;
  const bool nan = isnan(value);
  if (dtype == MTH_F64) return sign | (nan ? 0x7FF8000000000000u : 0x7FF0000000000000u);
  if (dtype == MTH_F32) return sign | (nan ? 0x7FC00000u : 0x7F800000u);
  if (dtype == MTH_BF16) return sign | (nan ? 0x7FC0u : 0x7F80u);
  return sign | (nan ? 0x7E00u : 0x7C00u);
}

void mth_mlir_number(mth_text *text, mth_dtype dtype, double value) {
  const mth_dtype_info *info = mth_dtype_get(dtype);
  if (info->family == MTH_FAMILY_BOOL)
    mth_text_add(text, value != 0 ? "true" : "false");
  else if (info->family == MTH_FAMILY_INT)
    mth_text_add(text, "%" PRId64, (int64_t)value);
  else if (isfinite(value))
    mth_text_add(text, "%.17e", value);
  else
    mth_text_add(text, "0x%0*" PRIX64, (int)(info->bits / 4), special_bits(dtype, value));
}

void mth_mlir_arg(mth_text *text, mth_dim_table *dims, const mth_arg *arg) {
  int64_t value;
  switch (arg->kind) {
  case MTH_ARG_NONE:
    break;
  case MTH_ARG_INT:
    mth_text_add(text, "%" PRId64 " : i64", arg->i);
    break;
  case MTH_ARG_BOOL:
    mth_text_add(text, arg->b ? "true" : "false");
    break;
  case MTH_ARG_FLOAT:
    mth_mlir_number(text, MTH_F64, arg->f);
    mth_text_add(text, " : f64");
    break;
  case MTH_ARG_STRING:
    mth_mlir_string(text, arg->s);
    break;
  case MTH_ARG_DTYPE:
    mth_text_add(text, "%s", dtype_name(arg->dtype));
    break;
  case MTH_ARG_INTS:
    mth_text_add(text, "array<i64");
    for (size_t i = 0; i < arg->count; i++)
      mth_text_add(text, "%s %" PRId64, i ? "," : ":", arg->ints[i]);
    mth_text_add(text, ">");
    break;
  case MTH_ARG_DIMS:
    mth_text_add(text, "[");
    for (size_t i = 0; i < arg->count; i++) {
      mth_text_add(text, "%s", i ? ", " : "");
      if (mth_dim_is_constant(arg->dims[i], &value))
        mth_text_add(text, "%" PRId64, value);
      else
        add_dim(text, dims, arg->dims[i]);
    }
    mth_text_add(text, "]");
    break;
  case MTH_ARG_DIM:
  case MTH_ARG_TUPLE:
  case MTH_ARG_SLICE:
  case MTH_ARG_ELLIPSIS:
  case MTH_ARG_MODEL:
  case MTH_ARG_OPEN:
    break; // no op takes these
  }
}
