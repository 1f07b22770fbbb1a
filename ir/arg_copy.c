// arg_copy.c: deep copies of argument values.
#include "ir/arg_copy.h"

#include "ir/model_core.h"

#include <string.h>

static mth_status copy_ints(mth_model *owner, const mth_arg *arg, mth_arg *copy) {
  int64_t *ints = mth_model_own(owner, arg->count, sizeof *ints);
  if (!ints) return MTH_NO_MEMORY;
  if (arg->count) memcpy(ints, arg->ints, arg->count * sizeof *ints);
  copy->ints = ints;
  return MTH_OK;
}

static mth_status copy_dims(mth_model *owner, const mth_arg *arg, mth_dim_copy_fn *copy_dim,
                            void *user, mth_arg *copy) {
  const mth_dim **dims = mth_model_own(owner, arg->count, sizeof *dims);
  if (!dims) return MTH_NO_MEMORY;
  for (size_t i = 0; i < arg->count; i++) {
    dims[i] = copy_dim ? copy_dim(user, arg->dims[i]) : arg->dims[i];
    if (!dims[i]) return MTH_NO_MEMORY;
  }
  copy->dims = dims;
  return MTH_OK;
}

static mth_status copy_items(mth_model *owner, size_t count, const mth_arg *items,
                             mth_dim_copy_fn *copy_dim, void *user, const mth_arg **out) {
  mth_arg *made = mth_model_own(owner, count, sizeof *made);
  if (!made) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    const mth_status status = mth_arg_copy(owner, &items[i], copy_dim, user, &made[i]);
    if (status == MTH_OK) continue;
    for (size_t j = 0; j < i; j++)
      mth_arg_drop(&made[j]);
    return status;
  }
  *out = made;
  return MTH_OK;
}

mth_status mth_arg_copy(mth_model *owner, const mth_arg *arg, mth_dim_copy_fn *copy_dim, void *user,
                        mth_arg *out_copy) {
  mth_arg copy = *arg;
  if (arg->key && !(copy.key = mth_names_intern(&owner->context->names, arg->key)))
    return MTH_NO_MEMORY;
  switch (arg->kind) {
  case MTH_ARG_NONE:
  case MTH_ARG_INT:
  case MTH_ARG_BOOL:
  case MTH_ARG_FLOAT:
  case MTH_ARG_DTYPE:
  case MTH_ARG_ELLIPSIS:
  case MTH_ARG_OPEN:
    break;
  case MTH_ARG_DIM:
    if (copy_dim && !(copy.dim = copy_dim(user, arg->dim))) return MTH_NO_MEMORY;
    break;
  case MTH_ARG_STRING:
    if (!(copy.s = mth_names_intern(&owner->context->names, arg->s))) return MTH_NO_MEMORY;
    break;
  case MTH_ARG_INTS:
    MTH_TRY(copy_ints(owner, arg, &copy));
    break;
  case MTH_ARG_DIMS:
    MTH_TRY(copy_dims(owner, arg, copy_dim, user, &copy));
    break;
  case MTH_ARG_TUPLE:
    MTH_TRY(copy_items(owner, arg->count, arg->items, copy_dim, user, &copy.items));
    break;
  case MTH_ARG_SLICE:
    MTH_TRY(copy_items(owner, 3, arg->items, copy_dim, user, &copy.items));
    break;
  case MTH_ARG_MODEL: {
    mth_model *model = NULL;
    MTH_TRY(mth_model_copy(arg->model, &model));
    copy.model = model;
    break;
  }
  }
  *out_copy = copy;
  return MTH_OK;
}

void mth_arg_drop(const mth_arg *copy) {
  if (copy->kind == MTH_ARG_MODEL) mth_model_destroy((mth_model *)(uintptr_t)copy->model);
  for (size_t i = 0; copy->kind == MTH_ARG_TUPLE && i < copy->count; i++)
    mth_arg_drop(&copy->items[i]);
}
