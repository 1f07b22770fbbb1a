// named_dim.c: dims that a model gives names, which are stated where it is wired (rule R8).
#include "ir/graph.h"
#include "ir/model_core.h"

#include <string.h>

// The key that has the dim now: what it was made for may have been merged into another.
mth_connection *mth_named_dim_key(const mth_named_dim *dim) {
  mth_connection *key = dim->connection;
  while (key->replaced_by)
    key = key->replaced_by;
  return key;
}

const mth_named_dim *mth_find_named_dim(const mth_model *model, const char *name) {
  for (size_t i = 0; i < model->named_dims.count; i++) {
    const mth_named_dim *dim = model->named_dims.items[i];
    if (strcmp(dim->name, name) == 0) return dim;
  }
  return NULL;
}

static mth_status make(mth_model *model, const char *name, mth_connection *connection,
                       int32_t axis) {
  mth_named_dim *made = mth_model_own(model, 1, sizeof *made);
  const char *interned = mth_names_intern(&model->context->names, name);
  if (!made || !interned) return MTH_NO_MEMORY;
  *made = (mth_named_dim){interned, connection, axis};
  return mth_list_push(&model->named_dims, &model->context->journal, made);
}

static mth_status name_dim(mth_model *model, const char *name, mth_connection *connection,
                           int64_t axis) {
  char where[256];
  MTH_TRY(mth_model_check_key(model, name, true));
  MTH_TRY(mth_lift(model, connection, &connection));
  const mth_location at = mth_connection_at(connection, where, sizeof where);
  if (!mth_net_of(connection)->is_tensor)
    return mth_fail(MTH_INVALID, at, "it is an argument and has no dims");
  if (axis < -mth_rank_max || axis >= mth_rank_max)
    return mth_fail(MTH_INVALID, at, "an axis of rank at most %d was wanted, %lld was given",
                    (int)mth_rank_max, (long long)axis);
  return make(model, name, connection, (int32_t)axis);
}

mth_status mth_model_name_dim(mth_model *model, const char *name, mth_connection *connection,
                              int64_t axis) {
  MTH_TRY(mth_model_check_open(model));
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change, name_dim(model, name, connection, axis));
}

mth_status mth_named_dim_check(const mth_model *model, const mth_named_dim *dim,
                               const mth_wire *wire) {
  char where[256];
  const mth_arg_kind kind = wire->value.kind;
  const bool is_integer = kind == MTH_ARG_INT || kind == MTH_ARG_DIM ||
                          (kind == MTH_ARG_DIMS && wire->value.count == 1);
  if (wire->kind == MTH_WIRE_VALUE && is_integer && !wire->facts) return MTH_OK;
  return mth_fail(MTH_INVALID, mth_model_at(model, where, sizeof where),
                  "'%s' is a dim of '%s' and takes an integer", dim->name,
                  mth_named_dim_key(dim)->key);
}

mth_status mth_named_dim_state(const mth_named_dim *dim, const mth_arg *value) {
  mth_extent extents[mth_rank_max + 1];
  const bool from_end = dim->axis < 0;
  const size_t rank = (size_t)(from_end ? 1 - dim->axis : dim->axis + 2);
  for (size_t i = 0; i < rank; i++)
    extents[i] = MTH_ANY;
  extents[from_end ? 0 : rank - 1] = MTH_REST;
  extents[from_end ? 1 : rank - 2] = value->kind == MTH_ARG_INT   ? MTH_N(value->i)
                                     : value->kind == MTH_ARG_DIM ? MTH_OF(value->dim)
                                                                  : MTH_OF(value->dims[0]);
  return mth_net_restrict_shapes(1, (mth_connection *[]){mth_named_dim_key(dim)},
                                 &(mth_shape){rank, extents});
}

void mth_named_dims_list(const mth_model *model, mth_text *text) {
  for (size_t i = 0; i < model->named_dims.count; i++) {
    const mth_named_dim *dim = model->named_dims.items[i];
    mth_text_add(text, "%s%s", i ? ", " : " and the dim ", dim->name);
  }
}

mth_status mth_named_dims_copy(const mth_model *model, mth_model *copy) {
  for (size_t i = 0; i < model->named_dims.count; i++) {
    const mth_named_dim *dim = model->named_dims.items[i];
    MTH_TRY(make(copy, dim->name, mth_named_dim_key(dim)->copy, dim->axis));
  }
  return MTH_OK;
}
