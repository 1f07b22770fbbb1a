// parsed_module.h: a module of any of MLIR's dialects, and of ops that none knows, from its text.
#ifndef MTH_TEST_PARSED_MODULE_H
#define MTH_TEST_PARSED_MODULE_H
#include "dialect/diagnostics.h"
#include "dialect/match.h"
#include "test/harness/harness.h"

#include "mlir-c/RegisterEverything.h"

typedef struct parsed_module {
  MlirContext context;
  MlirModule module;
  mth_sink sink;
  mth_diagnostic report; // the first error
  MlirDiagnosticHandlerID handler;
} parsed_module;

// Reports to the running test and returns false if the text is no valid module. To be followed by
// parsed_module_deinit in both cases; the struct must not move between the two.
static inline bool parsed_module_init(parsed_module *parsed, const char *text) {
  const MlirDialectRegistry dialects = mlirDialectRegistryCreate();
  mlirRegisterAllDialects(dialects);
  *parsed = (parsed_module){.context = mlirContextCreateWithRegistry(dialects, false)};
  mlirDialectRegistryDestroy(dialects);
  mlirContextLoadAllAvailableDialects(parsed->context);
  mlirContextSetAllowUnregisteredDialects(parsed->context, true);
  parsed->sink = mth_sink_keep_first(&parsed->report);
  parsed->handler = mth_diagnostics_attach(parsed->context, &parsed->sink);
  parsed->module = mlirModuleCreateParse(parsed->context, mth_str(text));
  return harness_check(!mlirModuleIsNull(parsed->module), false, __FILE__, __LINE__,
                       "does not parse: %s\n%s", parsed->report.message, text);
}

static inline void parsed_module_deinit(parsed_module *parsed) {
  if (!mlirModuleIsNull(parsed->module)) mlirModuleDestroy(parsed->module);
  mth_diagnostics_detach(parsed->context, parsed->handler);
  mlirContextDestroy(parsed->context);
}

static inline MlirOperation parsed_symbol(const parsed_module *parsed, const char *name) {
  return mth_find_symbol(mlirModuleGetOperation(parsed->module), mth_str(name));
}
#endif
