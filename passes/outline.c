// outline.c: copying a group into a kernel.
#include "passes/outline.h"

#include "dialect/arg.h"
#include "dialect/make.h"
#include "dialect/match.h"
#include "dialect/type.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <string.h>

typedef struct rename {
  const mth_dim *from, *to;
} rename;

typedef struct outliner {
  const mth_kernel_body *entry;
  MlirContext context;
  MlirBlock block;
  mth_outline_room *room;
  size_t operand_count;
  rename *renames;
  size_t rename_count, rename_capacity;
  bool failed; // a rename ran out of memory
} outliner;

//===--- symbols ---===//

static const mth_dim *rename_symbol(void *user, const mth_dim *symbol) {
  outliner *o = user;
  for (size_t i = 0; i < o->rename_count; ++i)
    if (o->renames[i].from == symbol) return o->renames[i].to;
  if (o->rename_count == o->rename_capacity) {
    const size_t capacity = 2 * o->rename_capacity + 8;
    rename *grown = MTH_NEW_ARRAY(o->entry->arena, rename, capacity);
    if (!grown) return NULL;
    if (o->rename_count) memcpy(grown, o->renames, o->rename_count * sizeof *grown);
    o->renames = grown;
    o->rename_capacity = capacity;
  }
  const char *name = mth_arena_format(o->entry->arena, "d%zu", o->rename_count);
  const mth_dim *made = name ? mth_dim_symbol(o->entry->dims, name) : NULL;
  if (made) o->renames[o->rename_count++] = (rename){symbol, made};
  return made;
}

static const mth_dim *renamed(outliner *o, const mth_dim *dim) {
  const mth_dim *made = mth_dim_substitute(o->entry->dims, dim, rename_symbol, o);
  o->failed = o->failed || !made;
  return made;
}

static MlirType renamed_type(outliner *o, const mth_type *type) {
  const mth_dim *dims[mth_axes_max];
  for (int32_t i = 0; i < type->rank; ++i)
    dims[i] = renamed(o, type->dims[i]);
  if (o->failed) return (MlirType){NULL};
  const mth_type made = {type->dtype, type->rank, dims};
  return mth_type_to_ir(o->context, o->entry->dims, &made);
}

static mth_status rename_arguments(outliner *o, MlirOperation op, const mth_op_site *site) {
  for (size_t i = 0; i < site->arg_count; ++i) {
    const mth_arg *arg = &site->args[i];
    if (arg->kind != MTH_ARG_DIMS) continue;
    const mth_dim **dims = MTH_NEW_ARRAY(o->entry->arena, const mth_dim *, arg->count);
    if (!dims) return MTH_NO_MEMORY;
    for (size_t d = 0; d < arg->count; ++d)
      dims[d] = renamed(o, arg->dims[d]);
    if (o->failed) return MTH_NO_MEMORY;
    mth_arg made = *arg;
    made.dims = dims;
    const MlirAttribute attribute = mth_arg_to_ir(o->context, o->entry->dims, &made);
    if (mlirAttributeIsNull(attribute)) return MTH_NO_MEMORY;
    mlirOperationSetAttributeByName(op, mth_str(arg->key), attribute);
  }
  return MTH_OK;
}

//===--- ops ---===//

static void set_copy(outliner *o, size_t node, MlirValue value) {
  if (mlirValueIsNull(o->room->copies[node])) o->room->copied[o->room->copied_count++] = node;
  o->room->copies[node] = value;
}

static mth_status add_operand(outliner *o, size_t node) {
  const MlirType type = renamed_type(o, &o->entry->nodes[node].type);
  if (mlirTypeIsNull(type)) return MTH_NO_MEMORY;
  const MlirLocation loc = mlirOperationGetLocation(o->entry->function);
  o->room->operands[o->operand_count++] = node;
  set_copy(o, node, mlirBlockAddArgument(o->block, type, loc));
  return MTH_OK;
}

static bool is_splat(const mth_kernel_node *node) {
  if (!node->is_constant) return false;
  const MlirAttribute value = mth_op_attribute(node->op, "value");
  return mlirAttributeIsADenseElements(value) && mlirDenseElementsAttrIsSplat(value);
}

