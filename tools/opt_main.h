// opt_main.h: MLIR's command-line driver, which has no C API.
#ifndef MTH_TOOLS_OPT_MAIN_H
#define MTH_TOOLS_OPT_MAIN_H
#include "mlir-c/IR.h"
#ifdef __cplusplus
extern "C" {
#endif
// mlir-opt's main with these dialects and the registered passes. Returns the exit status.
// `load_ops` is called for each --load-op-library while arguments are read.
int mth_opt_main(int argc, char **argv, MlirDialectRegistry dialects,
                 void (*load_ops)(void *user, const char *path), void *user);
#ifdef __cplusplus
}
#endif
#endif
