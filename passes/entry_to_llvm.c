// entry_to_llvm: makes each entry a host function and a sizes function in the LLVM dialect.
//
//   @<program>_<entry>         mth_entry_fn: the launches in order, then the copies of the plan
//   @<program>_<entry>_sizes   mth_sizes_fn
//   @<entry>.launch.<i>        mth_launch_desc of each launch, read-only
//   @constant.<i>              the bytes of each distinct constant, read-only
//   @run_launch                a launch through the host, or without one: the kernel on the caller
//                              with the whole grid as one tile
//
// Why     One host function per entry is the same code in JIT and AOT (design D8).
// Needs   a plan (passes/plan_memory.c); kernels as llvm.func with the attributes of
//         docs/ir-forms.md.
// Keeps   the order of launches; the first status that is not 0 leaves the entry.
// Not     constants that are not dense elements: refused.
// Test    test/passes/entry_to_llvm.mlir
#include "dialect/fail.h"
#include "dialect/llvm_ops.h"
#include "dialect/match.h"
#include "dialect/type.h"
#include "passes/dim_to_llvm.h"
#include "passes/launch_dims.h"
#include "passes/memory_plan.h"
#include "passes/passes.h"
#include "runtime/program.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"
#include "mlir-c/Dialect/LLVM.h"

#include <assert.h>
#include <stddef.h>

static const char run_launch[] = "run_launch";

// Code reaches its data within 31 bits.
enum { constant_bytes_max = 1 << 30 };

typedef struct lowering {
  MlirOperation module;
  mth_llvm_writer top; // of the module's body
  mth_dim_table *dims;
  mth_arena *arena;
  const char *program;
  MlirAttribute *constants; // distinct; the i-th is @constant.<i>
  size_t constant_count;
} lowering;

// What one entry's host function has at hand.
typedef struct host {
  lowering *in;
  MlirOperation entry;
  mth_entry_interface interface;
  mth_llvm_writer llvm;
  mth_dim_writer dims;
  MlirValue function_host, workspace, scratch; // arguments, and where scratch begins
  MlirValue *ports;
  MlirValue buffers, dim_values, launch; // arrays and struct on the stack, used by each launch
  MlirBlock failed;                      // returns its argument
  int32_t launch_count;
} host;

//===--- read-only data -------------------------------------------------------------------------

// The C name under which the kernel is linked: its own, or that of the user's C function.
static mth_status kernel_symbol(lowering *in, MlirOperation kernel, const char **out_symbol) {
  const MlirAttribute c_kernel = mth_op_attribute(kernel, "mithril.c_kernel");
  const MlirStringRef name =
      mlirAttributeIsNull(c_kernel) ? mth_op_symbol(kernel) : mlirStringAttrGetValue(c_kernel);
  *out_symbol = mth_arena_copy_text(in->arena, name.data, name.length);
  if (!*out_symbol) return MTH_NO_MEMORY;
  if (!mlirAttributeIsNull(c_kernel) && mlirOperationIsNull(mth_find_symbol(in->module, name))) {
    const MlirType arguments[] = {in->top.pointer, in->top.pointer, in->top.pointer,
                                  in->top.pointer};
    mth_llvm_declare(&in->top, *out_symbol, mth_llvm_function_type(in->top.nothing, 4, arguments));
  }
  return MTH_OK;
}

// The name of a kernel as data of the program, for profiles.
static mth_status add_kernel_name(lowering *in, MlirOperation kernel, const char **out_symbol) {
  const MlirStringRef name = mth_op_symbol(kernel);
  const char *const symbol = mth_arena_format(in->arena, "%.*s.name", (int)name.length, name.data);
  // The copy ends in a zero, which is part of the data.
  const char *const text = mth_arena_copy_text(in->arena, name.data, name.length);
  if (!symbol || !text) return MTH_NO_MEMORY;
  *out_symbol = symbol;
  if (!mlirOperationIsNull(mth_find_symbol(in->module, mth_str(symbol)))) return MTH_OK;
  mth_llvm_data(&in->top, symbol, mlirLLVMArrayTypeGet(in->top.i8, (unsigned)name.length + 1),
                mlirStringAttrGet(in->top.context, mlirStringRefCreate(text, name.length + 1)), 1);
  return MTH_OK;
}

