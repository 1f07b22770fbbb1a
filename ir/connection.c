// connection.c: values of connections, and questions about them.
#include "ir/connection.h"

#include "ir/given.h"
#include "ir/graph.h"
#include "ir/model_core.h"
#include "ir/same_value.h"

#include <string.h>

// ---- values -------------------------------------------------------------------------------------

static mth_status refuse_kind(const mth_connection *connection, const mth_arg *value) {
  static const char *const kinds[] = {
      "none", "an integer", "a bool",  "a number", "a string", "a dtype", "integers",
      "dims", "a dim",      "a tuple", "a slice",  "'...'",    "a model", "an open argument"};
  char where[256];
  return mth_fail(MTH_INVALID, mth_connection_at(connection, where, sizeof where),
                  "it takes %s, found %s", kinds[mth_net_of(connection)->arg_kind],
                  kinds[value->kind]);
}

// A number for a tensor is a constant of rank 0; an integer where only floats go is a float.
static mth_status give_number(mth_connection *connection, const mth_arg *value) {
  mth_constant constant = {0};
  const bool is_float =
      value->kind == MTH_ARG_FLOAT || !(mth_connection_families(connection) & MTH_FAMILY_INT);
  const int64_t i = value->kind == MTH_ARG_INT ? value->i : 0;
  const double f = value->kind == MTH_ARG_FLOAT ? value->f : (double)i;
  const unsigned char b = value->kind == MTH_ARG_BOOL && value->b;
  switch (value->kind) {
  case MTH_ARG_INT:
  case MTH_ARG_FLOAT:
    constant = is_float ? (mth_constant){.dtype = MTH_F64, .data = &f, .named = value->named}
                        : (mth_constant){.dtype = MTH_I64, .data = &i};
    break;
  case MTH_ARG_BOOL:
    constant = (mth_constant){.dtype = MTH_BOOL, .data = &b};
    break;
  case MTH_ARG_NONE:
  case MTH_ARG_STRING:
  case MTH_ARG_DTYPE:
  case MTH_ARG_INTS:
  case MTH_ARG_DIMS:
  case MTH_ARG_DIM:
  case MTH_ARG_TUPLE:
  case MTH_ARG_SLICE:
  case MTH_ARG_ELLIPSIS:
  case MTH_ARG_MODEL:
  case MTH_ARG_OPEN: {
    char where[256];
    return mth_fail(MTH_INVALID, mth_connection_at(connection, where, sizeof where),
                    "a tensor takes a number or a constant as its value");
  }
  }
  return mth_connection_give_constant(connection, &constant);
}

static mth_status check_is_input(const mth_connection *connection) {
  char where[256];
  if (mth_connection_holds_state(connection))
    return mth_fail(MTH_INVALID, mth_connection_at(connection, where, sizeof where),
                    "it holds a state and can not be given a value");
  if (!connection->is_produced) return MTH_OK;
  return mth_fail(MTH_INVALID, mth_connection_at(connection, where, sizeof where),
                  "it is made by '%s' and can not be given a value",
                  connection->producer ? connection->producer->model->class_name
                                       : connection->model->class_name);
}

// A valued input is no longer where a chain continues.
static mth_status drop_canonical(mth_connection *connection) {
  for (mth_connection *c = connection; c; c = c->outer)
    MTH_TRY(mth_list_remove(&c->model->canonical_inputs, &c->model->context->journal, c));
  return MTH_OK;
}

mth_status mth_connection_give(mth_connection *connection, const mth_arg *value) {
  const mth_arg_kind kind = mth_net_of(connection)->arg_kind;
  mth_arg one = *value;
  char where[256];
  MTH_TRY(check_is_input(connection));
  MTH_TRY(mth_check_args(mth_connection_at(connection, where, sizeof where),
                         connection->model->context->dims, value, 1));
  if (mth_net_of(connection)->is_tensor) return give_number(connection, value);
  if (kind == MTH_ARG_INT && value->kind == MTH_ARG_DIMS && value->count == 1)
    one = MTH_ARG_D(value->key, value->dims[0]);
  if (!mth_solver_takes(kind, &one)) return refuse_kind(connection, value);
  MTH_TRY(drop_canonical(connection));
  return mth_net_set_value(connection, &one);
}

static size_t element_bytes(mth_dtype dtype) { return dtype == MTH_BOOL ? 1 : 8; }

