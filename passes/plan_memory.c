// plan_memory: gives every tensor of an entry its place in memory.
//
//   a launch    mithril.places = [{offset = 128}, {offset = "256*T"}, {port = "y"}]
//               for each result: bytes from the begin of the workspace, or the port it is written
//               to
//   the entry   mithril.workspace = 4096 (or a text): bytes in all
//   the return  a value that does not live in its port is copied there at the end: first to the
//               MTH_OUT ports, then to the states. mithril.stages = [{offset = 64}, {}] names those
//               that are read from a state which another copy overwrites: they wait in the
//               workspace.
//
// Why     Peak memory is known before the run and nothing is allocated during it (design D7).
// Needs   entries of launches, constants and views; kernels as linalg on tensors, to prove that a
//         state may be written in place (kernel_overwrite.h).
// Keeps   the order of launches; every value. A state is written in place only if it is proven that
//         nobody reads its old value afterwards; else it is copied at the end.
// Not     the best packing of symbolic sizes: tensors share room only if their sizes are equal
//         expressions. Numbers are packed first-fit, largest first.
// Test    test/passes/plan_memory.mlir
#include "dialect/fail.h"
#include "dialect/make.h"
#include "dialect/match.h"
#include "dialect/type.h"
#include "passes/kernel_overwrite.h"
#include "passes/lifetimes.h"
#include "passes/memory_plan.h"
#include "passes/passes.h"

#include "mlir-c/BuiltinAttributes.h"

#include <stdlib.h>

enum { IN_WORKSPACE = -1 };

// A tensor made by a launch, or a stage. Times are launch numbers; the return's is launch_count.
typedef struct tensor {
  MlirValue value; // null for a stage
  int64_t made, last_read;
  int32_t port; // IN_WORKSPACE, or the port it is written to
  const mth_dim *bytes, *offset;
  int64_t static_bytes, static_offset; // if bytes is a number
} tensor;

typedef struct planner {
  MlirOperation module, entry, return_op;
  MlirContext context;
  mth_dim_table *dims;
  mth_arena *arena;
  mth_entry_interface interface;
  MlirOperation *launches;
  int64_t launch_count;
  int64_t *last_reads; // of the entry's arguments; -1: no launch reads it
  tensor *tensors;     // in the order in which they are made
  size_t tensor_count;
  mth_value_numbers numbers; // of tensors that launches make
  tensor **stage_of_result;  // NULL: no stage
  const mth_dim *workspace;
} planner;

static tensor *find_tensor(planner *p, MlirValue root) {
  const size_t number = mth_value_numbers_get(&p->numbers, root);
  return number == SIZE_MAX ? NULL : &p->tensors[number];
}

static mth_status add_tensor(planner *p, MlirValue value, MlirType type, MlirLocation loc,
                             int64_t time) {
  mth_type read;
  MTH_TRY(mth_type_from_ir(p->dims, p->arena, loc, type, &read));
  if (!mth_type_is_inferred(&read))
    return mth_fail_ir(MTH_INVALID, loc, "a tensor of an entry has a dim that is not known");
  const mth_dim *const bytes = mth_plan_bytes(p->dims, &read);
  if (!bytes)
    return mth_fail_ir(MTH_UNSUPPORTED, loc, "the bytes of a tensor do not fit in 63 bits");
  if (!mlirValueIsNull(value)) mth_value_numbers_set(&p->numbers, value, p->tensor_count);
  p->tensors[p->tensor_count++] = (tensor){
      .value = value, .made = time, .last_read = time, .port = IN_WORKSPACE, .bytes = bytes};
  return MTH_OK;
}

