// mithril-opt: mlir-opt with the mithril dialect and passes, for lit tests and for people.
#include "dialect/capi.h"
#include "frontend/op_library.h"
#include "passes/pipeline.h"
#include "tools/opt_main.h"

#include "mlir-c/RegisterEverything.h"

#include <stdio.h>
#include <stdlib.h>

static void print_diagnostic(void *user, const mth_diagnostic *diagnostic) {
  (void)user;
  fprintf(stderr, "%s: error: %s\n", diagnostic->where, diagnostic->message);
}

static void load_ops(void *registry, const char *path) {
  const mth_sink sink = {print_diagnostic, NULL};
  if (mth_registry_load_library(registry, path, &sink) != MTH_OK) exit(EXIT_FAILURE);
}

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
  const int status = mth_opt_main(argc, argv, dialects, load_ops, ops);
  mlirDialectRegistryDestroy(dialects);
  mth_registry_destroy(ops);
  return status;
}
