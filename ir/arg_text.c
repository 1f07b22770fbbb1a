// arg_text.c: values for people to read.
#include "ir/arg_text.h"

#include "ir/graph.h"

static void add_dim(mth_dim_table *dims, const mth_dim *dim, mth_text *text) {
  const char *written = dim ? mth_dim_text(dims, dim) : NULL;
  mth_text_add(text, "%s", written ? written : "?");
}

static void add_items(mth_dim_table *dims, const char *open, const mth_arg *value, mth_text *text) {
  mth_text_add(text, "%s", open);
  for (size_t i = 0; i < value->count; i++) {
    if (i) mth_text_add(text, ", ");
    if (value->kind == MTH_ARG_INTS)
      mth_text_add(text, "%lld", (long long)value->ints[i]);
    else if (value->kind == MTH_ARG_DIMS)
      add_dim(dims, value->dims[i], text);
    else
      mth_arg_text(dims, &value->items[i], text);
  }
  mth_text_add(text, "%s", value->count == 1 ? ",)" : ")");
}

void mth_arg_text(mth_dim_table *dims, const mth_arg *value, mth_text *text) {
  switch (value->kind) {
  case MTH_ARG_NONE:
    mth_text_add(text, "None");
    return;
  case MTH_ARG_INT:
    mth_text_add(text, "%lld", (long long)value->i);
    return;
  case MTH_ARG_BOOL:
    mth_text_add(text, value->b ? "True" : "False");
    return;
  case MTH_ARG_FLOAT:
    if (value->named)
      mth_text_add(text, "%s", mth_named_number_name(value->named));
    else
      mth_text_add(text, "%g", value->f);
    return;
  case MTH_ARG_STRING:
    mth_text_add(text, "'%s'", value->s);
    return;
  case MTH_ARG_DTYPE:
    mth_text_add(text, "%s", mth_dtype_get(value->dtype)->mlir);
    return;
  case MTH_ARG_INTS:
  case MTH_ARG_DIMS:
  case MTH_ARG_TUPLE:
    add_items(dims, "(", value, text);
    return;
  case MTH_ARG_DIM:
    add_dim(dims, value->dim, text);
    return;
  case MTH_ARG_SLICE:
    add_items(dims, "slice(", value, text);
    return;
  case MTH_ARG_OPEN:
    mth_text_add(text, "?");
    return;
  case MTH_ARG_ELLIPSIS:
    mth_text_add(text, "...");
    return;
  case MTH_ARG_MODEL:
    mth_text_add(text, "%s", value->model->class_name);
    return;
  }
}

void mth_constant_text(const mth_constant *constant, mth_text *text) {
  if (constant->named)
    mth_text_add(text, "%s", mth_named_number_name(constant->named));
  else if (constant->rank == 0 && constant->dtype == MTH_F64)
    mth_text_add(text, "%g", *(const double *)constant->data);
  else if (constant->rank == 0 && constant->dtype == MTH_I64)
    mth_text_add(text, "%lld", (long long)*(const int64_t *)constant->data);
  else if (constant->rank == 0)
    mth_text_add(text, *(const unsigned char *)constant->data ? "True" : "False");
  for (size_t i = 0; i < constant->rank; i++)
    mth_text_add(text, "%s%lld", i ? ", " : "tensor [", (long long)constant->extents[i]);
  if (constant->rank) mth_text_add(text, "]");
}
