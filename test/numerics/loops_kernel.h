// loops_kernel.h: a kernel of form 5, through the passes down to machine code, tile by tile.
#ifndef MTH_TEST_NUMERICS_LOOPS_KERNEL_H
#define MTH_TEST_NUMERICS_LOOPS_KERNEL_H
#include "dialect/match.h"
#include "ir/dim.h"
#include "jit/llvm_pipeline.h"
#include "jit/target.h"
#include "passes/passes.h"
#include "runtime/program.h"
#include "test/harness/harness.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/IR.h"
#include "mlir-c/RegisterEverything.h"
#include "mlir-c/Target/LLVMIR.h"
#include "llvm-c/Core.h"
#include "llvm-c/LLJIT.h"
#include "llvm-c/Orc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct loops_kernel {
  LLVMOrcLLJITRef jit;
  mth_kernel_fn *run;
  mth_dim_table *dims;
  int rank;
  const mth_dim *grid[MTH_GRID_RANK], *scratch;
  int64_t block[MTH_GRID_RANK];
  bool in_order; // of tiles; otherwise the last comes first: no tile may need another
} loops_kernel;

static const mth_dim *loops_kernel_dim(loops_kernel *kernel, MlirAttribute attribute) {
  if (mlirAttributeIsAInteger(attribute))
    return mth_dim_constant(kernel->dims, mlirIntegerAttrGetValueInt(attribute));
  const MlirStringRef text = mlirStringAttrGetValue(attribute);
  char copy[256];
  snprintf(copy, sizeof copy, "%.*s", (int)text.length, text.data);
  const mth_dim *dim = NULL;
  return mth_dim_parse(kernel->dims, copy, (mth_location){0}, &dim) == MTH_OK ? dim : NULL;
}

// Runs the passes and reads what a launch must know. False if a pass fails.
static bool loops_kernel_lower(loops_kernel *kernel, MlirOperation module) {
  static const char *const passes[] = {"schedule", "bufferize", "vectorize", "expand-math",
                                       "kernel-to-llvm"};
  for (size_t i = 0; i < sizeof passes / sizeof passes[0]; ++i) {
    const mth_pass_info *const pass = mth_pass_find(passes[i]);
    if (!pass || pass->run(module, NULL) != MTH_OK || !mlirOperationVerify(module)) {
      if (getenv("MTH_TEST_DUMP")) mlirOperationDump(module);
      return harness_check(false, false, __FILE__, __LINE__, "pass %s fails", passes[i]);
    }
  }
  const MlirOperation function = mth_find_symbol(module, mth_str("kernel"));
  if (mlirOperationIsNull(function)) return false;
  mlirOperationSetAttributeByName(
      function, mth_str("linkage"),
      mlirAttributeParseGet(mlirOperationGetContext(module), mth_str("#llvm.linkage<external>")));
  if (mth_dim_table_create(mth_default_allocator(), &kernel->dims) != MTH_OK) return false;
  const MlirAttribute grid = mth_op_attribute(function, "mithril.grid");
  const MlirAttribute block = mth_op_attribute(function, "mithril.block");
  kernel->rank = (int)mlirArrayAttrGetNumElements(grid);
  for (int i = 0; i < kernel->rank; ++i) {
    kernel->grid[i] = loops_kernel_dim(kernel, mlirArrayAttrGetElement(grid, i));
    kernel->block[i] = mlirDenseI64ArrayGetElement(block, i);
  }
  kernel->scratch = loops_kernel_dim(kernel, mth_op_attribute(function, "mithril.scratch"));
  return kernel->scratch != NULL;
}