// The mth_launch_desc of a launch.
static mth_status add_launch_desc(host *h, const mth_launch_dims *launch, const char **out_symbol) {
  const MlirOperation kernel = launch->kernel;
  const int32_t rank = launch->grid_rank;
  lowering *const in = h->in;
  const char *run, *name;
  MTH_TRY(kernel_symbol(in, kernel, &run));
  MTH_TRY(add_kernel_name(in, kernel, &name));
  const char *const symbol =
      mth_arena_format(in->arena, "%s.launch.%d", h->interface.name, (int)h->launch_count);
  if (!symbol) return MTH_NO_MEMORY;

  mth_llvm_writer w = in->top;
  const MlirType fields[] = {w.i32, w.i32, w.pointer, w.pointer,
                             mlirLLVMArrayTypeGet(w.i64, MTH_GRID_RANK)};
  const MlirType type = mlirLLVMStructTypeLiteralGet(w.context, 5, fields, false);
  w.block = mth_llvm_data_block(&w, symbol, type);
  const MlirValue values[] = {mth_llvm_int(&w, w.i32, h->launch_count),
                              mth_llvm_int(&w, w.i32, rank), mth_llvm_address_of(&w, name),
                              mth_llvm_address_of(&w, run)};
  MlirValue desc = mth_llvm_undefined(&w, type);
  for (int64_t i = 0; i < 4; ++i)
    desc = mth_llvm_insert(&w, desc, values[i], 1, &i);
  const MlirAttribute block = mth_op_attribute(kernel, "mithril.block");
  for (int64_t i = 0; i < MTH_GRID_RANK; ++i) {
    const int64_t begin = i < rank ? mlirDenseI64ArrayGetElement(block, (intptr_t)i) : 1;
    desc = mth_llvm_insert(&w, desc, mth_llvm_int(&w, w.i64, begin), 2, (int64_t[]){4, i});
  }
  mth_llvm_return(&w, desc);
  *out_symbol = symbol;
  return MTH_OK;
}

// Bools are stored as bytes.
static mth_status bytes_of_bools(lowering *in, MlirAttribute bools, int64_t count, MlirType shape,
                                 MlirAttribute *out_bytes) {
  int8_t *const bytes = MTH_NEW_ARRAY(in->arena, int8_t, (size_t)count);
  if (!bytes) return MTH_NO_MEMORY;
  for (int64_t i = 0; i < count; ++i)
    bytes[i] = mlirDenseElementsAttrGetBoolValue(bools, (intptr_t)i);
  *out_bytes = mlirDenseElementsAttrInt8Get(shape, (intptr_t)count, bytes);
  return MTH_OK;
}

static mth_status add_constant(lowering *in, MlirOperation constant, const char **out_symbol) {
  const MlirAttribute value = mth_op_attribute(constant, "value");
  size_t index = 0;
  while (index < in->constant_count && !mlirAttributeEqual(in->constants[index], value))
    ++index;
  *out_symbol = mth_arena_format(in->arena, "constant.%zu", index);
  if (!*out_symbol) return MTH_NO_MEMORY;
  if (index < in->constant_count) return MTH_OK;

  assert(mlirAttributeIsADenseElements(value) && "the verifier has seen to it");
  const int64_t count = mlirElementsAttrGetNumElements(value);
  MlirType element =
      mlirShapedTypeGetElementType(mlirValueGetType(mlirOperationGetResult(constant, 0)));
  const int64_t bits = (int64_t)mth_dtype_get(mth_dtype_from_ir(element))->bits;
  const int64_t bytes = count * ((bits + 7) / 8);
  if (bytes > constant_bytes_max)
    return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(constant),
                       "a constant of %lld bytes, at most %d fit in an object", (long long)bytes,
                       constant_bytes_max);
  const bool is_bool = mlirTypeIsAInteger(element) && mlirIntegerTypeGetWidth(element) == 1;
  if (is_bool) element = in->top.i8;
  const MlirType shape = mlirRankedTensorTypeGet(1, &count, element, mlirAttributeGetNull());
  MlirAttribute flat;
  if (is_bool)
    MTH_TRY(bytes_of_bools(in, value, count, shape, &flat));
  else
    flat = mlirDenseElementsAttrReshapeGet(value, shape);
  mth_llvm_data(&in->top, *out_symbol, mlirLLVMArrayTypeGet(element, (unsigned)count), flat,
                MTH_PLAN_ALIGNMENT_BYTES);
  in->constants[in->constant_count++] = value;
  return MTH_OK;
}