mth_status mth_model_own_constant(mth_model *owner, const mth_constant *constant, mth_location at,
                                  const mth_constant **out_constant) {
  size_t count = 1;
  if (!constant || !constant->data ||
      (constant->dtype != MTH_F64 && constant->dtype != MTH_I64 && constant->dtype != MTH_BOOL))
    return mth_fail(MTH_INVALID, at, "a constant wants data of f64, i64 or bool");
  if (constant->rank > mth_rank_max)
    return mth_fail(MTH_INVALID, at, "a constant has rank %d or less, found %zu", (int)mth_rank_max,
                    constant->rank);
  if (constant->rank && !constant->extents)
    return mth_fail(MTH_INVALID, at, "a constant of rank %zu wants extents, found NULL",
                    constant->rank);
  if (constant->named && (constant->dtype != MTH_F64 || constant->rank))
    return mth_fail(MTH_INVALID, at, "a named number is one float, without dims");
  for (size_t i = 0; i < constant->rank; i++)
    if (constant->extents[i] < 0 ||
        __builtin_mul_overflow(count, (size_t)constant->extents[i], &count))
      return mth_fail(MTH_INVALID, at, "the extent %lld of a constant is out of range",
                      (long long)constant->extents[i]);
  mth_constant *stored = mth_model_own(owner, 1, sizeof *stored);
  int64_t *extents = mth_model_own(owner, constant->rank, sizeof *extents);
  void *data = mth_model_own(owner, count, element_bytes(constant->dtype));
  if (!stored || !extents || !data) return MTH_NO_MEMORY;
  if (constant->rank) memcpy(extents, constant->extents, constant->rank * sizeof *extents);
  if (count) memcpy(data, constant->data, count * element_bytes(constant->dtype));
  *stored = (mth_constant){.dtype = constant->dtype,
                           .rank = constant->rank,
                           .extents = extents,
                           .data = data,
                           .named = constant->named};
  *out_constant = stored;
  return MTH_OK;
}

mth_status mth_connection_give_constant(mth_connection *connection, const mth_constant *constant) {
  char where[256];
  const mth_location at = mth_connection_at(connection, where, sizeof where);
  const mth_constant *stored = NULL, *present = mth_net_of(connection)->constant;
  MTH_TRY(check_is_input(connection));
  if (!mth_net_of(connection)->is_tensor)
    return mth_fail(MTH_INVALID, at, "it is an argument and takes no tensor");
  MTH_TRY(mth_model_own_constant(connection->model, constant, at, &stored));
  if (present && mth_constants_are_same(present, stored)) return MTH_OK;
  if (present) return mth_fail(MTH_INVALID, at, "it has another value already");
  MTH_TRY(drop_canonical(connection));
  return mth_net_set_constant(connection, stored);
}

// ---- questions ----------------------------------------------------------------------------------

mth_model *mth_connection_model(const mth_connection *connection) { return connection->model; }

const char *mth_connection_key(const mth_connection *connection) {
  return mth_connection_now(connection)->key;
}

bool mth_connection_is_named(const mth_connection *connection) {
  return mth_connection_now(connection)->name;
}

mth_key_class mth_connection_class(const mth_connection *connection) {
  return mth_connection_now(connection)->class_;
}

bool mth_connection_is_tensor(const mth_connection *connection) {
  return mth_net_of(connection)->is_tensor;
}

bool mth_connection_is_differentiable(const mth_connection *connection) {
  return mth_net_of(connection)->differentiable == MTH_YES;
}

const mth_initializer *mth_connection_initializer(const mth_connection *connection) {
  return mth_net_of(connection)->initializer;
}

const mth_constant *mth_connection_constant(const mth_connection *connection) {
  return mth_net_of(connection)->constant;
}

mth_status mth_connection_dim(mth_connection *connection, int64_t axis, const mth_dim **out_dim) {
  char where[256];
  if (!connection) return MTH_INVALID;
  const mth_location at = mth_connection_at(connection, where, sizeof where);
  if (!mth_net_of(connection)->is_tensor)
    return mth_fail(MTH_INVALID, at, "it is an argument and has no dims");
  const int32_t rank = mth_connection_rank(connection);
  if (rank < 0) return mth_fail(MTH_INVALID, at, "its rank is not known yet");
  if (axis < -rank || axis >= rank)
    return mth_fail(MTH_INVALID, at, "axis %lld is outside rank %d", (long long)axis, (int)rank);
  return mth_net_dim(connection, (int32_t)(axis < 0 ? axis + rank : axis), out_dim);
}

static mth_status unpack(mth_connection *connection, size_t rank, const mth_dim **dims) {
  mth_context *context = connection->model->context;
  mth_extent *extents = mth_allocate(context->allocator, rank, sizeof *extents);
  if (!extents) return MTH_NO_MEMORY;
  for (size_t i = 0; i < rank; i++)
    extents[i] = MTH_ANY;
  const mth_shape shape = {rank, extents};
  mth_status status = mth_net_restrict_shapes(1, &connection, &shape);
  mth_release(context->allocator, extents);
  for (size_t i = 0; i < rank && status == MTH_OK; i++)
    status = mth_net_dim(connection, (int32_t)i, &dims[i]);
  return status;
}

mth_status mth_connection_unpack(mth_connection *connection, size_t rank,
                                 const mth_dim **out_dims) {
  char where[256];
  if (!connection) return MTH_INVALID;
  if (rank > mth_rank_max)
    return mth_fail(MTH_INVALID, mth_connection_at(connection, where, sizeof where),
                    "a tensor has rank %d or less, wanted %zu", (int)mth_rank_max, rank);
  const mth_dim *dims[mth_rank_max];
  const mth_change change = mth_change_begin(connection->model->context);
  const mth_status status = mth_change_end(change, unpack(connection, rank, dims));
  if (status == MTH_OK && rank) memcpy(out_dims, dims, rank * sizeof *dims);
  return status;
}
