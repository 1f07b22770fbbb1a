// evaluate.c: computing constants while compiling, by the code that would compute them at run time.
#include "jit/evaluate.h"

#include "dialect/fail.h"
#include "dialect/match.h"
#include "jit/object.h"
#include "jit/session.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"
#include "llvm-c/Core.h"

#include <string.h>

// The value of a result from its bytes. Bools are bytes in memory and bits in an attribute.
static mth_status to_attribute(MlirType type, const mth_port_desc *port, const void *bytes,
                               mth_arena *arena, MlirAttribute *out_value) {
  int64_t count = 1;
  for (int32_t i = 0; i < port->rank; ++i)
    count *= port->dims[i];
  if (port->dtype != MTH_BOOL) {
    const size_t element_bytes = mth_dtype_get((mth_dtype)port->dtype)->bits / 8;
    *out_value = mlirDenseElementsAttrRawBufferGet(type, (size_t)count * element_bytes, bytes);
    return mlirAttributeIsNull(*out_value) ? MTH_INTERNAL : MTH_OK;
  }
  int *const bools = MTH_NEW_ARRAY(arena, int, (size_t)count);
  if (!bools) return MTH_NO_MEMORY;
  for (int64_t i = 0; i < count; ++i)
    bools[i] = ((const uint8_t *)bytes)[i];
  *out_value = mlirDenseElementsAttrBoolGet(type, (intptr_t)count, bools);
  return MTH_OK;
}

static size_t port_bytes(const mth_port_desc *port) {
  size_t bytes = mth_dtype_get((mth_dtype)port->dtype)->bits / 8;
  for (int32_t i = 0; i < port->rank; ++i)
    bytes *= (size_t)port->dims[i];
  return bytes;
}

// Runs an entry without inputs and symbols.
static mth_status run_entry(const mth_entry_desc *entry, const MlirType *types, intptr_t count,
                            mth_arena *arena, MlirAttribute *out_values) {
  int64_t sizes[2];
  if (entry->sizes(NULL, sizes) != MTH_OK || entry->port_count != count) return MTH_INTERNAL;
  void *const workspace =
      mth_allocate_lines(mth_default_allocator(), (size_t)(sizes[0] + sizes[1]), 1);
  void **const ports = MTH_NEW_ARRAY(arena, void *, (size_t)count);
  mth_status status = workspace && ports ? MTH_OK : MTH_NO_MEMORY;
  for (intptr_t i = 0; status == MTH_OK && i < count; ++i) {
    ports[i] = mth_arena_alloc(arena, port_bytes(&entry->ports[i]), 1);
    if (!ports[i]) status = MTH_NO_MEMORY;
  }
  if (status == MTH_OK) status = (mth_status)entry->run(NULL, ports, NULL, workspace);
  for (intptr_t i = 0; status == MTH_OK && i < count; ++i)
    status = to_attribute(types[i], &entry->ports[i], ports[i], arena, &out_values[i]);
  mth_release(mth_default_allocator(), workspace);
  return status;
}

static mth_status compile_and_run(const mth_evaluator *in, MlirOperation module,
                                  const MlirType *types, intptr_t count, mth_dim_table *dims,
                                  mth_arena *arena, MlirAttribute *out_values) {
  mth_pipeline pipeline = {.module = module, .tiles = in->target.tiles};
  MTH_TRY(mth_pipeline_to_core(&pipeline));
  MTH_TRY(mth_pipeline_to_kernels(&pipeline));
  MTH_TRY(mth_pipeline_to_linalg(&pipeline));
  MTH_TRY(mth_pipeline_kernels_to_llvm(&pipeline));
  LLVMContextRef context = mth_llvm_context_create(&in->at);
  LLVMModuleRef llvm = NULL;
  LLVMMemoryBufferRef object = NULL;
  mth_loaded *loaded = NULL;
  const mth_program_desc *program = NULL;
  mth_program_interface interface;
  mth_status status =
      mth_object_lower(&pipeline, &in->target, dims, arena, context, in->at, &interface, &llvm);
  if (status == MTH_OK)
    status = mth_object_generate(llvm, &in->target, in->registry, false, in->at, &object);
  if (status == MTH_OK)
    status = mth_session_load(in->registry, LLVMGetBufferStart(object), LLVMGetBufferSize(object),
                              interface.name, in->at.sink, &loaded, &program);
  if (status == MTH_OK) status = run_entry(&program->entries[0], types, count, arena, out_values);
  mth_session_unload(loaded);
  if (object) LLVMDisposeMemoryBuffer(object);
  if (llvm) LLVMDisposeModule(llvm);
  LLVMContextDispose(context);
  return status;
}

// The types of the only entry's results.
static MlirType *read_types(MlirOperation module, intptr_t count, mth_arena *arena) {
  MlirOperation entry = mlirBlockGetFirstOperation(mth_op_body(module));
  while (!mth_op_is_named(entry, "mithril.entry"))
    entry = mlirOperationGetNextInBlock(entry);
  const MlirType function = mlirTypeAttrGetValue(mth_op_attribute(entry, "function_type"));
  MlirType *const types = MTH_NEW_ARRAY(arena, MlirType, (size_t)count);
  for (intptr_t i = 0; types && i < count; ++i)
    types[i] = mlirFunctionTypeGetResult(function, i);
  return types;
}

mth_status mth_evaluate_module(void *evaluator, MlirOperation module, intptr_t count,
                               MlirAttribute *out_values) {
  mth_evaluator *const in = evaluator;
  if (!in->target.machine) MTH_TRY(mth_target_init(&in->target, NULL, NULL, in->at));
  mth_dim_table *dims = NULL;
  MTH_TRY(mth_dim_table_create(mth_default_allocator(), &dims));
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());

  // What is evaluated reads only constants: to fold it again would never end.
  const MlirContext context = mlirOperationGetContext(module);
  const mth_evaluate *const outer = mth_dialect_get_evaluate(context);
  mth_dialect_set_evaluate(context, NULL);
  const MlirType *const types = read_types(module, count, &arena);
  const mth_status status =
      types ? compile_and_run(in, module, types, count, dims, &arena, out_values) : MTH_NO_MEMORY;
  mth_dialect_set_evaluate(context, outer);
  mth_arena_reset(&arena);
  mth_dim_table_destroy(dims);
  return status;
}

void mth_evaluator_deinit(mth_evaluator *evaluator) { mth_target_deinit(&evaluator->target); }