//===--- the host function ----------------------------------------------------------------------

// int32_t run_launch(const mth_host *host, const mth_launch *launch)
static void add_run_launch(lowering *in) {
  mth_llvm_writer w = in->top;
  const MlirType arguments[] = {w.pointer, w.pointer};
  const MlirOperation function =
      mth_llvm_function(&w, run_launch, mth_llvm_function_type(w.i32, 2, arguments), true);
  const MlirRegion body = mlirOperationGetRegion(function, 0);
  w.block = mlirRegionGetFirstBlock(body);
  const MlirValue function_host = mlirBlockGetArgument(w.block, 0);
  const MlirValue launch = mlirBlockGetArgument(w.block, 1);
  const MlirValue tile = mth_llvm_stack(&w, 2 * MTH_GRID_RANK * sizeof(int64_t), 8);
  const MlirBlock alone = mlirBlockCreate(0, NULL, NULL), together = mlirBlockCreate(0, NULL, NULL);
  mlirRegionAppendOwnedBlock(body, alone);
  mlirRegionAppendOwnedBlock(body, together);
  mth_llvm_branch_if(&w, mth_llvm_compare(&w, MTH_LLVM_EQ, function_host, mth_llvm_null(&w)), alone,
                     together);

  w.block = alone;
  const MlirValue zero = mth_llvm_int(&w, w.i64, 0);
  for (size_t i = 0; i < MTH_GRID_RANK; ++i) {
    const size_t extent = offsetof(mth_launch, extent) + i * sizeof(int64_t);
    mth_llvm_store(&w, zero, mth_llvm_field(&w, tile, 2 * i * sizeof(int64_t)));
    mth_llvm_store(&w, mth_llvm_load(&w, w.i64, mth_llvm_field(&w, launch, extent)),
                   mth_llvm_field(&w, tile, (2 * i + 1) * sizeof(int64_t)));
  }
  const size_t fields[] = {offsetof(mth_launch, desc), offsetof(mth_launch, buffers),
                           offsetof(mth_launch, dims), offsetof(mth_launch, scratch)};
  MlirValue values[4];
  for (size_t i = 0; i < 4; ++i)
    values[i] = mth_llvm_load(&w, w.pointer, mth_llvm_field(&w, launch, fields[i]));
  const MlirValue run =
      mth_llvm_load(&w, w.pointer, mth_llvm_field(&w, values[0], offsetof(mth_launch_desc, run)));
  mth_llvm_call(&w, NULL, w.nothing, 5, (MlirValue[]){run, values[1], values[2], tile, values[3]});
  mth_llvm_return(&w, mth_llvm_int(&w, w.i32, 0));

  w.block = together;
  const MlirValue parallel_for = mth_llvm_load(
      &w, w.pointer, mth_llvm_field(&w, function_host, offsetof(mth_host, parallel_for)));
  mth_llvm_return(
      &w, mth_llvm_call(&w, NULL, w.i32, 3, (MlirValue[]){parallel_for, function_host, launch}));
}