static bool loops_kernel_load(loops_kernel *kernel, MlirOperation module, const char *cpu) {
  mth_target target;
  const mth_location nowhere = {NULL, NULL};
  if (mth_target_init(&target, cpu, NULL, nowhere) != MTH_OK) return false;
  LLVMContextRef llvm = LLVMContextCreate();
  LLVMModuleRef code = mlirTranslateModuleToLLVMIR(module, llvm);
  if (!code) return false;
  char *const triple = LLVMGetTargetMachineTriple(target.machine);
  LLVMSetTarget(code, triple);
  LLVMDisposeMessage(triple);
  const LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(target.machine);
  LLVMSetModuleDataLayout(code, layout);
  LLVMDisposeTargetData(layout);
  if (mth_llvm_optimize(code, &target, nowhere) != MTH_OK) return false;
  LLVMMemoryBufferRef object = NULL;
  char *message = NULL;
  if (getenv("MTH_TEST_ASM"))
    LLVMTargetMachineEmitToFile(target.machine, code, getenv("MTH_TEST_ASM"), LLVMAssemblyFile,
                                &message);
  if (LLVMTargetMachineEmitToMemoryBuffer(target.machine, code, LLVMObjectFile, &message, &object))
    return false;
  LLVMDisposeModule(code);
  LLVMContextDispose(llvm);
  mth_target_deinit(&target);
  if (LLVMOrcCreateLLJIT(&kernel->jit, NULL)) return false;
  LLVMOrcJITDylibRef library = LLVMOrcLLJITGetMainJITDylib(kernel->jit);
  LLVMOrcDefinitionGeneratorRef process = NULL; // memset, memcpy
  if (LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess(
          &process, LLVMOrcLLJITGetGlobalPrefix(kernel->jit), NULL, NULL))
    return false;
  LLVMOrcJITDylibAddGenerator(library, process);
  if (LLVMOrcLLJITAddObjectFile(kernel->jit, library, object)) return false; // takes object
  LLVMOrcExecutorAddress address = 0;
  if (LLVMOrcLLJITLookup(kernel->jit, &address, "kernel")) return false;
  kernel->run = (mth_kernel_fn *)(uintptr_t)address;
  return true;
}

// Compiles the func.func @kernel of `text`. Reports to the test and returns false if that fails.
static bool loops_kernel_init(loops_kernel *kernel, const char *text, const char *cpu) {
  *kernel = (loops_kernel){0};
  MlirDialectRegistry registry = mlirDialectRegistryCreate();
  mlirRegisterAllDialects(registry);
  MlirContext context = mlirContextCreateWithRegistry(registry, false);
  mlirDialectRegistryDestroy(registry);
  mlirContextLoadAllAvailableDialects(context);
  mlirRegisterAllLLVMTranslations(context);
  static bool is_registered; // the pass registry is the process's
  if (!is_registered) mlirRegisterAllPasses(), is_registered = true;
  MlirModule module = mlirModuleCreateParse(context, mlirStringRefCreateFromCString(text));
  const bool ok = harness_check(!mlirModuleIsNull(module) &&
                                    loops_kernel_lower(kernel, mlirModuleGetOperation(module)) &&
                                    loops_kernel_load(kernel, mlirModuleGetOperation(module), cpu),
                                false, __FILE__, __LINE__, "cannot compile %s", text);
  mlirModuleDestroy(module);
  mlirContextDestroy(context);
  return ok;
}

static void loops_kernel_deinit(loops_kernel *kernel) {
  if (kernel->jit) LLVMConsumeError(LLVMOrcDisposeLLJIT(kernel->jit));
  if (kernel->dims) mth_dim_table_destroy(kernel->dims);
}

static bool loops_kernel_symbol(void *dims, const char *symbol, int64_t *out_value) {
  *out_value = ((const int64_t *)dims)[atoi(symbol + 1)];
  return true;
}

static int64_t loops_kernel_value(const mth_dim *dim, const int64_t *dims) {
  int64_t value = -1;
  mth_dim_evaluate(dim, loops_kernel_symbol, (void *)(uintptr_t)dims, &value);
  return value;
}

// Every tile once.
static void loops_kernel_run(const loops_kernel *kernel, void *const *buffers,
                             const int64_t *dims) {
  const int64_t scratch_bytes = loops_kernel_value(kernel->scratch, dims);
  void *const scratch = aligned_alloc(64, (size_t)(scratch_bytes + 63) / 64 * 64 + 64);
  memset(scratch, 0xff, (size_t)scratch_bytes); // NaN: nothing may be read before it is written
  int64_t extent[MTH_GRID_RANK], count[MTH_GRID_RANK], tiles = 1;
  for (int i = 0; i < kernel->rank; ++i) {
    extent[i] = loops_kernel_value(kernel->grid[i], dims);
    count[i] = (extent[i] + kernel->block[i] - 1) / kernel->block[i];
    tiles *= count[i];
  }
  for (int64_t t = 0; t < tiles; ++t) {
    int64_t tile[2 * MTH_GRID_RANK], rest = kernel->in_order ? t : tiles - 1 - t;
    for (int i = kernel->rank; i-- > 0;) {
      tile[2 * i] = rest % count[i] * kernel->block[i];
      tile[2 * i + 1] = tile[2 * i] + kernel->block[i];
      if (tile[2 * i + 1] > extent[i]) tile[2 * i + 1] = extent[i];
      rest /= count[i];
    }
    kernel->run(buffers, dims, tile, scratch);
  }
  free(scratch);
}
#endif