// Numbers the launches, lists their results, finds each one's last reader among the launches.
static mth_status read_launches(planner *p) {
  const MlirBlock body = mth_op_body(p->entry);
  size_t result_count = 0, op_count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    ++op_count;
    result_count += (size_t)mlirOperationGetNumResults(op);
  }
  p->return_op = mlirBlockGetTerminator(body);
  const size_t returned = (size_t)mlirOperationGetNumOperands(p->return_op);
  p->launches = MTH_NEW_ARRAY(p->arena, MlirOperation, op_count);
  p->tensors = MTH_NEW_ARRAY(p->arena, tensor, result_count + returned);
  p->stage_of_result = MTH_NEW_ARRAY(p->arena, tensor *, returned);
  const size_t argument_count = (size_t)mlirBlockGetNumArguments(body);
  p->last_reads = MTH_NEW_ARRAY(p->arena, int64_t, argument_count);
  if (!p->launches || !p->tensors || !p->stage_of_result || !p->last_reads) return MTH_NO_MEMORY;
  MTH_TRY(mth_value_numbers_make(p->arena, result_count, &p->numbers));
  for (size_t i = 0; i < argument_count; ++i)
    p->last_reads[i] = -1;
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (!mth_op_is_named(op, "mithril.launch")) continue;
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
      const MlirValue root = mth_plan_root(mlirOperationGetOperand(op, i));
      tensor *const read = find_tensor(p, root);
      if (read) read->last_read = p->launch_count;
      if (mlirValueIsABlockArgument(root))
        p->last_reads[mlirBlockArgumentGetArgNumber(root)] = p->launch_count;
    }
    for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
      const MlirValue result = mlirOperationGetResult(op, i);
      MTH_TRY(add_tensor(p, result, mlirValueGetType(result), mlirOperationGetLocation(op),
                         p->launch_count));
    }
    p->launches[p->launch_count++] = op;
  }
  return MTH_OK;
}

static MlirValue returned_root(planner *p, intptr_t result) {
  return mth_plan_root(mlirOperationGetOperand(p->return_op, result));
}

// Whether `made` may be written over the state that enters as `state`.
static bool may_overwrite(planner *p, const tensor *made, MlirValue state) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(p->return_op); ++i)
    if (mlirValueEqual(returned_root(p, i), state)) return false; // the old value leaves, too
  if (p->last_reads[mlirBlockArgumentGetArgNumber(state)] > made->made) return false;
  const MlirOperation launch = p->launches[made->made];
  const MlirOperation kernel =
      mth_find_symbol(p->module, mlirFlatSymbolRefAttrGetValue(mth_op_attribute(launch, "kernel")));
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(launch); ++i)
    if (mlirValueEqual(mth_plan_root(mlirOperationGetOperand(launch, i)), state) &&
        !mth_kernel_may_overwrite(kernel, i, mlirOpResultGetResultNumber(made->value)))
      return false;
  return true;
}

// Lets launches write results straight to the ports of `role`.
static void place_in_ports(planner *p, mth_role role) {
  const MlirBlock body = mth_op_body(p->entry);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(p->return_op); ++i) {
    const int32_t number = p->interface.port_of_result[i];
    const mth_entry_port *const port = &p->interface.ports[number];
    tensor *const made = find_tensor(p, returned_root(p, i));
    if (port->role != role || !made || made->port != IN_WORKSPACE) continue;
    if (role == MTH_STATE && !may_overwrite(p, made, mlirBlockGetArgument(body, port->argument)))
      continue;
    made->port = number;
  }
}

// The port that a returned value lives in before the copies, or -1.
static int32_t home_port(planner *p, intptr_t result) {
  const MlirValue root = returned_root(p, result);
  if (mlirValueIsABlockArgument(root))
    return p->interface.port_of_argument[mlirBlockArgumentGetArgNumber(root)];
  const tensor *const made = find_tensor(p, root);
  return made ? made->port : IN_WORKSPACE;
}

// Values that are copied at the end live until then; those read from a state that another copy
// overwrites get a stage.
static mth_status plan_copies(planner *p) {
  const intptr_t count = mlirOperationGetNumOperands(p->return_op);
  for (intptr_t i = 0; i < count; ++i) {
    const int32_t home = home_port(p, i), port = p->interface.port_of_result[i];
    if (home == port) continue;
    tensor *const made = find_tensor(p, returned_root(p, i));
    if (made) made->last_read = p->launch_count;
    if (home < 0 || p->interface.ports[home].role != MTH_STATE ||
        p->interface.ports[port].role != MTH_STATE)
      continue;
    const int32_t overwriter = p->interface.ports[home].result;
    if (overwriter < 0 || home_port(p, overwriter) == home) continue;
    const MlirValue value = mlirOperationGetOperand(p->return_op, i);
    MTH_TRY(add_tensor(p, (MlirValue){NULL}, mlirValueGetType(value),
                       mlirOperationGetLocation(p->return_op), p->launch_count));
    p->stage_of_result[i] = &p->tensors[p->tensor_count - 1];
  }
  return MTH_OK;
}

