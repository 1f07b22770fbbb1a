// form_kernels: ops of entries  ==>  launches of pure kernels
//
// Why     What runs is a kernel: one loop nest with everything in it that shares its grid. Equal
//         kernels are one, so compile time grows with distinct kernels, not with layers.
// Needs   core ops with inferred types; contractions packed.
// Keeps   values bit for bit; ports; the order of results.
// Not     reshapes of tensors, constants and returns: they stay in the entry, where no byte moves.
// Test    test/passes/form_kernels.mlir
#include "dialect/make.h"
#include "dialect/match.h"
#include "passes/kernel_equality.h"
#include "passes/outline.h"
#include "passes/passes.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <string.h>

// Kernels of the module, to be shared.
typedef struct known_kernel {
  uint64_t hash;
  MlirOperation kernel;
  struct known_kernel *next;
} known_kernel;

typedef struct former {
  MlirOperation module;
  mth_arena *arena; // of the module
  known_kernel *kernels;
  size_t kernel_count;
} former;

// One entry on its way to launches.
typedef struct entry_former {
  former *all;
  const mth_kernel_body *entry;
  const mth_kernel_groups *groups;
  mth_outline_room room;
  MlirOperation before; // the entry's return
  MlirValue *made;      // by node: its tensor in the new entry
  bool *launched;       // by group
} entry_former;

// Gives the kernel a name of its own and a place in front of the entry.
static mth_status add_kernel(former *all, MlirOperation entry, mth_outlined *outlined) {
  const MlirContext context = mlirOperationGetContext(entry);
  const char *name;
  do {
    name = mth_arena_format(all->arena, "%s_%zu", outlined->name, all->kernel_count++);
    if (!name) return MTH_NO_MEMORY;
  } while (!mlirOperationIsNull(mth_find_symbol(all->module, mth_str(name))));
  mlirOperationSetAttributeByName(outlined->kernel, mth_str("sym_name"),
                                  mth_text_attr(context, name));
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(entry), entry, outlined->kernel);
  return MTH_OK;
}

// The kernel of the module that computes the same, which may be the given one; takes it.
static mth_status share(former *all, MlirOperation entry, mth_outlined *outlined) {
  const uint64_t hash = mth_kernel_hash(outlined->kernel);
  for (const known_kernel *known = all->kernels; known; known = known->next) {
    if (known->hash != hash || !mth_kernel_is_equal(known->kernel, outlined->kernel)) continue;
    mlirOperationDestroy(outlined->kernel);
    outlined->kernel = known->kernel;
    return MTH_OK;
  }
  MTH_TRY(add_kernel(all, entry, outlined));
  known_kernel *made = MTH_NEW(all->arena, known_kernel);
  if (!made) return MTH_NO_MEMORY;
  *made = (known_kernel){hash, outlined->kernel, all->kernels};
  all->kernels = made;
  return MTH_OK;
}

static void insert(const entry_former *f, MlirOperation op) {
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(f->before), f->before, op);
}

static mth_status tensor_of(entry_former *f, size_t node);

static mth_status launch(entry_former *f, size_t number) {
  const mth_kernel_group *group = &f->groups->groups[number];
  mth_arena *arena = f->entry->arena;
  mth_outlined outlined;
  if (f->launched[number]) return MTH_OK;
  f->launched[number] = true;
  MTH_TRY(mth_outline(f->entry, group, &f->room, &outlined));
  MlirValue *operands = MTH_NEW_ARRAY(arena, MlirValue, outlined.operand_count);
  MlirType *results = MTH_NEW_ARRAY(arena, MlirType, group->result_count);
  if (!operands || !results) return MTH_NO_MEMORY;
  for (size_t i = 0; i < outlined.operand_count; ++i) {
    MTH_TRY(tensor_of(f, outlined.operands[i]));
    operands[i] = f->made[outlined.operands[i]];
  }
  MTH_TRY(share(f->all, f->entry->function, &outlined));
  for (size_t i = 0; i < group->result_count; ++i)
    results[i] = mlirValueGetType(f->entry->nodes[group->results[i]].value);
  const MlirContext context = mlirOperationGetContext(f->entry->function);
  const size_t first = group->node_count ? group->nodes[0] : group->results[0];
  const MlirNamedAttribute attributes[] = {
      mth_named(context, "kernel",
                mlirFlatSymbolRefAttrGet(context, mth_op_symbol(outlined.kernel))),
      mth_named(context, "dims", outlined.dims)};
  const MlirOperation made =
      mth_make_op(&(mth_op_spec){.name = "mithril.launch",
                                 .loc = mlirOperationGetLocation(f->entry->nodes[first].op),
                                 .operand_count = (intptr_t)outlined.operand_count,
                                 .operands = operands,
                                 .result_count = (intptr_t)group->result_count,
                                 .results = results,
                                 .attribute_count = 2,
                                 .attributes = attributes});
  insert(f, made);
  for (size_t i = 0; i < group->result_count; ++i)
    f->made[group->results[i]] = mlirOperationGetResult(made, (intptr_t)i);
  return MTH_OK;
}