static mth_status copy(outliner *o, size_t node);

// The copy of an operand: of its own op, of a view, of a constant, or a new argument.
static mth_status need(outliner *o, size_t node, bool as_tensor) {
  const mth_kernel_node *at = &o->entry->nodes[node];
  const MlirValue made = o->room->copies[node];
  const bool own = o->room->own[node];
  // The copy of a view or of a constant is no tensor: one is still needed after those that look
  // through it.
  if (!mlirValueIsNull(made) && (!as_tensor || own || mlirValueIsABlockArgument(made)))
    return MTH_OK;
  if (own) return copy(o, node);
  if (!as_tensor && (is_splat(at) || (mth_node_is_view(at) && mth_kernel_shows(o->entry, node))))
    return copy(o, node);
  return add_operand(o, node);
}

static mth_status copy(outliner *o, size_t node) {
  const mth_kernel_node *at = &o->entry->nodes[node];
  const intptr_t count = mlirOperationGetNumOperands(at->op);
  for (intptr_t i = 0; i < count; ++i)
    MTH_TRY(need(o, mth_kernel_body_node(o->entry, mlirOperationGetOperand(at->op, i)),
                 mth_node_takes_tensor(o->entry, node, (size_t)i)));
  const MlirOperation made = mlirOperationClone(at->op);
  mlirBlockAppendOwnedOperation(o->block, made);
  for (intptr_t i = 0; i < count; ++i)
    mlirOperationSetOperand(
        made, i,
        o->room->copies[mth_kernel_body_node(o->entry, mlirOperationGetOperand(at->op, i))]);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(made); ++i) {
    const size_t result = mth_kernel_body_node(o->entry, mlirOperationGetResult(at->op, i));
    const MlirType type = renamed_type(o, &o->entry->nodes[result].type);
    if (mlirTypeIsNull(type)) return MTH_NO_MEMORY;
    set_copy(o, result, mlirOperationGetResult(made, i));
    mlirValueSetType(o->room->copies[result], type);
  }
  return at->core.lowering ? rename_arguments(o, made, at->core.site) : MTH_OK;
}

//===--- the kernel ---===//

// The names of its first ops and of its last, without repetition.
static const char *name_of(const outliner *o, const mth_kernel_group *group) {
  enum { named_ops = 4 };
  if (group->node_count == 0) return "copy";
  const char *name = "", *last = "";
  size_t named = 0;
  for (size_t i = 0; name && i < group->node_count; ++i) {
    if (named + 1 == named_ops && i + 1 < group->node_count) continue;
    const mth_op *op = mth_op_of(o->entry->nodes[group->nodes[i]].op);
    if (strcmp(op->name, last) == 0) continue;
    name = mth_arena_format(o->entry->arena, "%s%s%s", name, named ? "_" : "", op->name);
    last = op->name;
    ++named;
  }
  return name;
}

