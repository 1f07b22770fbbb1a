// convert.c: values that go where tensors are wanted.
//
// The conversion is a child like any other.
#include "ir/graph.h"
#include "ir/model_core.h"

static const char conversion[] = "ToTensor";

// A conversion of this value that leads to a connection of its own, or NULL.
static mth_connection *find_tensor(const mth_connection *value, const mth_op *op) {
  for (const mth_connection *use = value->first_use; use; use = use->next_use) {
    if (use->model->op != op) continue;
    mth_connection *tensor = use->model->op_keys[0]->outer;
    if (tensor && !tensor->name) return tensor;
  }
  return NULL;
}

mth_status mth_convert(mth_model *model, mth_connection *value, mth_connection *into,
                       mth_connection **out_tensor) {
  const mth_op *op = mth_registry_find_model(model->context->registry, conversion);
  mth_connection *tensor = into ? NULL : find_tensor(value, op);
  if (tensor) {
    *out_tensor = tensor;
    return MTH_OK;
  }
  mth_model *made = NULL;
  const mth_wire wires[] = {MTH_WIRE_TO("input", value), MTH_WIRE_TO("output", into)};
  MTH_TRY(mth_model_add_op(model, conversion, NULL, 0, NULL, wires, into ? 2 : 1, &made));
  *out_tensor = made->op_keys[0]->outer;
  return MTH_OK;
}

bool mth_converts(const mth_connection *key, const mth_arg *value) {
  return mth_net_of(key)->is_tensor &&
         (value->kind == MTH_ARG_DIM || value->kind == MTH_ARG_DIMS ||
          value->kind == MTH_ARG_INTS || value->kind == MTH_ARG_TUPLE);
}

mth_status mth_convert_value(mth_model *model, const mth_arg *value, mth_connection **out_tensor) {
  mth_model *made = NULL;
  const mth_wire input = {.key = "input", .kind = MTH_WIRE_VALUE, .value = *value};
  MTH_TRY(mth_model_add_op(model, conversion, NULL, 0, NULL, &input, 1, &made));
  *out_tensor = made->op_keys[0]->outer;
  return MTH_OK;
}