// Makes the tensor of a node in the new entry, and before it all that it needs.
static mth_status tensor_of(entry_former *f, size_t node) {
  const mth_kernel_node *at = &f->entry->nodes[node];
  if (!mlirValueIsNull(f->made[node])) return MTH_OK;
  if (mlirOperationIsNull(at->op)) {
    f->made[node] = at->value;
    return MTH_OK;
  }
  if (f->groups->producer[node] != SIZE_MAX) return launch(f, f->groups->producer[node]);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(at->op); ++i)
    MTH_TRY(tensor_of(f, mth_kernel_body_node(f->entry, mlirOperationGetOperand(at->op, i))));
  const MlirOperation made = mlirOperationClone(at->op); // a constant, or an alias
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(made); ++i)
    mlirOperationSetOperand(
        made, i, f->made[mth_kernel_body_node(f->entry, mlirOperationGetOperand(at->op, i))]);
  insert(f, made);
  f->made[node] = mlirOperationGetResult(made, 0);
  return MTH_OK;
}

static mth_status write_launches(entry_former *f) {
  for (size_t i = 0; i < f->entry->returned_count; ++i) {
    MTH_TRY(tensor_of(f, f->entry->returned[i]));
    mlirOperationSetOperand(f->before, (intptr_t)i, f->made[f->entry->returned[i]]);
  }
  return MTH_OK;
}

// Everything that stood in the entry before, last first, so that nothing removed has uses.
static void remove_old(const mth_kernel_body *entry) {
  for (size_t n = entry->node_count; n-- > entry->argument_count;)
    if (n == entry->argument_count ||
        !mlirOperationEqual(entry->nodes[n].op, entry->nodes[n - 1].op))
      mlirOperationDestroy(entry->nodes[n].op);
}

static mth_status form(former *all, MlirOperation function, mth_dim_table *dims, mth_arena *arena) {
  mth_kernel_body entry;
  mth_kernel_groups groups;
  MTH_TRY(mth_kernel_body_read(function, dims, arena, &entry));
  MTH_TRY(mth_kernel_groups_find(&entry, &groups));
  entry_former f = {.all = all,
                    .entry = &entry,
                    .groups = &groups,
                    .before = mlirBlockGetTerminator(mth_op_body(function)),
                    .made = MTH_NEW_ARRAY(arena, MlirValue, entry.node_count),
                    .launched = MTH_NEW_ARRAY(arena, bool, groups.count)};
  if (!f.made || !f.launched) return MTH_NO_MEMORY;
  MTH_TRY(mth_outline_room_make(&entry, &f.room));
  MTH_TRY(write_launches(&f));
  remove_old(&entry);
  return MTH_OK;
}

mth_status mth_pass_form_kernels(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  former all = {.module = module, .arena = &arena};
  mth_status status = MTH_OK;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module));
       status == MTH_OK && !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (!mth_op_is_named(op, "mithril.entry")) continue;
    mth_dim_table *dims;
    mth_arena own = MTH_ARENA_INIT(mth_default_allocator());
    status = mth_dim_table_create(mth_default_allocator(), &dims);
    if (status != MTH_OK) break;
    status = form(&all, op, dims, &own);
    mth_arena_reset(&own);
    mth_dim_table_destroy(dims);
  }
  mth_arena_reset(&arena);
  return status;
}
