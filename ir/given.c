// given.c: counts with NULL arrays, refused.
#include "ir/given.h"

mth_status mth_check_given(mth_location at, const void *array, size_t count, const char *what) {
  if (array || count == 0) return MTH_OK;
  return mth_fail(MTH_INVALID, at, "wanted %zu %s, found NULL", count, what);
}

static mth_status check_arg(mth_location at, const mth_arg *arg) {
  if (arg->kind > MTH_ARG_OPEN)
    return mth_fail(MTH_INVALID, at, "there is no kind %d of argument", (int)arg->kind);
  switch (arg->kind) {
  case MTH_ARG_INTS:
    return mth_check_given(at, arg->ints, arg->count, "integers of an argument");
  case MTH_ARG_DIMS:
    return mth_check_given(at, arg->dims, arg->count, "dims of an argument");
  case MTH_ARG_SLICE:
    if (arg->count != 3)
      return mth_fail(MTH_INVALID, at, "a slice wants 3 items, found %zu", arg->count);
    return mth_check_args(at, arg->items, arg->count);
  case MTH_ARG_TUPLE:
    return mth_check_args(at, arg->items, arg->count);
  case MTH_ARG_NONE:
  case MTH_ARG_INT:
  case MTH_ARG_BOOL:
  case MTH_ARG_FLOAT:
  case MTH_ARG_STRING:
  case MTH_ARG_DTYPE:
  case MTH_ARG_DIM:
  case MTH_ARG_ELLIPSIS:
  case MTH_ARG_MODEL:
  case MTH_ARG_OPEN:
    break;
  }
  return MTH_OK;
}

mth_status mth_check_args(mth_location at, const mth_arg *args, size_t count) {
  MTH_TRY(mth_check_given(at, args, count, "arguments"));
  for (size_t i = 0; i < count; i++)
    MTH_TRY(check_arg(at, &args[i]));
  return MTH_OK;
}

mth_status mth_check_wires(mth_location at, const mth_wire *wires, size_t count) {
  MTH_TRY(mth_check_given(at, wires, count, "wires"));
  for (size_t i = 0; i < count; i++)
    if (wires[i].kind == MTH_WIRE_LIST)
      MTH_TRY(mth_check_wires(at, wires[i].parts, wires[i].part_count));
  return MTH_OK;
}
