// mithril-opt: mlir-opt with the mithril dialect and passes, for lit tests and for people.
#include "dialect/capi.h"
#include "ir/registry.h"
#include "passes/pipeline.h"
#include "tools/opt_main.h"

#include "mlir-c/RegisterEverything.h"

int main(int argc, char **argv) {
  mth_registry *ops;
  if (mth_registry_create(mth_default_allocator(), &ops) != MTH_OK) return 1;
  MlirDialectRegistry dialects = mlirDialectRegistryCreate();
  mlirRegisterAllDialects(dialects);
  mlirRegisterAllPasses();
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__mithril__(), dialects);
  mth_dialect_preset_registry(dialects, ops);
  mth_passes_register();
  mth_phases_register();
  const int status = mth_opt_main(argc, argv, dialects);
  mlirDialectRegistryDestroy(dialects);
  mth_registry_destroy(ops);
  return status;
}
