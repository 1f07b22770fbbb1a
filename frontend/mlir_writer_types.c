// mlir_writer_types.c: asking for the element types of one op.
#include "frontend/mlir_writer_types.h"

#include "ir/model_core.h"
#include "ir/program_dtypes.h"

#include <string.h>

static const mth_arg *find_value(const mth_model *model, const char *name) {
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *key = model->connections.items[i];
    if (strcmp(key->key, name) == 0) return mth_connection_value(key);
  }
  return NULL;
}

mth_status mth_mlir_find_types(mth_mlir_writer *writer, const mth_model *model,
                               mth_type *out_types) {
  const mth_op *op = model->op;
  const size_t operand_count = model->operand_count, count = operand_count + model->result_count;
  mth_dtype *dtypes = MTH_NEW_ARRAY(writer->arena, mth_dtype, 2 * count), *computed;
  const mth_arg **args = MTH_NEW_ARRAY(writer->arena, const mth_arg *, op->input_count);
  if (!dtypes || !args) return MTH_NO_MEMORY;
  computed = dtypes + count;
  bool is_known = true;
  for (size_t i = 0; i < count; i++) {
    MTH_TRY(mth_mlir_type_of(writer, model->op_keys[i], &out_types[i]));
    dtypes[i] = out_types[i].dtype;
    is_known &= dtypes[i] != MTH_DTYPE_NONE;
  }
  for (size_t i = 0, arg = 0; i < op->input_count; i++)
    if (op->inputs[i].kind == MTH_KEY_ARG) args[arg++] = find_value(model, op->inputs[i].name);
  const mth_dtype_site site = {op, operand_count, dtypes, dtypes + operand_count, args};
  if (!is_known) return MTH_OK;
  MTH_TRY(mth_program_dtypes(writer->context->registry, mth_context_dims(writer->context), &site,
                             computed, computed + operand_count));
  for (size_t i = 0; i < count; i++)
    out_types[i].dtype = computed[i];
  return MTH_OK;
}

// ---- bools and ints -----------------------------------------------------------------------------

static const mth_family bits = (mth_family)(MTH_FAMILY_BOOL | MTH_FAMILY_INT);

static bool is_open(const mth_connection *key) {
  return mth_net_of(key)->is_tensor && mth_connection_families(key) == bits;
}

// With `of_bits` an op on bits whose result is open alone.
static mth_status decide_op(mth_mlir_writer *writer, const mth_model *model, bool of_bits) {
  const mth_connection *result = model->op_keys[model->operand_count];
  char where[256];
  if (of_bits && !(model->op->outputs[0].families == bits && is_open(result))) return MTH_OK;
  for (size_t i = 0; i < model->operand_count; i++) {
    const mth_connection *key = model->op_keys[i];
    if (!is_open(key)) continue;
    MTH_TRY(mth_solver_state_families(writer->context->solver, mth_net_of(key)->var,
                                      of_bits ? MTH_FAMILY_BOOL : MTH_FAMILY_INT,
                                      mth_connection_at(key, where, sizeof where)));
  }
  return MTH_OK;
}

static mth_status decide_all(mth_mlir_writer *writer, const mth_model *model, size_t epoch,
                             bool of_bits) {
  if (model->epoch != epoch || model->is_list_open) return MTH_OK;
  if (model->op) return model->result_count ? decide_op(writer, model, of_bits) : MTH_OK;
  for (size_t i = 0; i < model->children.count; i++)
    MTH_TRY(decide_all(writer, model->children.items[i], epoch, of_bits));
  return MTH_OK;
}

mth_status mth_mlir_decide_bits(mth_mlir_writer *writer, const mth_model *model, size_t epoch) {
  MTH_TRY(decide_all(writer, model, epoch, true));
  return decide_all(writer, model, epoch, false);
}
