// mlir_writer_args.c: what the solver knows of an op's arguments, as attributes.
#include "frontend/mlir_writer_args.h"

#include "frontend/mlir_writer_text.h"
#include "ir/model_core.h"

#include <string.h>

// The kind that the op takes; its net may be of a narrower one.
static mth_arg_kind kind_of(const mth_op *op, const mth_connection *key) {
  for (size_t i = 0; i < op->input_count; i++)
    if (strcmp(op->inputs[i].name, key->key) == 0) return op->inputs[i].arg_kind;
  return mth_net_of(key)->arg_kind;
}

// The value in the form that the op takes, or NULL.
static mth_status read_value(const mth_mlir_writer *writer, const mth_connection *key,
                             mth_arg_kind kind, const mth_arg **out_value) {
  const mth_arg *value = mth_connection_value(key);
  *out_value = value;
  if (value && value->kind == MTH_ARG_FLOAT && value->named) {
    mth_arg *number = MTH_NEW(writer->arena, mth_arg);
    if (!number) return MTH_NO_MEMORY;
    *number = MTH_ARG_F(value->key, mth_named_number_value(value->named, writer->float_dtype));
    *out_value = number;
    return MTH_OK;
  }
  if (!value || value->kind != MTH_ARG_INTS || kind != MTH_ARG_DIMS) return MTH_OK;
  mth_arg *made = MTH_NEW(writer->arena, mth_arg);
  const mth_dim **dims = MTH_NEW_ARRAY(writer->arena, const mth_dim *, value->count);
  if (!made || !dims) return MTH_NO_MEMORY;
  for (size_t i = 0; i < value->count; i++)
    if (!(dims[i] = mth_dim_constant(mth_context_dims(writer->context), value->ints[i])))
      return MTH_NO_MEMORY;
  *made = MTH_ARG_DS(value->key, value->count, dims);
  *out_value = made;
  return MTH_OK;
}

// Does the program have a value for this dim? Of DIMS it may be a symbol, elsewhere it is a number.
static bool is_writable_dim(const mth_mlir_writer *writer, mth_arg_kind kind, const mth_dim *dim) {
  return kind == MTH_ARG_DIMS ? mth_mlir_is_decided(writer, dim) : mth_dim_is_constant(dim, NULL);
}

// The first dim of a value that the program has no value for, or NULL.
static const mth_dim *find_open(const mth_mlir_writer *writer, mth_arg_kind kind,
                                const mth_arg *value) {
  if (value->kind == MTH_ARG_DIM) return value->dim;
  for (size_t i = 0; value->kind == MTH_ARG_DIMS && i < value->count; i++)
    if (!is_writable_dim(writer, kind, value->dims[i])) return value->dims[i];
  return NULL;
}

static mth_status refuse(const mth_mlir_writer *writer, const mth_connection *key,
                         const mth_dim *open) {
  char where[256];
  const mth_location at = mth_connection_at(key, where, sizeof where);
  if (!open || (mth_dim_is_symbol(open) && mth_dim_name(open)[0] == '?'))
    return mth_fail(MTH_INVALID, at, "its value is not known; give it, or shapes of the inputs");
  return mth_fail(MTH_INVALID, at, "it must be a number when the program is written, it is %s",
                  mth_dim_text(mth_context_dims(writer->context), open));
}

mth_status mth_mlir_add_arguments(mth_mlir_writer *writer, const mth_model *model) {
  mth_text *text = writer->text;
  const char *separator = " {";
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *key = model->connections.items[i];
    if (mth_net_of(key)->is_tensor || mth_net_of(key)->is_list) continue;
    const mth_arg_kind kind = kind_of(model->op, key);
    const mth_arg *value;
    MTH_TRY(read_value(writer, key, kind, &value));
    const mth_dim *open = value ? find_open(writer, kind, value) : NULL;
    if (!value || open) {
      if (!writer->outline) return refuse(writer, key, open);
      writer->outline->is_late = true;
      continue;
    }
    if (value->kind == MTH_ARG_NONE) continue;
    mth_text_add(text, "%s%s = ", separator, key->key);
    mth_mlir_arg(text, mth_context_dims(writer->context), value);
    separator = ", ";
  }
  if (separator[0] == ',') mth_text_add(text, "}");
  return MTH_OK;
}
