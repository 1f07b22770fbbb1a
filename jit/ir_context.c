// ir_context.c: the MLIR context of one compilation.
#include "jit/ir_context.h"

#include "dialect/capi.h"

#include "mlir-c/Dialect/Arith.h"
#include "mlir-c/Dialect/ControlFlow.h"
#include "mlir-c/Dialect/Func.h"
#include "mlir-c/Dialect/LLVM.h"
#include "mlir-c/Dialect/Linalg.h"
#include "mlir-c/Dialect/Math.h"
#include "mlir-c/Dialect/MemRef.h"
#include "mlir-c/Dialect/SCF.h"
#include "mlir-c/Dialect/Tensor.h"
#include "mlir-c/Dialect/Vector.h"
#include "mlir-c/RegisterEverything.h"

#include <pthread.h>

// Passes call upstream's passes by name, and MLIR's registry of them is process-wide and unlocked.
static void register_passes(void) { mlirRegisterAllPasses(); }

MlirContext mth_ir_context_create(const mth_registry *registry) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, register_passes);

  MlirDialectRegistry ours = mlirDialectRegistryCreate();
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__mithril__(), ours);
  MlirContext context = mlirContextCreateWithRegistry(ours, false);
  mlirDialectRegistryDestroy(ours);
  mlirDialectHandleLoadDialect(mlirGetDialectHandle__mithril__(), context);
  mth_dialect_set_registry(context, registry);
  return context;
}

void mth_ir_context_open(MlirContext context) {
  static MlirDialectHandle (*const dialects[])(void) = {
      mlirGetDialectHandle__arith__,  mlirGetDialectHandle__cf__,   mlirGetDialectHandle__func__,
      mlirGetDialectHandle__linalg__, mlirGetDialectHandle__llvm__, mlirGetDialectHandle__math__,
      mlirGetDialectHandle__memref__, mlirGetDialectHandle__scf__,  mlirGetDialectHandle__tensor__,
      mlirGetDialectHandle__vector__};
  MlirDialectRegistry all = mlirDialectRegistryCreate();
  mlirRegisterAllDialects(all); // with the interfaces that lowerings find by dialect
  mlirContextAppendDialectRegistry(context, all);
  mlirDialectRegistryDestroy(all);
  for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; ++i)
    mlirDialectHandleLoadDialect(dialects[i](), context);
  mlirRegisterAllLLVMTranslations(context);
}