static void store_field(host *h, MlirValue base, size_t bytes, MlirValue value) {
  mth_llvm_store(&h->llvm, value, mth_llvm_field(&h->llvm, base, bytes));
}

static mth_status address_of_place(host *h, const mth_place *place, MlirValue *out_address) {
  if (place->kind == MTH_PLACE_PORT) {
    *out_address = h->ports[place->port];
  } else if (place->kind == MTH_PLACE_CONSTANT) {
    const char *symbol;
    MTH_TRY(add_constant(h->in, place->constant, &symbol));
    *out_address = mth_llvm_address_of(&h->llvm, symbol);
  } else {
    MlirValue offset;
    MTH_TRY(mth_dim_write(&h->dims, place->offset, &offset));
    *out_address = mth_llvm_offset(&h->llvm, h->workspace, offset);
  }
  return MTH_OK;
}

static mth_status address_of_value(host *h, MlirValue value, MlirValue *out_address) {
  mth_place place;
  MTH_TRY(mth_place_of(&h->interface, h->in->dims, h->in->arena, value, &place));
  return address_of_place(h, &place, out_address);
}

static mth_status store_buffers(host *h, MlirOperation launch) {
  size_t slot = 0;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(launch) + mlirOperationGetNumResults(launch);
       ++i) {
    const intptr_t result = i - mlirOperationGetNumOperands(launch);
    MlirValue address;
    MTH_TRY(address_of_value(
        h, result < 0 ? mlirOperationGetOperand(launch, i) : mlirOperationGetResult(launch, result),
        &address));
    store_field(h, h->buffers, slot++ * sizeof(void *), address);
  }
  return MTH_OK;
}

static mth_status store_dim(host *h, MlirValue base, size_t bytes, const mth_dim *dim) {
  MlirValue value;
  MTH_TRY(mth_dim_write(&h->dims, dim, &value));
  store_field(h, base, bytes, value);
  return MTH_OK;
}

static mth_status write_launch(host *h, MlirOperation launch) {
  h->llvm.loc = mlirOperationGetLocation(launch);
  mth_launch_dims dims;
  const char *desc;
  MTH_TRY(mth_launch_dims_read(h->in->module, launch, h->in->dims, h->in->arena, &dims));
  MTH_TRY(add_launch_desc(h, &dims, &desc));

  MTH_TRY(store_buffers(h, launch));
  for (size_t i = 0; i < dims.symbol_count; ++i)
    MTH_TRY(store_dim(h, h->dim_values, i * sizeof(int64_t), dims.symbols[i]));
  store_field(h, h->launch, offsetof(mth_launch, desc), mth_llvm_address_of(&h->llvm, desc));
  for (size_t i = 0; i < MTH_GRID_RANK; ++i)
    MTH_TRY(
        store_dim(h, h->launch, offsetof(mth_launch, extent) + i * sizeof(int64_t), dims.grid[i]));
  MTH_TRY(store_dim(h, h->launch, offsetof(mth_launch, work), dims.work));
  MTH_TRY(store_dim(h, h->launch, offsetof(mth_launch, scratch_bytes), dims.scratch_bytes));
  int64_t scratch_bytes;
  const bool none = mth_dim_is_constant(dims.scratch_bytes, &scratch_bytes) && scratch_bytes == 0;
  store_field(h, h->launch, offsetof(mth_launch, scratch),
              none ? mth_llvm_null(&h->llvm) : h->scratch);

  const MlirValue status = mth_llvm_call(&h->llvm, run_launch, h->llvm.i32, 2,
                                         (MlirValue[]){h->function_host, h->launch});
  const MlirBlock next = mlirBlockCreate(0, NULL, NULL);
  mlirRegionInsertOwnedBlockBefore(mlirBlockGetParentRegion(h->failed), h->failed, next);
  const MlirValue bad =
      mth_llvm_compare(&h->llvm, MTH_LLVM_NE, status, mth_llvm_int(&h->llvm, h->llvm.i32, 0));
  mth_llvm_branch_or_fail(&h->llvm, bad, h->failed, status, next);
  h->llvm.block = next;
  ++h->launch_count;
  return MTH_OK;
}

