// pairwise.c: formulas that kernels and distances share.
#include "ir/models/pairwise.h"

mth_connection *mth_sketch_pairwise(mth_sketch *sketch, mth_connection *x, mth_connection *y) {
  mth_dim_table *dims = mth_context_dims(sketch->context);
  const mth_dim *const one = mth_dim_constant(dims, 1);
  mth_sketch_shape(sketch, x, MTH_SHAPE(MTH_ANY, MTH_ANY));
  const mth_dim *const n = mth_sketch_dim(sketch, x, 0), *const d = mth_sketch_dim(sketch, x, 1);
  mth_sketch_shape(sketch, y, MTH_SHAPE(MTH_ANY, MTH_OF(d)));
  const mth_dim *const m = mth_sketch_dim(sketch, y, 0);
  mth_connection *const rows = mth_sketch_reshape(sketch, x, 3, (const mth_dim *[]){n, one, d});
  mth_connection *const columns = mth_sketch_reshape(sketch, y, 3, (const mth_dim *[]){one, m, d});
  return mth_sketch_binary(sketch, "subtract", rows, columns);
}

mth_connection *mth_sketch_with_number(mth_sketch *sketch, const char *op, const char *key,
                                       mth_connection *x, const char *number_key, double value) {
  const mth_constant number = {.dtype = MTH_F64, .data = &value};
  const mth_wire wires[] = {MTH_WIRE_TO(key, x), MTH_WIRE_T(number_key, &number)};
  mth_model *child = NULL;
  if (sketch->status != MTH_OK) return NULL;
  sketch->status = mth_model_create_op(sketch->context, op, NULL, 0, &child);
  if (sketch->status != MTH_OK) return NULL;
  child = mth_sketch_child(sketch, child, NULL, wires, 2);
  return child ? mth_sketch_key(sketch, child, "output") : NULL;
}
