// site.c: from operations to the registry's ops.
#include "dialect/site.h"

#include "dialect/arg.h"
#include "dialect/capi.h"
#include "dialect/fail.h"
#include "dialect/match.h"

#include "mlir-c/BuiltinAttributes.h"

#include <assert.h>
#include <string.h>

static const char prefix[] = "mithril.";
enum { prefix_bytes = sizeof prefix - 1, name_bytes_max = 128 };

const mth_registry *mth_registry_of(MlirContext context) {
  const mth_registry *registry = mth_dialect_get_registry(context);
  assert(registry && "the compilation sets the registry before it makes ops");
  return registry;
}

static const mth_op *find(MlirContext context, const char *data, size_t bytes) {
  char name[name_bytes_max];
  if (bytes >= sizeof name) return NULL;
  memcpy(name, data, bytes);
  name[bytes] = 0;
  const mth_op *op = mth_registry_find(mth_registry_of(context), name);
  return op && strcmp(op->name, name) == 0 ? op : NULL; // a model's name is no mnemonic
}

const mth_op *mth_op_of(MlirOperation op) {
  MlirContext context = mlirOperationGetContext(op);
  if (mth_op_is_named(op, "mithril.custom")) {
    const MlirAttribute name = mth_op_attribute(op, "name");
    if (mlirAttributeIsNull(name) || !mlirAttributeIsAString(name)) return NULL;
    const MlirStringRef text = mlirStringAttrGetValue(name);
    return find(context, text.data, text.length);
  }
  const MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  if (name.length <= prefix_bytes || memcmp(name.data, prefix, prefix_bytes) != 0) return NULL;
  const mth_op *found = find(context, name.data + prefix_bytes, name.length - prefix_bytes);
  return found && mth_registry_is_builtin(mth_registry_of(context), found) ? found : NULL;
}

// How many operands `op` takes: at least the return value, exactly so unless *out_variadic.
static size_t operand_count_of(const mth_op *op, bool *out_variadic) {
  size_t count = 0;
  *out_variadic = false;
  for (size_t i = 0; i < op->input_count; ++i) {
    count += op->inputs[i].kind == MTH_KEY_TENSOR;
    *out_variadic = *out_variadic || op->inputs[i].kind == MTH_KEY_TENSORS;
  }
  return count;
}

static mth_status check_counts(MlirOperation ir, const mth_op *op) {
  MlirLocation loc = mlirOperationGetLocation(ir);
  bool variadic;
  const size_t wanted = operand_count_of(op, &variadic);
  const size_t found = (size_t)mlirOperationGetNumOperands(ir);
  if (variadic ? found < wanted : found != wanted)
    return mth_fail_ir(MTH_INVALID, loc, "'%s' wants %s%zu operands, found %zu", op->name,
                       variadic ? "at least " : "", wanted, found);
  const size_t results = (size_t)mlirOperationGetNumResults(ir);
  if (results != op->output_count)
    return mth_fail_ir(MTH_INVALID, loc, "'%s' has %zu results, found %zu", op->name,
                       op->output_count, results);
  return MTH_OK;
}

mth_status mth_site_of(MlirOperation ir, mth_dim_table *dims, mth_arena *arena,
                       mth_op_site *out_site) {
  const mth_op *op = mth_op_of(ir);
  assert(op && "the registry has the op");
  MTH_TRY(check_counts(ir, op));
  const size_t operand_count = (size_t)mlirOperationGetNumOperands(ir);
  mth_value *operands = MTH_NEW_ARRAY(arena, mth_value, operand_count);
  mth_value *results = MTH_NEW_ARRAY(arena, mth_value, op->output_count);
  mth_arg *args = MTH_NEW_ARRAY(arena, mth_arg, op->input_count);
  if (!operands || !results || !args) return MTH_NO_MEMORY;
  for (size_t i = 0; i < operand_count; ++i)
    operands[i] = mth_value_from_ir(mlirOperationGetOperand(ir, (intptr_t)i));
  for (size_t i = 0; i < op->output_count; ++i)
    results[i] = mth_value_from_ir(mlirOperationGetResult(ir, (intptr_t)i));
  size_t arg_count = 0;
  for (size_t i = 0; i < op->input_count; ++i) {
    const mth_op_key *key = &op->inputs[i];
    if (key->kind != MTH_KEY_ARG) continue;
    MTH_TRY(mth_arg_from_ir(dims, arena, mlirOperationGetLocation(ir), key,
                            mth_op_attribute(ir, key->name), &args[arg_count++]));
  }
  *out_site =
      (mth_op_site){op, operand_count, op->output_count, arg_count, operands, results, args};
  return MTH_OK;
}