static mth_status copy_to(host *h, MlirValue to, MlirValue from, MlirType type) {
  mth_type read;
  MTH_TRY(mth_type_from_ir(h->in->dims, h->in->arena, h->llvm.loc, type, &read));
  const mth_dim *const bytes = mth_type_bytes(h->in->dims, &read);
  if (!bytes) return MTH_NO_MEMORY;
  MlirValue count;
  MTH_TRY(mth_dim_write(&h->dims, bytes, &count));
  mth_llvm_copy(&h->llvm, to, from, count);
  return MTH_OK;
}

// Results that do not live in their ports: stages, then outputs, then states.
static mth_status write_copies(host *h, MlirOperation return_op) {
  h->llvm.loc = mlirOperationGetLocation(return_op);
  const intptr_t count = mlirOperationGetNumOperands(return_op);
  MlirValue *const from = MTH_NEW_ARRAY(h->in->arena, MlirValue, (size_t)count);
  if (!from) return MTH_NO_MEMORY;
  for (intptr_t i = 0; i < count; ++i) {
    const MlirValue value = mlirOperationGetOperand(return_op, i);
    mth_place place, stage = {.kind = MTH_PLACE_WORKSPACE};
    MTH_TRY(mth_place_of(&h->interface, h->in->dims, h->in->arena, value, &place));
    if (place.kind == MTH_PLACE_PORT && place.port == h->interface.port_of_result[i]) continue;
    MTH_TRY(address_of_place(h, &place, &from[i]));
    MTH_TRY(mth_stage_of(return_op, i, h->in->dims, h->in->arena, &stage.offset));
    if (!stage.offset) continue;
    MlirValue kept;
    MTH_TRY(address_of_place(h, &stage, &kept));
    MTH_TRY(copy_to(h, kept, from[i], mlirValueGetType(value)));
    from[i] = kept;
  }
  for (int role = MTH_OUT; role <= MTH_STATE; ++role)
    for (intptr_t i = 0; i < count; ++i) {
      const int32_t port = h->interface.port_of_result[i];
      if (!from[i].ptr || (int)h->interface.ports[port].role != role) continue;
      MTH_TRY(copy_to(h, h->ports[port], from[i],
                      mlirValueGetType(mlirOperationGetOperand(return_op, i))));
    }
  return MTH_OK;
}

static mth_status load_symbols(mth_llvm_writer *w, mth_arena *arena,
                               const mth_entry_interface *interface, MlirValue array,
                               MlirValue **out_symbols) {
  *out_symbols = MTH_NEW_ARRAY(arena, MlirValue, interface->symbol_count);
  if (!*out_symbols) return MTH_NO_MEMORY;
  for (size_t i = 0; i < interface->symbol_count; ++i)
    (*out_symbols)[i] = mth_llvm_load(w, w->i64, mth_llvm_field(w, array, i * sizeof(int64_t)));
  return MTH_OK;
}

// Arrays on the stack that are large enough for every launch.
static void make_stack(host *h) {
  intptr_t buffers = 1, dims = 1;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(h->entry));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (!mth_op_is_named(op, "mithril.launch")) continue;
    const intptr_t wanted = mlirOperationGetNumOperands(op) + mlirOperationGetNumResults(op);
    const intptr_t wanted_dims = mlirArrayAttrGetNumElements(mth_op_attribute(op, "dims"));
    if (wanted > buffers) buffers = wanted;
    if (wanted_dims > dims) dims = wanted_dims;
  }
  h->buffers = mth_llvm_stack(&h->llvm, (size_t)buffers * sizeof(void *), 8);
  h->dim_values = mth_llvm_stack(&h->llvm, (size_t)dims * sizeof(int64_t), 8);
  h->launch = mth_llvm_stack(&h->llvm, sizeof(mth_launch), 8);
  store_field(h, h->launch, offsetof(mth_launch, buffers), h->buffers);
  store_field(h, h->launch, offsetof(mth_launch, dims), h->dim_values);
}

