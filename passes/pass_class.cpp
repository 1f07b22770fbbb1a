// pass_class.cpp: rows of the pass table as MLIR passes with options. mlirCreateExternalPass has
// neither options nor registration.
#include "passes/pipeline.h"

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
#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Pass.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassRegistry.h"

namespace {
class TablePass final : public mlir::Pass {
  const mth_pass_info &info;
  std::vector<std::unique_ptr<Option<bool>>> bools;
  std::vector<std::unique_ptr<Option<int64_t>>> ints;
  std::vector<std::unique_ptr<Option<std::string>>> strings;
  std::vector<char> values; // the options struct of the C function

  const void *optionValues() {
    values.assign(info.options_bytes, 0);
    size_t b = 0, n = 0, s = 0;
    for (size_t i = 0; i < info.option_count; ++i) {
      char *field = values.data() + info.options[i].offset;
      switch (info.options[i].kind) {
      case MTH_OPTION_BOOL:
        *reinterpret_cast<bool *>(field) = *bools[b++];
        break;
      case MTH_OPTION_INT:
        *reinterpret_cast<int64_t *>(field) = *ints[n++];
        break;
      case MTH_OPTION_STRING:
        *reinterpret_cast<const char **>(field) = strings[s++]->getValue().c_str();
        break;
      }
    }
    return values.data();
  }

  void addOption(const mth_pass_option &option) {
    const llvm::cl::desc help(option.help);
    switch (option.kind) {
    case MTH_OPTION_BOOL:
      bools.push_back(std::make_unique<Option<bool>>(*this, option.name, help,
                                                     llvm::cl::init(option.default_int != 0)));
      break;
    case MTH_OPTION_INT:
      ints.push_back(std::make_unique<Option<int64_t>>(*this, option.name, help,
                                                       llvm::cl::init(option.default_int)));
      break;
    case MTH_OPTION_STRING:
      strings.push_back(std::make_unique<Option<std::string>>(
          *this, option.name, help, llvm::cl::init(std::string(option.default_string))));
      break;
    }
  }

public:
  explicit TablePass(const mth_pass_info &row)
      : Pass(mlir::TypeID::getFromOpaquePointer(&row), llvm::StringRef(row.anchor)), info(row) {
    for (size_t i = 0; i < info.option_count; ++i)
      addOption(info.options[i]);
  }
  llvm::StringRef getName() const override { return info.name; }
  llvm::StringRef getArgument() const override { return info.name; }
  llvm::StringRef getDescription() const override { return info.summary; }
  bool canScheduleOn(mlir::RegisteredOperationName op) const override {
    return op.getStringRef() == info.anchor;
  }
  // One list for all: what a pass does not use costs nothing once it is loaded.
  void getDependentDialects(mlir::DialectRegistry &registry) const override {
    for (MlirDialectHandle (*dialect)() :
         {mlirGetDialectHandle__mithril__, mlirGetDialectHandle__arith__,
          mlirGetDialectHandle__cf__, mlirGetDialectHandle__func__, mlirGetDialectHandle__linalg__,
          mlirGetDialectHandle__llvm__, mlirGetDialectHandle__math__,
          mlirGetDialectHandle__memref__, mlirGetDialectHandle__scf__,
          mlirGetDialectHandle__tensor__, mlirGetDialectHandle__vector__})
      mlirDialectHandleInsertDialect(dialect(), wrap(&registry));
  }
  void runOnOperation() override {
    if (info.run(wrap(getOperation()), optionValues()) != MTH_OK) signalPassFailure();
  }
  std::unique_ptr<mlir::Pass> clonePass() const override {
    return std::make_unique<TablePass>(info);
  }
};
} // namespace

extern "C" MlirPass mth_pass_create(const mth_pass_info *info) {
  return wrap(new TablePass(*info));
}

extern "C" void mth_passes_register(void) {
  size_t count;
  const mth_pass_info *table = mth_pass_table(&count);
  for (size_t i = 0; i < count; ++i)
    mlir::registerPass([row = &table[i]] {
      return std::unique_ptr<mlir::Pass>(std::make_unique<TablePass>(*row));
    });
}

extern "C" void mth_phases_register(void) {
  for (size_t phase = 0; phase < MTH_PHASE_COUNT; ++phase)
    mlir::registerPassPipeline(
        mth_phases[phase].name, mth_phases[phase].summary,
        [phase](mlir::OpPassManager &manager, llvm::StringRef, auto) {
          const mth_pass_info *passes[64];
          const size_t count = mth_pipeline_list(phase, phase + 1, passes, std::size(passes));
          for (size_t i = 0; i < count; ++i) {
            const bool on_module = llvm::StringRef(passes[i]->anchor) == "builtin.module";
            mlir::OpPassManager &on = on_module ? manager : manager.nest(passes[i]->anchor);
            on.addPass(std::make_unique<TablePass>(*passes[i]));
          }
          return mlir::success();
        },
        [](auto) {});
}
