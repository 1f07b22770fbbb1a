// opt_main.cpp: the shim around MLIR's driver.
#include "tools/opt_main.h"

#include "mlir/CAPI/IR.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/CommandLine.h"

extern "C" int mth_opt_main(int argc, char **argv, MlirDialectRegistry dialects,
                            void (*load_ops)(void *user, const char *path), void *user) {
  llvm::cl::list<std::string> libraries(
      "load-op-library", llvm::cl::value_desc("file"),
      llvm::cl::desc("Load ops from a library (docs/add-an-op.md)"));
  libraries.setCallback([=](const std::string &path) { load_ops(user, path.c_str()); });
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Mithril's optimizer driver\n", *unwrap(dialects)));
}