static mth_status write_host(lowering *in, MlirOperation entry,
                             const mth_entry_interface *interface) {
  host h = {.in = in, .entry = entry, .interface = *interface};
  h.llvm = in->top;
  h.llvm.loc = mlirOperationGetLocation(entry);
  const MlirType p = h.llvm.pointer;
  const char *const name = mth_arena_format(in->arena, "%s_%s", in->program, interface->name);
  if (!name) return MTH_NO_MEMORY;
  const MlirOperation function = mth_llvm_function(
      &h.llvm, name, mth_llvm_function_type(h.llvm.i32, 4, (MlirType[]){p, p, p, p}), false);
  const MlirRegion body = mlirOperationGetRegion(function, 0);
  h.llvm.block = mlirRegionGetFirstBlock(body);
  h.failed = mlirBlockCreate(1, &h.llvm.i32, &h.llvm.loc);
  mlirRegionAppendOwnedBlock(body, h.failed);
  h.function_host = mlirBlockGetArgument(h.llvm.block, 0);
  h.workspace = mlirBlockGetArgument(h.llvm.block, 3);

  const MlirValue ports = mlirBlockGetArgument(h.llvm.block, 1);
  h.ports = MTH_NEW_ARRAY(in->arena, MlirValue, interface->port_count);
  if (!h.ports) return MTH_NO_MEMORY;
  for (size_t i = 0; i < interface->port_count; ++i)
    h.ports[i] = mth_llvm_load(&h.llvm, p, mth_llvm_field(&h.llvm, ports, i * sizeof(void *)));
  MlirValue *symbols;
  MTH_TRY(
      load_symbols(&h.llvm, in->arena, interface, mlirBlockGetArgument(h.llvm.block, 2), &symbols));
  h.dims = (mth_dim_writer){.llvm = &h.llvm, .interface = &h.interface, .symbols = symbols};
  make_stack(&h);
  const mth_dim *workspace;
  MTH_TRY(mth_dim_from_attribute(in->dims, in->arena, h.llvm.loc,
                                 mth_op_attribute(entry, "mithril.workspace"), &workspace));
  MlirValue workspace_bytes;
  MTH_TRY(mth_dim_write(&h.dims, workspace, &workspace_bytes));
  h.scratch = mth_llvm_offset(&h.llvm, h.workspace, workspace_bytes);

  const MlirBlock source = mth_op_body(entry);
  for (MlirOperation op = mlirBlockGetFirstOperation(source); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    if (mth_op_is_named(op, "mithril.launch")) MTH_TRY(write_launch(&h, op));
  MTH_TRY(write_copies(&h, mlirBlockGetTerminator(source)));
  mth_llvm_return(&h.llvm, mth_llvm_int(&h.llvm, h.llvm.i32, MTH_OK));
  h.llvm.block = h.failed;
  mth_llvm_return(&h.llvm, mlirBlockGetArgument(h.failed, 0));
  return MTH_OK;
}

//===--- the sizes function ---------------------------------------------------------------------

// One checked number of the result: evaluated, not negative, stored at `index`.
static mth_status write_size(mth_dim_writer *w, const mth_dim *size, MlirValue out, size_t index) {
  MlirValue value;
  MTH_TRY(mth_dim_write(w, size, &value));
  mth_dim_forbid(
      w, mth_llvm_compare(w->llvm, MTH_LLVM_SLT, value, mth_llvm_int(w->llvm, w->llvm->i64, 0)));
  mth_llvm_store(w->llvm, value, mth_llvm_field(w->llvm, out, index * sizeof(int64_t)));
  return MTH_OK;
}

static mth_status write_sizes(lowering *in, MlirOperation entry,
                              const mth_entry_interface *interface) {
  mth_llvm_writer w = in->top;
  w.loc = mlirOperationGetLocation(entry);
  const char *const name = mth_arena_format(in->arena, "%s_%s_sizes", in->program, interface->name);
  if (!name) return MTH_NO_MEMORY;
  const MlirOperation function = mth_llvm_function(
      &w, name, mth_llvm_function_type(w.i32, 2, (MlirType[]){w.pointer, w.pointer}), false);
  w.block = mlirRegionGetFirstBlock(mlirOperationGetRegion(function, 0));
  const MlirValue out = mlirBlockGetArgument(w.block, 1);
  MlirValue *symbols;
  MTH_TRY(load_symbols(&w, in->arena, interface, mlirBlockGetArgument(w.block, 0), &symbols));
  mth_dim_writer dims = {.llvm = &w,
                         .interface = interface,
                         .symbols = symbols,
                         .checked = true,
                         .wrong = mth_llvm_int(&w, w.i1, 0)};
  const mth_dim *workspace, *scratch;
  MTH_TRY(mth_dim_from_attribute(in->dims, in->arena, w.loc,
                                 mth_op_attribute(entry, "mithril.workspace"), &workspace));
  MTH_TRY(mth_launches_scratch(in->module, entry, in->dims, in->arena, &scratch));
  MTH_TRY(write_size(&dims, workspace, out, 0));
  MTH_TRY(write_size(&dims, scratch, out, 1));
  for (size_t i = 0; i < interface->computed_count; ++i)
    MTH_TRY(write_size(&dims, interface->computed[i], out, 2 + i));
  mth_llvm_return(&w, mth_llvm_select(&w, dims.wrong, mth_llvm_int(&w, w.i32, MTH_INVALID),
                                      mth_llvm_int(&w, w.i32, MTH_OK)));
  return MTH_OK;
}

//===--- the pass -------------------------------------------------------------------------------

static mth_status lower_entry(lowering *in, MlirOperation entry) {
  mth_entry_interface interface;
  MTH_TRY(mth_entry_interface_read(entry, in->dims, in->arena, &interface));
  MTH_TRY(write_host(in, entry, &interface));
  MTH_TRY(write_sizes(in, entry, &interface));
  mlirOperationDestroy(entry);
  return MTH_OK;
}

static mth_status lower_module(lowering *in) {
  const MlirBlock body = mth_op_body(in->module);
  const MlirStringRef name = mth_op_symbol(in->module);
  in->program = name.length ? mth_arena_copy_text(in->arena, name.data, name.length) : "model";
  size_t op_count = 0, entry_count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (!mth_op_is_named(op, "mithril.entry")) continue;
    ++entry_count;
    for (MlirOperation inner = mlirBlockGetFirstOperation(mth_op_body(op));
         !mlirOperationIsNull(inner); inner = mlirOperationGetNextInBlock(inner))
      ++op_count;
  }
  MlirOperation *const entries = MTH_NEW_ARRAY(in->arena, MlirOperation, entry_count);
  in->constants = MTH_NEW_ARRAY(in->arena, MlirAttribute, op_count);
  if (!in->program || !entries || !in->constants) return MTH_NO_MEMORY;
  entry_count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    if (mth_op_is_named(op, "mithril.entry")) entries[entry_count++] = op;
  if (entry_count) add_run_launch(in);
  for (size_t i = 0; i < entry_count; ++i)
    MTH_TRY(lower_entry(in, entries[i]));
  return MTH_OK;
}

mth_status mth_pass_entry_to_llvm(MlirOperation module, const void *options) {
  (void)options;
  mth_dim_table *dims = NULL;
  MTH_TRY(mth_dim_table_create(mth_default_allocator(), &dims));
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  lowering in = {.module = module,
                 .top = mth_llvm_writer_get(mlirOperationGetLocation(module), mth_op_body(module)),
                 .dims = dims,
                 .arena = &arena};
  const mth_status status = lower_module(&in);
  mth_arena_reset(&arena);
  mth_dim_table_destroy(dims);
  return status;
}
