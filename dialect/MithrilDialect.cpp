// MithrilDialect.cpp: the generated dialect, and the few bodies that ODS cannot forward to C.
#include "dialect/capi.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Registration.h"
#include "mlir/CAPI/Support.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mithril::detail {
using namespace mlir;

template <typename OpT> ParseResult parseFunction(OpAsmParser &parser, OperationState &state) {
  auto type = [](Builder &builder, ArrayRef<Type> arguments, ArrayRef<Type> results,
                 function_interface_impl::VariadicFlag,
                 std::string &) { return builder.getFunctionType(arguments, results); };
  return function_interface_impl::parseFunctionOp(
      parser, state, /*allowVariadic=*/false, OpT::getFunctionTypeAttrName(state.name), type,
      OpT::getArgAttrsAttrName(state.name), OpT::getResAttrsAttrName(state.name));
}

template <typename OpT> void printFunction(OpAsmPrinter &printer, OpT op) {
  function_interface_impl::printFunctionOp(printer, op, /*isVariadic=*/false,
                                           op.getFunctionTypeAttrName(), op.getArgAttrsAttrName(),
                                           op.getResAttrsAttrName());
}
} // namespace mithril::detail

#include "dialect/MithrilDialect.h.inc"
#define GET_OP_CLASSES
#include "dialect/MithrilOps.h.inc"

#include "dialect/MithrilDialect.cpp.inc"
#define GET_OP_CLASSES
#include "dialect/MithrilOps.cpp.inc"

void mithril::MithrilDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialect/MithrilOps.cpp.inc"
      >();
}

mlir::OpFoldResult mithril::ConstantOp::fold(FoldAdaptor) { return getValue(); }

MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(Mithril, mithril, mithril::MithrilDialect)

static mithril::MithrilDialect *dialectOf(MlirContext context) {
  return unwrap(context)->getLoadedDialect<mithril::MithrilDialect>();
}

extern "C" void mth_dialect_set_registry(MlirContext context, const void *registry) {
  dialectOf(context)->registry = registry;
}

extern "C" const void *mth_dialect_get_registry(MlirContext context) {
  return dialectOf(context)->registry;
}

namespace {
// Gives every context that loads the dialect its op registry.
struct RegistryExtension final
    : mlir::DialectExtension<RegistryExtension, mithril::MithrilDialect> {
  const void *registry;
  explicit RegistryExtension(const void *registry) : registry(registry) {}
  void apply(mlir::MLIRContext *, mithril::MithrilDialect *dialect) const override {
    if (!dialect->registry) dialect->registry = registry;
  }
};
} // namespace

extern "C" void mth_dialect_preset_registry(MlirDialectRegistry dialects, const void *registry) {
  unwrap(dialects)->addExtension(mlir::TypeID::get<RegistryExtension>(),
                                 std::make_unique<RegistryExtension>(registry));
}

extern "C" void mth_dialect_set_evaluate(MlirContext context, const mth_evaluate *evaluate) {
  dialectOf(context)->evaluate = evaluate;
}

extern "C" const mth_evaluate *mth_dialect_get_evaluate(MlirContext context) {
  return static_cast<const mth_evaluate *>(dialectOf(context)->evaluate);
}