static bool live_together(const tensor *a, const tensor *b) {
  return a->made <= b->last_read && b->made <= a->last_read;
}

static int larger_first(const void *left, const void *right) {
  const tensor *const a = *(tensor *const *)left, *const b = *(tensor *const *)right;
  if (a->static_bytes != b->static_bytes) return a->static_bytes < b->static_bytes ? 1 : -1;
  return a < b ? -1 : a > b; // the program's order, so that equal programs get equal plans
}

static int lower_first(const void *left, const void *right) {
  const tensor *const a = *(tensor *const *)left, *const b = *(tensor *const *)right;
  return (a->static_offset > b->static_offset) - (a->static_offset < b->static_offset);
}

// What is placed already and lives while `wanted` does: what lives when it is made, and what is
// made while it lives. `room` has room for all tensors.
static size_t find_neighbours(planner *p, const mth_lifetimes *placed, const tensor *wanted,
                              tensor **room) {
  size_t count = mth_lifetimes_at(placed, (size_t)wanted->made, (void **)room);
  const tensor *const end = p->tensors + p->tensor_count;
  for (tensor *later = p->tensors + (wanted - p->tensors); later != end; ++later) {
    if (later->made > wanted->last_read) break;
    if (later->made > wanted->made && later->offset && later->port == IN_WORKSPACE)
      room[count++] = later;
  }
  return count;
}

// The lowest offset at which `wanted` meets none of its neighbours.
static int64_t first_fit(tensor **neighbours, size_t count, const tensor *wanted) {
  int64_t offset = 0;
  if (count) qsort(neighbours, count, sizeof *neighbours, lower_first);
  for (size_t i = 0; i < count; ++i) {
    const tensor *const other = neighbours[i];
    if (offset + wanted->static_bytes <= other->static_offset) break;
    const int64_t other_end = other->static_offset + other->static_bytes;
    if (other_end > offset) offset = other_end;
  }
  return offset;
}

// Packs the tensors whose size is a number; returns the bytes they take, or -1 without memory.
static int64_t pack_numbers(planner *p) {
  tensor **const order = MTH_NEW_ARRAY(p->arena, tensor *, p->tensor_count);
  tensor **const room = MTH_NEW_ARRAY(p->arena, tensor *, p->tensor_count);
  mth_lifetimes placed;
  if (!order || !room) return -1;
  if (mth_lifetimes_make(p->arena, (size_t)p->launch_count + 1, &placed) != MTH_OK) return -1;
  size_t count = 0;
  for (size_t i = 0; i < p->tensor_count; ++i)
    if (p->tensors[i].port == IN_WORKSPACE &&
        mth_dim_is_constant(p->tensors[i].bytes, &p->tensors[i].static_bytes))
      order[count++] = &p->tensors[i];
  if (count) qsort(order, count, sizeof *order, larger_first);
  int64_t end = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t neighbour_count = find_neighbours(p, &placed, order[i], room);
    const int64_t offset = first_fit(room, neighbour_count, order[i]);
    order[i]->static_offset = offset;
    order[i]->offset = mth_dim_constant(p->dims, offset);
    if (!order[i]->offset || mth_lifetimes_add(&placed, (size_t)order[i]->made,
                                               (size_t)order[i]->last_read, order[i]) != MTH_OK)
      return -1;
    if (offset + order[i]->static_bytes > end) end = offset + order[i]->static_bytes;
  }
  return end;
}

// Tensors of one symbolic size share slots of that size, which follow the numbers.
static void pack_symbols(planner *p) {
  for (size_t i = 0; i < p->tensor_count; ++i) {
    tensor *const first = &p->tensors[i];
    if (first->port != IN_WORKSPACE || first->offset) continue;
    // Each member takes the lowest slot that no earlier member has at the same time.
    int64_t slots = 0;
    for (size_t j = i; j < p->tensor_count; ++j) {
      tensor *const member = &p->tensors[j];
      if (member->port != IN_WORKSPACE || member->bytes != first->bytes) continue;
      int64_t slot = 0;
      for (size_t k = i; k < j;) {
        const tensor *const other = &p->tensors[k++];
        if (other->port == IN_WORKSPACE && other->bytes == first->bytes &&
            other->static_offset == slot && live_together(other, member))
          ++slot, k = i;
      }
      member->static_offset = slot; // of this class
      if (slot + 1 > slots) slots = slot + 1;
      member->offset =
          mth_dim_add(p->dims, p->workspace,
                      mth_dim_multiply(p->dims, mth_dim_constant(p->dims, slot), first->bytes));
    }
    p->workspace =
        mth_dim_add(p->dims, p->workspace,
                    mth_dim_multiply(p->dims, mth_dim_constant(p->dims, slots), first->bytes));
  }
}

