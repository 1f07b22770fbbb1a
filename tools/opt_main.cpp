// opt_main.cpp: the shim around MLIR's driver.
#include "tools/opt_main.h"

#include "mlir/CAPI/IR.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

extern "C" int mth_opt_main(int argc, char **argv, MlirDialectRegistry dialects) {
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "Mithril's optimizer driver\n",
                                                   *unwrap(dialects)));
}
