// mithril-opt: mlir-opt with the mithril dialect and passes, for lit tests and for people.
#include "dialect/capi.h"
#include "passes/pipeline.h"
#include "tools/opt_main.h"

#include "mlir-c/RegisterEverything.h"

int main(int argc, char **argv) {
  MlirDialectRegistry dialects = mlirDialectRegistryCreate();
  mlirRegisterAllDialects(dialects);
  mlirRegisterAllPasses();
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__mithril__(), dialects);
  mth_passes_register();
  mth_phases_register();
  const int status = mth_opt_main(argc, argv, dialects);
  mlirDialectRegistryDestroy(dialects);
  return status;
}