static mth_status pack(planner *p) {
  const int64_t end = pack_numbers(p);
  if (end < 0) return MTH_NO_MEMORY;
  p->workspace = mth_dim_constant(p->dims, end);
  pack_symbols(p);
  return p->workspace ? MTH_OK : MTH_NO_MEMORY;
}

static mth_status offset_attribute(planner *p, const tensor *t, MlirAttribute *out) {
  if (!t->offset) return MTH_NO_MEMORY;
  const MlirAttribute offset = mth_dim_to_attribute(p->context, p->dims, t->offset);
  if (mlirAttributeIsNull(offset)) return MTH_NO_MEMORY;
  const MlirNamedAttribute entry = mth_named(p->context, "offset", offset);
  *out = mlirDictionaryAttrGet(p->context, 1, &entry);
  return MTH_OK;
}

static mth_status write_launch(planner *p, MlirOperation launch) {
  const intptr_t count = mlirOperationGetNumResults(launch);
  MlirAttribute *const places = MTH_NEW_ARRAY(p->arena, MlirAttribute, (size_t)count);
  if (!places) return MTH_NO_MEMORY;
  for (intptr_t i = 0; i < count; ++i) {
    const tensor *const t = find_tensor(p, mlirOperationGetResult(launch, i));
    if (t->port == IN_WORKSPACE) {
      MTH_TRY(offset_attribute(p, t, &places[i]));
    } else {
      const MlirNamedAttribute port = mth_named(
          p->context, "port", mth_text_attr(p->context, p->interface.ports[t->port].name));
      places[i] = mlirDictionaryAttrGet(p->context, 1, &port);
    }
  }
  mlirOperationSetAttributeByName(launch, mth_str("mithril.places"),
                                  mlirArrayAttrGet(p->context, count, places));
  return MTH_OK;
}

static mth_status write_plan(planner *p) {
  for (int64_t t = 0; t < p->launch_count; ++t)
    MTH_TRY(write_launch(p, p->launches[t]));
  const intptr_t count = mlirOperationGetNumOperands(p->return_op);
  MlirAttribute *const stages = MTH_NEW_ARRAY(p->arena, MlirAttribute, (size_t)count);
  if (!stages) return MTH_NO_MEMORY;
  bool any = false;
  for (intptr_t i = 0; i < count; ++i) {
    stages[i] = mlirDictionaryAttrGet(p->context, 0, NULL);
    if (!p->stage_of_result[i]) continue;
    MTH_TRY(offset_attribute(p, p->stage_of_result[i], &stages[i]));
    any = true;
  }
  if (any)
    mlirOperationSetAttributeByName(p->return_op, mth_str("mithril.stages"),
                                    mlirArrayAttrGet(p->context, count, stages));
  const MlirAttribute workspace = mth_dim_to_attribute(p->context, p->dims, p->workspace);
  if (mlirAttributeIsNull(workspace)) return MTH_NO_MEMORY;
  mlirOperationSetAttributeByName(p->entry, mth_str("mithril.workspace"), workspace);
  return MTH_OK;
}

static mth_status plan_entry(MlirOperation module, MlirOperation entry, mth_dim_table *dims,
                             mth_arena *arena) {
  planner p = {.module = module,
               .entry = entry,
               .context = mlirOperationGetContext(entry),
               .dims = dims,
               .arena = arena};
  MTH_TRY(mth_entry_interface_read(entry, dims, arena, &p.interface));
  MTH_TRY(read_launches(&p));
  place_in_ports(&p, MTH_STATE); // first: a place in a state saves a buffer and a copy
  place_in_ports(&p, MTH_OUT);
  MTH_TRY(plan_copies(&p));
  MTH_TRY(pack(&p));
  return write_plan(&p);
}

mth_status mth_pass_plan_memory(MlirOperation module, const void *options) {
  (void)options;
  return mth_entry_visit_all(module, plan_entry);
}