static mth_status close(outliner *o, const mth_kernel_group *group, mth_outlined *out) {
  mth_arena *arena = o->entry->arena;
  const MlirContext context = o->context;
  const intptr_t inputs = (intptr_t)o->operand_count, outputs = (intptr_t)group->result_count;
  MlirValue *values = MTH_NEW_ARRAY(arena, MlirValue, group->result_count);
  MlirType *types = MTH_NEW_ARRAY(arena, MlirType, o->operand_count + group->result_count);
  MlirAttribute *names = MTH_NEW_ARRAY(arena, MlirAttribute, o->rename_count);
  MlirAttribute *dims = MTH_NEW_ARRAY(arena, MlirAttribute, o->rename_count);
  size_t *operands = MTH_NEW_ARRAY(arena, size_t, o->operand_count);
  if (!values || !types || !names || !dims || !operands) return MTH_NO_MEMORY;
  if (o->operand_count) memcpy(operands, o->room->operands, o->operand_count * sizeof *operands);
  for (intptr_t i = 0; i < inputs; ++i)
    types[i] = mlirValueGetType(mlirBlockGetArgument(o->block, i));
  for (intptr_t i = 0; i < outputs; ++i) {
    values[i] = o->room->copies[group->results[i]];
    types[inputs + i] = mlirValueGetType(values[i]);
  }
  const MlirLocation loc = mlirOperationGetLocation(o->entry->function);
  mth_append_op(o->block, &(mth_op_spec){.name = "mithril.return",
                                         .loc = loc,
                                         .operand_count = outputs,
                                         .operands = values});
  for (size_t i = 0; i < o->rename_count; ++i) {
    const char *from = mth_dim_text(o->entry->dims, o->renames[i].from);
    const char *to = mth_dim_text(o->entry->dims, o->renames[i].to);
    if (!from || !to) return MTH_NO_MEMORY;
    names[i] = mth_text_attr(context, to);
    dims[i] = mth_text_attr(context, from);
  }
  const intptr_t symbols = (intptr_t)o->rename_count;
  out->dims = mlirArrayAttrGet(context, symbols, dims);
  const MlirNamedAttribute attributes[] = {
      mth_named(context, "sym_name", mth_text_attr(context, "kernel")),
      mth_named(
          context, "function_type",
          mlirTypeAttrGet(mlirFunctionTypeGet(context, inputs, types, outputs, types + inputs))),
      mth_named(context, "symbols", mlirArrayAttrGet(context, symbols, names))};
  const MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, o->block);
  out->kernel = mth_make_op(&(mth_op_spec){.name = "mithril.kernel",
                                           .loc = loc,
                                           .attribute_count = symbols ? 3 : 2,
                                           .attributes = attributes,
                                           .region_count = 1,
                                           .regions = &region});
  out->operands = operands;
  out->operand_count = o->operand_count;
  out->name = name_of(o, group);
  return out->name ? MTH_OK : MTH_NO_MEMORY;
}

static mth_status copy_group(outliner *o, const mth_kernel_group *group) {
  for (size_t i = 0; i < group->node_count; ++i)
    o->room->own[group->nodes[i]] = true;
  for (size_t i = 0; i < group->node_count; ++i) {
    if (!mlirValueIsNull(o->room->copies[group->nodes[i]])) continue; // an opaque op's other result
    MTH_TRY(copy(o, group->nodes[i]));
  }
  for (size_t i = 0; i < group->result_count; ++i)
    if (mlirValueIsNull(o->room->copies[group->results[i]])) MTH_TRY(copy(o, group->results[i]));
  return MTH_OK;
}

mth_status mth_outline_room_make(const mth_kernel_body *entry, mth_outline_room *out_room) {
  const size_t count = entry->node_count;
  *out_room = (mth_outline_room){.copies = MTH_NEW_ARRAY(entry->arena, MlirValue, count),
                                 .own = MTH_NEW_ARRAY(entry->arena, bool, count),
                                 .operands = MTH_NEW_ARRAY(entry->arena, size_t, count),
                                 .copied = MTH_NEW_ARRAY(entry->arena, size_t, count)};
  return out_room->copies && out_room->own && out_room->operands && out_room->copied
             ? MTH_OK
             : MTH_NO_MEMORY;
}

static void clear(mth_outline_room *room, const mth_kernel_group *group) {
  for (size_t i = 0; i < room->copied_count; ++i)
    room->copies[room->copied[i]] = (MlirValue){NULL};
  room->copied_count = 0;
  for (size_t i = 0; i < group->node_count; ++i)
    room->own[group->nodes[i]] = false;
}

mth_status mth_outline(const mth_kernel_body *entry, const mth_kernel_group *group,
                       mth_outline_room *room, mth_outlined *out_outlined) {
  outliner o = {.entry = entry,
                .context = mlirOperationGetContext(entry->function),
                .block = mlirBlockCreate(0, NULL, NULL),
                .room = room};
  MTH_TRY(copy_group(&o, group));
  MTH_TRY(close(&o, group, out_outlined));
  clear(room, group);
  return MTH_OK;
}
