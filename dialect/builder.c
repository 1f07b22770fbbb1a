// builder.c: writing mithril ops by their registry names.
#include "dialect/builder.h"

#include "dialect/arg.h"
#include "dialect/fail.h"
#include "dialect/make.h"
#include "dialect/type.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <assert.h>
#include <string.h>

static mth_status read_types(mth_ir_builder *builder, size_t count, const mth_value *values,
                             mth_type *out_types) {
  for (size_t i = 0; i < count; ++i)
    MTH_TRY(mth_type_from_ir(builder->base.dims, builder->arena, builder->loc,
                             mlirValueGetType(mth_value_to_ir(values[i])), &out_types[i]));
  return MTH_OK;
}

// All arguments of `op` in its order: those given, else the defaults.
static mth_status fill_args(mth_ir_builder *builder, const mth_op *op, size_t arg_count,
                            const mth_arg *args, size_t *out_count, mth_arg **out_args) {
  mth_arg *filled = MTH_NEW_ARRAY(builder->arena, mth_arg, op->input_count);
  if (!filled) return MTH_NO_MEMORY;
  size_t count = 0;
  for (size_t i = 0; i < op->input_count; ++i) {
    const mth_op_key *key = &op->inputs[i];
    if (key->kind != MTH_KEY_ARG) continue;
    const mth_arg *given = NULL;
    for (size_t j = 0; j < arg_count; ++j)
      if (strcmp(args[j].key, key->name) == 0) given = &args[j];
    if (!given && key->required)
      return mth_fail(MTH_INTERNAL, builder->base.at, "'%s' is built without its argument '%s'",
                      op->name, key->name);
    filled[count] = given ? *given : key->value;
    filled[count++].key = key->name;
  }
  *out_count = count;
  *out_args = filled;
  return MTH_OK;
}

static void insert(mth_ir_builder *builder, MlirOperation made) {
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(builder->before), builder->before,
                                      made);
}

static mth_status create(mth_ir_builder *builder, const mth_op *op, size_t operand_count,
                         const mth_value *operands, size_t arg_count, const mth_arg *args,
                         const mth_type *types, mth_value *out_results) {
  mth_arena *arena = builder->arena;
  MlirContext context = builder->context;
  const bool builtin = mth_registry_is_builtin(mth_registry_of(context), op);
  const char *name = mth_arena_format(arena, "mithril.%s", builtin ? op->name : "custom");
  MlirValue *inputs = MTH_NEW_ARRAY(arena, MlirValue, operand_count);
  MlirType *results = MTH_NEW_ARRAY(arena, MlirType, op->output_count);
  MlirNamedAttribute *attributes = MTH_NEW_ARRAY(arena, MlirNamedAttribute, arg_count + 1);
  if (!name || !inputs || !results || !attributes) return MTH_NO_MEMORY;
  for (size_t i = 0; i < operand_count; ++i)
    inputs[i] = mth_value_to_ir(operands[i]);
  for (size_t i = 0; i < op->output_count; ++i) {
    results[i] = mth_type_to_ir(context, builder->base.dims, &types[i]);
    if (mlirTypeIsNull(results[i])) return MTH_NO_MEMORY;
  }
  size_t attribute_count = 0;
  if (!builtin)
    attributes[attribute_count++] = mth_named(context, "name", mth_text_attr(context, op->name));
  for (size_t i = 0; i < arg_count; ++i) {
    const MlirAttribute value = mth_arg_to_ir(context, builder->base.dims, &args[i]);
    if (!mlirAttributeIsNull(value))
      attributes[attribute_count++] = mth_named(context, args[i].key, value);
  }
  MlirOperation made = mth_make_op(&(mth_op_spec){.name = name,
                                                  .loc = builder->loc,
                                                  .operand_count = (intptr_t)operand_count,
                                                  .operands = inputs,
                                                  .result_count = (intptr_t)op->output_count,
                                                  .results = results,
                                                  .attribute_count = (intptr_t)attribute_count,
                                                  .attributes = attributes});
  if (mlirOperationIsNull(made)) return MTH_INTERNAL;
  insert(builder, made);
  for (size_t i = 0; i < op->output_count; ++i)
    out_results[i] = mth_value_from_ir(mlirOperationGetResult(made, (intptr_t)i));
  return MTH_OK;
}

