// math_kernel.h: one op of MLIR's math dialect, through expand-math, as a loop over arrays.
#ifndef MTH_TEST_NUMERICS_MATH_KERNEL_H
#define MTH_TEST_NUMERICS_MATH_KERNEL_H
#include "jit/llvm_pipeline.h"
#include "jit/target.h"
#include "passes/passes.h"
#include "test/harness/harness.h"

#include "mlir-c/Conversion.h"
#include "mlir-c/IR.h"
#include "mlir-c/Pass.h"
#include "mlir-c/RegisterEverything.h"
#include "mlir-c/Target/LLVMIR.h"
#include "llvm-c/Core.h"
#include "llvm-c/LLJIT.h"
#include "llvm-c/Orc.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

// out[i] = op(x[i], y[i]) for i < count, a multiple of the lanes; y is ignored by unary ops.
typedef void math_kernel_fn(const void *x, const void *y, void *out, int64_t count);

typedef struct math_kernel {
  LLVMOrcLLJITRef jit;
  math_kernel_fn *run;
} math_kernel;

// The loop as text. lanes = 0: on scalars.
static void math_kernel_write(char *text, size_t bytes, const char *op, bool binary,
                              const char *element, int lanes) {
  char type[64];
  if (lanes)
    snprintf(type, sizeof type, "vector<%dx%s>", lanes, element);
  else
    snprintf(type, sizeof type, "%s", element);
  snprintf(text, bytes,
           "func.func @kernel(%%x: !llvm.ptr, %%y: !llvm.ptr, %%out: !llvm.ptr, %%n: i64) {\n"
           "  %%zero = arith.constant 0 : i64\n"
           "  %%step = arith.constant %d : i64\n"
           "  scf.for %%i = %%zero to %%n step %%step : i64 {\n"
           "    %%px = llvm.getelementptr %%x[%%i] : (!llvm.ptr, i64) -> !llvm.ptr, %s\n"
           "    %%py = llvm.getelementptr %%y[%%i] : (!llvm.ptr, i64) -> !llvm.ptr, %s\n"
           "    %%po = llvm.getelementptr %%out[%%i] : (!llvm.ptr, i64) -> !llvm.ptr, %s\n"
           "    %%vx = llvm.load %%px {alignment = 2} : !llvm.ptr -> %s\n"
           "    %%vy = llvm.load %%py {alignment = 2} : !llvm.ptr -> %s\n"
           "    %%r = %s %%vx%s : %s\n"
           "    llvm.store %%r, %%po {alignment = 2} : %s, !llvm.ptr\n"
           "  }\n"
           "  return\n"
           "}\n",
           lanes ? lanes : 1, element, element, element, type, type, op, binary ? ", %vy" : "",
           type, type);
}

static MlirContext math_kernel_context(void) {
  MlirDialectRegistry registry = mlirDialectRegistryCreate();
  mlirRegisterAllDialects(registry);
  MlirContext context = mlirContextCreateWithRegistry(registry, false);
  mlirDialectRegistryDestroy(registry);
  mlirContextLoadAllAvailableDialects(context);
  mlirRegisterAllLLVMTranslations(context);
  return context;
}

static bool math_kernel_lower(MlirContext context, MlirModule module) {
  const mth_pass_info *expand = mth_pass_find("expand-math");
  MlirPassManager manager = mlirPassManagerCreate(context);
  mlirPassManagerAddOwnedPass(manager, mth_pass_create(expand));
  mlirPassManagerAddOwnedPass(manager, mlirCreateConversionSCFToControlFlowPass());
  mlirPassManagerAddOwnedPass(manager, mlirCreateConversionConvertVectorToLLVMPass());
  mlirPassManagerAddOwnedPass(manager, mlirCreateConversionConvertMathToLLVMPass());
  mlirPassManagerAddOwnedPass(manager, mlirCreateConversionArithToLLVMConversionPass());
  mlirPassManagerAddOwnedPass(manager, mlirCreateConversionConvertControlFlowToLLVMPass());
  mlirPassManagerAddOwnedPass(manager, mlirCreateConversionConvertFuncToLLVMPass());
  mlirPassManagerAddOwnedPass(manager, mlirCreateConversionUBToLLVMConversionPass());
  mlirPassManagerAddOwnedPass(manager, mlirCreateConversionReconcileUnrealizedCastsPass());
  const MlirLogicalResult result = mlirPassManagerRunOnOp(manager, mlirModuleGetOperation(module));
  mlirPassManagerDestroy(manager);
  return mlirLogicalResultIsSuccess(result);
}

// LLVM IR of the module for the target, in a fresh LLVM context that the JIT takes.
static bool math_kernel_load(math_kernel *kernel, MlirModule module, const mth_target *target) {
  LLVMContextRef llvm = LLVMContextCreate();
  LLVMModuleRef code = mlirTranslateModuleToLLVMIR(mlirModuleGetOperation(module), llvm);
  if (!code) return false;
  char *const triple = LLVMGetTargetMachineTriple(target->machine);
  LLVMSetTarget(code, triple);
  LLVMDisposeMessage(triple);
  const mth_location nowhere = {NULL, NULL};
  if (mth_llvm_optimize(code, target, nowhere) != MTH_OK) return false;
  LLVMMemoryBufferRef object = NULL;
  char *message = NULL;
  if (LLVMTargetMachineEmitToMemoryBuffer(target->machine, code, LLVMObjectFile, &message, &object))
    return false;
  LLVMDisposeModule(code);
  LLVMContextDispose(llvm);

  if (LLVMOrcCreateLLJIT(&kernel->jit, NULL)) return false;
  LLVMOrcJITDylibRef library = LLVMOrcLLJITGetMainJITDylib(kernel->jit);
  LLVMOrcDefinitionGeneratorRef process = NULL; // fma, where the target has no such instruction
  if (LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess(
          &process, LLVMOrcLLJITGetGlobalPrefix(kernel->jit), NULL, NULL))
    return false;
  LLVMOrcJITDylibAddGenerator(library, process);
  if (LLVMOrcLLJITAddObjectFile(kernel->jit, library, object)) return false; // takes object
  LLVMOrcExecutorAddress address = 0;
  if (LLVMOrcLLJITLookup(kernel->jit, &address, "kernel")) return false;
  kernel->run = (math_kernel_fn *)(uintptr_t)address;
  return true;
}

// Compiles for processor `cpu` (target.h). False, after a report to the test, if that fails.
static bool math_kernel_init(math_kernel *kernel, const char *op, bool binary, const char *element,
                             int lanes, const char *cpu) {
  *kernel = (math_kernel){NULL, NULL};
  char text[4096];
  math_kernel_write(text, sizeof text, op, binary, element, lanes);
  mth_target target;
  const mth_location nowhere = {NULL, NULL};
  if (mth_target_init(&target, cpu, NULL, nowhere) != MTH_OK) return false;
  MlirContext context = math_kernel_context();
  MlirModule module = mlirModuleCreateParse(context, mlirStringRefCreateFromCString(text));
  const bool ok = harness_check(!mlirModuleIsNull(module) && math_kernel_lower(context, module) &&
                                    math_kernel_load(kernel, module, &target),
                                false, __FILE__, __LINE__, "cannot compile %s", text);
  mlirModuleDestroy(module);
  mlirContextDestroy(context);
  mth_target_deinit(&target);
  return ok;
}

static void math_kernel_deinit(math_kernel *kernel) {
  if (kernel->jit) LLVMConsumeError(LLVMOrcDisposeLLJIT(kernel->jit));
}
#endif
