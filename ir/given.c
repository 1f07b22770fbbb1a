// given.c: NULL where something is wanted, and dims of elsewhere, refused.
#include "ir/given.h"

mth_status mth_check_given(mth_location at, const void *array, size_t count, const char *what) {
  if (array || count == 0) return MTH_OK;
  return mth_fail(MTH_INVALID, at, "wanted %zu %s, found NULL", count, what);
}

mth_status mth_check_dim(mth_location at, const mth_dim_table *dims, const mth_dim *dim) {
  static const char *const reasons[] = {[MTH_DIM_FAILURE_NONE] = "",
                                        [MTH_DIM_FAILURE_MEMORY] = "",
                                        [MTH_DIM_FAILURE_RANGE] = ": a size leaves 63 bits",
                                        [MTH_DIM_FAILURE_ZERO] = ": a size is divided by 0"};
  const mth_dim_failure failure = mth_dim_table_failure(dims);
  if (!dim && failure == MTH_DIM_FAILURE_MEMORY) return MTH_NO_MEMORY;
  if (!dim) return mth_fail(MTH_INVALID, at, "wanted a dim, found NULL%s", reasons[failure]);
  if (mth_dim_table_has(dims, dim)) return MTH_OK;
  return mth_fail(MTH_INVALID, at, "a dim is of another context");
}

static mth_status check_dims(mth_location at, const mth_dim_table *dims, const mth_arg *arg) {
  MTH_TRY(mth_check_given(at, arg->dims, arg->count, "dims of an argument"));
  for (size_t i = 0; i < arg->count; i++)
    MTH_TRY(mth_check_dim(at, dims, arg->dims[i]));
  return MTH_OK;
}

static mth_status check_arg(mth_location at, const mth_dim_table *dims, const mth_arg *arg) {
  if (arg->kind > MTH_ARG_OPEN)
    return mth_fail(MTH_INVALID, at, "there is no kind %d of argument", (int)arg->kind);
  switch (arg->kind) {
  case MTH_ARG_INTS:
    return mth_check_given(at, arg->ints, arg->count, "integers of an argument");
  case MTH_ARG_DIMS:
    return check_dims(at, dims, arg);
  case MTH_ARG_DIM:
    return mth_check_dim(at, dims, arg->dim);
  case MTH_ARG_STRING:
    if (!arg->s) return mth_fail(MTH_INVALID, at, "wanted the string of an argument, found NULL");
    break;
  case MTH_ARG_MODEL:
    if (!arg->model)
      return mth_fail(MTH_INVALID, at, "wanted the model of an argument, found NULL");
    if (mth_context_dims(mth_model_context(arg->model)) != dims)
      return mth_fail(MTH_INVALID, at, "the model '%s' of an argument is of another context",
                      mth_model_class_name(arg->model));
    break;
  case MTH_ARG_SLICE:
    if (arg->count != 3)
      return mth_fail(MTH_INVALID, at, "a slice wants 3 items, found %zu", arg->count);
    return mth_check_args(at, dims, arg->items, arg->count);
  case MTH_ARG_TUPLE:
    return mth_check_args(at, dims, arg->items, arg->count);
  case MTH_ARG_NONE:
  case MTH_ARG_INT:
  case MTH_ARG_BOOL:
  case MTH_ARG_FLOAT:
  case MTH_ARG_DTYPE:
  case MTH_ARG_ELLIPSIS:
  case MTH_ARG_OPEN:
    break;
  }
  return MTH_OK;
}

mth_status mth_check_args(mth_location at, const mth_dim_table *dims, const mth_arg *args,
                          size_t count) {
  MTH_TRY(mth_check_given(at, args, count, "arguments"));
  for (size_t i = 0; i < count; i++)
    MTH_TRY(check_arg(at, dims, &args[i]));
  return MTH_OK;
}

mth_status mth_check_wires(mth_location at, const mth_wire *wires, size_t count) {
  MTH_TRY(mth_check_given(at, wires, count, "wires"));
  for (size_t i = 0; i < count; i++)
    if (wires[i].kind == MTH_WIRE_LIST)
      MTH_TRY(mth_check_wires(at, wires[i].parts, wires[i].part_count));
  return MTH_OK;
}