static mth_status build_op(mth_builder *base, const char *name, size_t operand_count,
                           const mth_value *operands, size_t arg_count, const mth_arg *args,
                           size_t result_count, mth_value *out_results) {
  mth_ir_builder *builder = mth_ir_builder_of(base);
  const mth_registry *registry = mth_registry_of(builder->context);
  const mth_op *op = mth_registry_find(registry, name);
  if (!op) return mth_fail(MTH_INVALID, base->at, "there is no op '%s'", name);
  if (result_count != op->output_count)
    return mth_fail(MTH_INVALID, base->at, "'%s' has %zu results, wanted are %zu", name,
                    op->output_count, result_count);
  size_t filled_count;
  mth_arg *filled;
  MTH_TRY(fill_args(builder, op, arg_count, args, &filled_count, &filled));
  mth_type *types = MTH_NEW_ARRAY(builder->arena, mth_type, operand_count + op->output_count);
  if (!types) return MTH_NO_MEMORY;
  MTH_TRY(read_types(builder, operand_count, operands, types));
  MTH_TRY(mth_infer_results(registry, op, base->dims, operand_count, types, filled_count, filled,
                            base->at, types + operand_count));
  return create(builder, op, operand_count, operands, filled_count, filled, types + operand_count,
                out_results);
}

MlirValue mth_ir_build_splat(mth_ir_builder *builder, MlirType type, double value) {
  MlirType element = mlirShapedTypeGetElementType(type);
  MlirAttribute one = mlirTypeIsAFloat(element)
                          ? mlirFloatAttrDoubleGet(builder->context, element, value)
                          : mlirIntegerAttrGet(element, (int64_t)value);
  MlirAttribute elements = mlirDenseElementsAttrSplatGet(type, one);
  const MlirNamedAttribute named = mth_named(builder->context, "value", elements);
  MlirOperation made = mth_make_op(&(mth_op_spec){.name = "mithril.constant",
                                                  .loc = builder->loc,
                                                  .result_count = 1,
                                                  .results = &type,
                                                  .attribute_count = 1,
                                                  .attributes = &named});
  insert(builder, made);
  return mlirOperationGetResult(made, 0);
}

static mth_status build_constant(mth_builder *base, mth_dtype dtype, double value,
                                 mth_value *out_result) {
  mth_ir_builder *builder = mth_ir_builder_of(base);
  const mth_type scalar = {dtype, 0, NULL};
  MlirType type = mth_type_to_ir(builder->context, base->dims, &scalar);
  if (mlirTypeIsNull(type)) return MTH_NO_MEMORY;
  *out_result = mth_value_from_ir(mth_ir_build_splat(builder, type, value));
  return MTH_OK;
}

static const mth_type *type_of(mth_builder *base, mth_value value) {
  mth_ir_builder *builder = mth_ir_builder_of(base);
  mth_type *type = MTH_NEW(builder->arena, mth_type);
  if (!type || read_types(builder, 1, &value, type) != MTH_OK) return NULL;
  return type;
}

void mth_ir_builder_init(mth_ir_builder *builder, MlirContext context, mth_dim_table *dims,
                         mth_arena *arena) {
  static const mth_builder_vtable vtable = {build_op, build_constant, type_of};
  *builder = (mth_ir_builder){.base = {.vtable = &vtable, .dims = dims},
                              .context = context,
                              .loc = mlirLocationUnknownGet(context),
                              .arena = arena};
  builder->sink = mth_ir_sink(&builder->loc);
  builder->base.at.sink = &builder->sink;
}

void mth_ir_builder_set_before(mth_ir_builder *builder, MlirOperation op) {
  builder->before = op;
  builder->loc = mlirOperationGetLocation(op);
}
