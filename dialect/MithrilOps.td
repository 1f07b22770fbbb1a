// The mithril dialect. What an op means stands in ir/ops, what it becomes in dialect/ops; here is
// its textual form. All C++ bodies are generated from the base classes below and forward to C.
//
// Every op on tensors prints alike:
//   %y = mithril.matmul %a, %b {attributes} : (tensor<4x8xf32>, tensor<8x2xf32>) -> tensor<4x2xf32>
// A dim that is not a number is `?` in the type; the type's encoding lists an expression (ir/dim.h)
// for each `?` in order: tensor<?x128xf32, ["T"]>. Without an encoding the dims are not inferred
// yet.
#ifndef MITHRIL_OPS_TD
#define MITHRIL_OPS_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Mithril_Dialect : Dialect {
  let name = "mithril";
  let cppNamespace = "::mithril";
  let summary = "Gradient-based models as pure functions on tensors.";
  let hasOperationAttrVerify = 0;
  // The op registry of the compilation (ir/registry.h), set through dialect/capi.h.
  let extraClassDeclaration = [{
    const void *registry = nullptr;
  }];
}

class Mithril_Op<string mnemonic, list<Trait> traits = []>
    : Op<Mithril_Dialect, mnemonic, traits> {
  let hasVerifier = 1;
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::verify() {
      return ::unwrap(mth_verify_op(::wrap(getOperation())));
    }
  }];
}

def Mithril_Tensor : AnyTypeOf<[
  TensorOf<[I1, I8, I16, I32, I64, F16, BF16, F32, F64]>]>;

// An op on tensors: pure, verified by the rule of its meaning.
class Mithril_TensorOp<string mnemonic, list<Trait> traits = []>
    : Mithril_Op<mnemonic, traits # [Pure]> {
  let results = (outs Mithril_Tensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

class Mithril_Unary<string mnemonic, list<Trait> traits = []>
    : Mithril_TensorOp<mnemonic, traits> {
  let arguments = (ins Mithril_Tensor:$input);
}

class Mithril_Binary<string mnemonic, list<Trait> traits = []>
    : Mithril_TensorOp<mnemonic, traits> {
  let arguments = (ins Mithril_Tensor:$left, Mithril_Tensor:$right);
}

//===--- programs -----------------------------------------------------------===//

class Mithril_Function<string mnemonic> : Mithril_Op<mnemonic, [
    FunctionOpInterface, IsolatedFromAbove, SingleBlock]> {
  let arguments = (ins SymbolNameAttr:$sym_name,
                       TypeAttrOf<FunctionType>:$function_type,
                       OptionalAttr<StrAttr>:$sym_visibility,
                       OptionalAttr<DictArrayAttr>:$arg_attrs,
                       OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
  }];
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::verify() {
      return ::unwrap(mth_verify_op(::wrap(getOperation())));
    }
    ::mlir::ParseResult $cppClass::parse(::mlir::OpAsmParser &p, ::mlir::OperationState &state) {
      return ::mithril::detail::parseFunction<$cppClass>(p, state);
    }
    void $cppClass::print(::mlir::OpAsmPrinter &p) {
      ::mithril::detail::printFunction(p, *this);
    }
  }];
}

def Mithril_ModelOp : Mithril_Function<"model"> {
  let summary = "A model: a pure function that other models and entries instantiate";
  let description = [{
    Arguments and results carry `mithril.port = "name"`.
  }];
}

def Mithril_EntryOp : Mithril_Function<"entry"> {
  let summary = "A function of the program that its user calls";
  let description = [{
    Each argument carries `mithril.port = "name"`, and `mithril.role = "state"` if it is one buffer
    read and written; each result carries `mithril.port`. A state port is an argument and a result
    of one name. Arguments may carry `mithril.init = "normal"|"uniform"|"constant"` with
    `mithril.init_a`, `mithril.init_b : f64`.
  }];
}

def Mithril_KernelOp : Mithril_Function<"kernel"> {
  let summary = "A pure, isolated group of ops that becomes one machine-code function";
  let description = [{
    `symbols = ["d0", "d1"]` names its own dims in the order of the launch's `dims`.
  }];
}

def Mithril_ReturnOp : Mithril_Op<"return", [Pure, Terminator, ReturnLike,
    ParentOneOf<["ModelOp", "EntryOp", "KernelOp"]>]> {
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

def Mithril_InstanceOp : Mithril_Op<"instance", [Pure]> {
  let summary = "Runs a model on operands; `path` is the instance's name for people";
  let arguments = (ins FlatSymbolRefAttr:$model, StrAttr:$path, Variadic<Mithril_Tensor>:$inputs);
  let results = (outs Variadic<Mithril_Tensor>:$outputs);
  let assemblyFormat =
    "$model $path `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs)";
}

def Mithril_GradientOp : Mithril_Op<"gradient", [Pure, AttrSizedOperandSegments]> {
  let summary = "Runs a model and returns its results, then gradients";
  let description = [{
    `of` lists results of the model, `cotangents` holds one cotangent for each of them; `wrt` lists
    arguments. The op's results are the model's, then one gradient for each of `wrt`.
  }];
  let arguments = (ins FlatSymbolRefAttr:$model, Variadic<Mithril_Tensor>:$inputs,
                       Variadic<Mithril_Tensor>:$cotangents,
                       DenseI64ArrayAttr:$of, DenseI64ArrayAttr:$wrt);
  let results = (outs Variadic<Mithril_Tensor>:$outputs);
  let assemblyFormat = [{
    $model `(` $inputs `)` `of` $of `cotangents` `(` $cotangents `)` `wrt` $wrt attr-dict `:`
    functional-type(operands, $outputs)
  }];
}

def Mithril_LaunchOp : Mithril_Op<"launch", [Pure]> {
  let summary = "Runs a kernel; `dims` gives the values of its symbols";
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<Mithril_Tensor>:$inputs,
                       ArrayAttr:$dims);
  let results = (outs Variadic<Mithril_Tensor>:$outputs);
  let assemblyFormat =
    "$kernel `(` $inputs `)` `dims` $dims attr-dict `:` functional-type($inputs, $outputs)";
}

def Mithril_ConstantOp : Mithril_Op<"constant", [Pure, ConstantLike,
    AllTypesMatch<["value", "output"]>]> {
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Mithril_Tensor:$output);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}

def Mithril_CustomOp : Mithril_Op<"custom", [Pure]> {
  let summary = "An op registered outside the dialect; `name` is its name in the registry";
  let arguments = (ins StrAttr:$name, Variadic<Mithril_Tensor>:$inputs);
  let results = (outs Variadic<Mithril_Tensor>:$outputs);
  let assemblyFormat =
    "$name `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs)";
}

//===--- maps ---------------------------------------------------------------===//

def Mithril_AddOp : Mithril_Binary<"add", [Commutative]>;
def Mithril_MultiplyOp : Mithril_Binary<"multiply", [Commutative]>;
def Mithril_ReluOp : Mithril_Unary<"relu">;
def Mithril_ExpOp : Mithril_Unary<"exp">;

//===--- contractions -------------------------------------------------------===//

def Mithril_MatmulOp : Mithril_Binary<"matmul">;

#endif
