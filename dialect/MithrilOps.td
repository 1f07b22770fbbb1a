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
  // The op registry of the compilation (ir/registry.h) and the way to compute constants, set through
  // dialect/capi.h.
  let extraClassDeclaration = [{
    const void *registry = nullptr;
    const void *evaluate = nullptr;
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
// Argument attributes have the encodings of docs/ir-forms.md; an optional one has a default in its
// op's signature. test/dialect/signature_test.c holds all of this against the registry.

def Mithril_AddOp : Mithril_Binary<"add", [Commutative]>;
def Mithril_SubtractOp : Mithril_Binary<"subtract">;
def Mithril_MultiplyOp : Mithril_Binary<"multiply", [Commutative]>;
def Mithril_DivideOp : Mithril_TensorOp<"divide"> {
  let arguments = (ins Mithril_Tensor:$numerator, Mithril_Tensor:$denominator);
}
def Mithril_FloorDivideOp : Mithril_TensorOp<"floor_divide"> {
  let arguments = (ins Mithril_Tensor:$numerator, Mithril_Tensor:$denominator);
}
def Mithril_ModuloOp : Mithril_Binary<"modulo">;
def Mithril_PowerOp : Mithril_TensorOp<"power"> {
  let arguments = (ins Mithril_Tensor:$base, Mithril_Tensor:$exponent,
                       OptionalAttr<BoolAttr>:$robust, OptionalAttr<F64Attr>:$threshold);
}
def Mithril_MaximumOp : Mithril_Binary<"maximum", [Commutative]>;
def Mithril_MinimumOp : Mithril_Binary<"minimum", [Commutative]>;
def Mithril_EqualOp : Mithril_Binary<"equal", [Commutative]>;
def Mithril_NotEqualOp : Mithril_Binary<"not_equal", [Commutative]>;
def Mithril_LessOp : Mithril_Binary<"less">;
def Mithril_LessEqualOp : Mithril_Binary<"less_equal">;
def Mithril_GreaterOp : Mithril_Binary<"greater">;
def Mithril_GreaterEqualOp : Mithril_Binary<"greater_equal">;
def Mithril_LogicalAndOp : Mithril_Binary<"logical_and", [Commutative]>;
def Mithril_LogicalOrOp : Mithril_Binary<"logical_or", [Commutative]>;
def Mithril_LogicalXorOp : Mithril_Binary<"logical_xor", [Commutative]>;
class Mithril_Shift<string mnemonic> : Mithril_TensorOp<mnemonic> {
  let arguments = (ins Mithril_Tensor:$input, Mithril_Tensor:$shift);
}
def Mithril_ShiftLeftOp : Mithril_Shift<"shift_left">;
def Mithril_ShiftRightOp : Mithril_Shift<"shift_right">;
def Mithril_WhereOp : Mithril_TensorOp<"where"> {
  let arguments = (ins Mithril_Tensor:$cond, Mithril_Tensor:$input1, Mithril_Tensor:$input2);
}

def Mithril_NegateOp : Mithril_Unary<"negate">;
def Mithril_ExpOp : Mithril_Unary<"exp">;
class Mithril_Robust<string mnemonic> : Mithril_TensorOp<mnemonic> {
  let arguments = (ins Mithril_Tensor:$input, OptionalAttr<BoolAttr>:$robust,
                       OptionalAttr<F64Attr>:$threshold);
}
def Mithril_LogOp : Mithril_Robust<"log">;
def Mithril_SqrtOp : Mithril_Robust<"sqrt">;
def Mithril_Log1pOp : Mithril_Unary<"log1p">;
def Mithril_FloorOp : Mithril_Unary<"floor">;
def Mithril_SquareOp : Mithril_Unary<"square">;
def Mithril_SoftplusOp : Mithril_Unary<"softplus">;
def Mithril_LeakyReluOp : Mithril_TensorOp<"leaky_relu"> {
  let arguments = (ins Mithril_Tensor:$input, OptionalAttr<F64Attr>:$slope);
}
def Mithril_ClampOp : Mithril_TensorOp<"clamp"> {
  let arguments = (ins Mithril_Tensor:$input, OptionalAttr<F64Attr>:$min_val,
                       OptionalAttr<F64Attr>:$max_val);
}
def Mithril_StableReciprocalOp : Mithril_TensorOp<"stable_reciprocal"> {
  let arguments = (ins Mithril_Tensor:$input, OptionalAttr<F64Attr>:$threshold);
}
def Mithril_AbsOp : Mithril_Unary<"abs">;
def Mithril_SignOp : Mithril_Unary<"sign">;
def Mithril_TanhOp : Mithril_Unary<"tanh">;
def Mithril_SigmoidOp : Mithril_Unary<"sigmoid">;
def Mithril_ReluOp : Mithril_Unary<"relu">;
def Mithril_ErfOp : Mithril_Unary<"erf">;
def Mithril_SinOp : Mithril_Unary<"sin">;
def Mithril_CosOp : Mithril_Unary<"cos">;
def Mithril_StopGradientOp : Mithril_Unary<"stop_gradient">;
def Mithril_LogicalNotOp : Mithril_Unary<"logical_not">;
def Mithril_GeluOp : Mithril_TensorOp<"gelu"> {
  let arguments = (ins Mithril_Tensor:$input, OptionalAttr<BoolAttr>:$approximate);
}
def Mithril_CastOp : Mithril_TensorOp<"cast"> {
  let arguments = (ins Mithril_Tensor:$input, TypeAttr:$dtype);
}
def Mithril_SquaredErrorOp : Mithril_TensorOp<"squared_error"> {
  let arguments = (ins Mithril_Tensor:$input, Mithril_Tensor:$target);
}

//===--- reductions ---------------------------------------------------------===//

class Mithril_Reduction<string mnemonic> : Mithril_TensorOp<mnemonic> {
  let arguments = (ins Mithril_Tensor:$input, OptionalAttr<DenseI64ArrayAttr>:$axis,
                       OptionalAttr<BoolAttr>:$keepdim);
}
def Mithril_SumOp : Mithril_Reduction<"sum">;
def Mithril_MeanOp : Mithril_Reduction<"mean">;
def Mithril_ProdOp : Mithril_Reduction<"prod">;
def Mithril_VarianceOp : Mithril_TensorOp<"variance"> {
  let arguments = (ins Mithril_Tensor:$input, OptionalAttr<DenseI64ArrayAttr>:$axis,
                       OptionalAttr<BoolAttr>:$keepdim, OptionalAttr<F64Attr>:$correction);
}
class Mithril_FirstIndex<string mnemonic> : Mithril_TensorOp<mnemonic> {
  let arguments = (ins Mithril_Tensor:$input, OptionalAttr<I64Attr>:$axis,
                       OptionalAttr<BoolAttr>:$keepdim);
}
def Mithril_ArgMaxOp : Mithril_FirstIndex<"arg_max">;
def Mithril_ArgMinOp : Mithril_FirstIndex<"arg_min">;
def Mithril_ReduceMaxOp : Mithril_Reduction<"reduce_max">;
def Mithril_ReduceMinOp : Mithril_Reduction<"reduce_min">;

//===--- views --------------------------------------------------------------===//

def Mithril_ReshapeOp : Mithril_TensorOp<"reshape"> {
  let arguments = (ins Mithril_Tensor:$input, ArrayAttr:$shape);
}
def Mithril_TransposeOp : Mithril_TensorOp<"transpose"> {
  let arguments = (ins Mithril_Tensor:$input, OptionalAttr<DenseI64ArrayAttr>:$axes);
}
def Mithril_SliceOp : Mithril_TensorOp<"slice"> {
  let summary = "For each axis, `size` elements from `start` on, `step` apart";
  let arguments = (ins Mithril_Tensor:$input, ArrayAttr:$start, ArrayAttr:$size,
                       OptionalAttr<DenseI64ArrayAttr>:$step);
}
def Mithril_BroadcastToOp : Mithril_TensorOp<"broadcast_to"> {
  let arguments = (ins Mithril_Tensor:$input, ArrayAttr:$shape);
}
def Mithril_ConcatOp : Mithril_TensorOp<"concat"> {
  let arguments = (ins Variadic<Mithril_Tensor>:$inputs, OptionalAttr<I64Attr>:$axis);
}
def Mithril_PadOp : Mithril_TensorOp<"pad"> {
  let summary = "For each axis, `low` zeros before and `high` zeros after";
  let arguments = (ins Mithril_Tensor:$input, ArrayAttr:$low, ArrayAttr:$high);
}

// Views that become the ones above once shapes are known.
def Mithril_FlattenAxesOp : Mithril_TensorOp<"flatten_axes"> {
  let arguments = (ins Mithril_Tensor:$input, OptionalAttr<I64Attr>:$start_dim,
                       OptionalAttr<I64Attr>:$end_dim);
}
def Mithril_SqueezeOp : Mithril_Unary<"squeeze">;
def Mithril_SwapAxesOp : Mithril_TensorOp<"swap_axes"> {
  let arguments = (ins Mithril_Tensor:$input, I64Attr:$axis1, I64Attr:$axis2);
}
def Mithril_SplitPartOp : Mithril_TensorOp<"split_part"> {
  let summary = "Part `index` of parts of `split_size`, or of `sections` equal parts";
  let arguments = (ins Mithril_Tensor:$input, OptionalAttr<I64Attr>:$split_size,
                       OptionalAttr<I64Attr>:$sections, OptionalAttr<I64Attr>:$axis,
                       I64Attr:$index);
}
def Mithril_IndexOp : Mithril_TensorOp<"index"> {
  let summary = "input[...] as NumPy has it: integers, slices, new axes, `...` and index tensors";
  let description = [{
    `items` has a letter for each item: i an integer; s, a, b, r a slice with neither bound, with its
    first, its last, with both; n a new axis; e all axes that no item mentions; t the next tensor of
    `indices`. `start`, `stop` and `step` have a number for each, 0 where it has none.
  }];
  let arguments = (ins Mithril_Tensor:$input, Variadic<Mithril_Tensor>:$indices, StrAttr:$items,
                       ArrayAttr:$start, ArrayAttr:$stop, DenseI64ArrayAttr:$step);
}
def Mithril_BufferOp : Mithril_Unary<"buffer">;

def Mithril_AtLeast1DOp : Mithril_Unary<"atleast_1d">;
def Mithril_ItemOp : Mithril_Unary<"item"> {
  let summary = "The only element of a tensor, as a tensor of rank 0";
}
def Mithril_ElementCountOp : Mithril_TensorOp<"element_count"> {
  let summary = "The number of elements along `axis`; no element is read";
  let arguments = (ins Mithril_Tensor:$input, OptionalAttr<DenseI64ArrayAttr>:$axis);
}

def Mithril_PolynomialFeaturesOp : Mithril_TensorOp<"polynomial_features"> {
  let summary = "Every monomial of the columns up to `degree`, a column each";
  let arguments = (ins Mithril_Tensor:$input, I64Attr:$degree);
}

//===--- contractions -------------------------------------------------------===//

def Mithril_MatmulOp : Mithril_Binary<"matmul">;
def Mithril_PackOp : Mithril_TensorOp<"pack"> {
  let summary = "Panels of `tile` rows: output[b..., p, k, i] = input[b..., p*tile + i, k], or 0";
  let description = [{
    `axes` says which axes of the input are (b..., row, k). Rows past the end are zeros.
  }];
  let arguments = (ins Mithril_Tensor:$input, DenseI64ArrayAttr:$axes, I64Attr:$tile);
}
def Mithril_MatmulPackedOp : Mithril_Binary<"matmul_packed"> {
  let summary = "matmul on packed operands; `shape` is the last two dims of the output";
  let arguments = (ins Mithril_Tensor:$left, Mithril_Tensor:$right, ArrayAttr:$shape);
}

//===--- windows ------------------------------------------------------------===//

def Mithril_WindowsOp : Mithril_TensorOp<"windows"> {
  let summary = "output[..., k, i, ...] = input[..., start + i*stride + k*dilation, ...], or 0";
  let arguments = (ins Mithril_Tensor:$input, I64Attr:$axis, ArrayAttr:$kernel, ArrayAttr:$count,
                       ArrayAttr:$start, OptionalAttr<I64Attr>:$stride,
                       OptionalAttr<I64Attr>:$dilation);
}
def Mithril_ConvolutionOp : Mithril_TensorOp<"convolution"> {
  let summary = "Cross-correlation of [N, C, L...] with [O, C/groups, k...]";
  let description = [{
    `padding` lists the zeros in front of and behind each axis of space, in turn.
  }];
  let arguments = (ins Mithril_Tensor:$input, Mithril_Tensor:$weight,
                       OptionalAttr<DenseI64ArrayAttr>:$stride,
                       OptionalAttr<DenseI64ArrayAttr>:$padding,
                       OptionalAttr<DenseI64ArrayAttr>:$dilation, OptionalAttr<I64Attr>:$groups);
}

//===--- indices that are data ----------------------------------------------===//

def Mithril_GatherOp : Mithril_TensorOp<"gather"> {
  let summary = "Rows of `input`: output[i..., j...] = input[indices[i...], j...]";
  let arguments = (ins Mithril_Tensor:$input, Mithril_Tensor:$indices);
}
def Mithril_PickOp : Mithril_TensorOp<"pick"> {
  let summary = "The element of `input` along `axis` that `target` names";
  let arguments = (ins Mithril_Tensor:$input, Mithril_Tensor:$target, OptionalAttr<I64Attr>:$axis);
}
def Mithril_OneHotOp : Mithril_TensorOp<"one_hot"> {
  let summary = "1 where the index along `axis` is the target's, in the type of `like`";
  let arguments = (ins Mithril_Tensor:$target, Mithril_Tensor:$like, OptionalAttr<I64Attr>:$axis);
}
def Mithril_AlongAxisOp : Mithril_TensorOp<"along_axis"> {
  let summary = "A vector that lies along `axis` of the shape of `like`";
  let arguments = (ins Mithril_Tensor:$input, Mithril_Tensor:$like, OptionalAttr<I64Attr>:$axis);
}
def Mithril_ScatterAddOp : Mithril_TensorOp<"scatter_add"> {
  let summary = "A zero tensor of `size` rows to which rows of `updates` are added in order";
  let arguments = (ins Mithril_Tensor:$indices, Mithril_Tensor:$updates, ArrayAttr:$size);
}

//===--- normalisations and losses ------------------------------------------===//

def Mithril_SoftmaxOp : Mithril_TensorOp<"softmax"> {
  let arguments = (ins Mithril_Tensor:$input, OptionalAttr<I64Attr>:$axis);
}
def Mithril_LogSoftmaxOp : Mithril_TensorOp<"log_softmax"> {
  let arguments = (ins Mithril_Tensor:$input, OptionalAttr<I64Attr>:$axis);
}
def Mithril_LayerNormOp : Mithril_TensorOp<"layer_norm"> {
  let arguments = (ins Mithril_Tensor:$input, Mithril_Tensor:$weight, Mithril_Tensor:$bias,
                       OptionalAttr<F64Attr>:$eps);
}
def Mithril_CrossEntropyOp : Mithril_TensorOp<"cross_entropy"> {
  let summary = "-log softmax(input)[target] along `axis`; target holds class ids";
  let arguments = (ins Mithril_Tensor:$input, Mithril_Tensor:$target, OptionalAttr<I64Attr>:$axis);
}

class Mithril_Loss<string mnemonic> : Mithril_TensorOp<mnemonic> {
  let arguments = (ins Mithril_Tensor:$input, Mithril_Tensor:$target);
}
def Mithril_AbsoluteErrorOp : Mithril_Loss<"absolute_error">;
def Mithril_HingeLossOp : Mithril_Loss<"hinge_loss">;
def Mithril_QuadHingeLossOp : Mithril_Loss<"quad_hinge_loss">;
def Mithril_QuantileLossOp : Mithril_TensorOp<"quantile_loss"> {
  let arguments = (ins Mithril_Tensor:$input, Mithril_Tensor:$target,
                       OptionalAttr<F64Attr>:$quantile);
}
def Mithril_KlDivergenceOp : Mithril_TensorOp<"kl_divergence"> {
  let arguments = (ins Mithril_Tensor:$input, Mithril_Tensor:$target,
                       OptionalAttr<F64Attr>:$threshold);
}
def Mithril_BinaryCrossEntropyOp : Mithril_TensorOp<"binary_cross_entropy"> {
  let arguments = (ins Mithril_Tensor:$input, Mithril_Tensor:$target, Mithril_Tensor:$pos_weight,
                       OptionalAttr<BoolAttr>:$robust, OptionalAttr<F64Attr>:$threshold);
}
def Mithril_BinaryCrossEntropyWithLogitsOp
    : Mithril_TensorOp<"binary_cross_entropy_with_logits"> {
  let arguments = (ins Mithril_Tensor:$input, Mithril_Tensor:$target, Mithril_Tensor:$pos_weight);
}
def Mithril_ClassWeightsOp : Mithril_Unary<"class_weights"> {
  let summary = "sum(input) / (C * sum of the class) for each class along axis 1";
}

//===--- sources ------------------------------------------------------------===//

def Mithril_IotaOp : Mithril_TensorOp<"iota"> {
  let arguments = (ins ArrayAttr:$shape, I64Attr:$axis, TypeAttr:$dtype);
}

def Mithril_DimValuesOp : Mithril_TensorOp<"dim_values"> {
  let summary = "Integers that may be symbols of the program as a tensor";
  let arguments = (ins ArrayAttr:$dims, ArrayAttr:$shape, TypeAttr:$dtype);
}

class Mithril_Random<string mnemonic> : Mithril_TensorOp<mnemonic> {
  let arguments = (ins Mithril_Tensor:$seed, ArrayAttr:$shape, I64Attr:$stream, TypeAttr:$dtype);
}
def Mithril_RandomNormalOp : Mithril_Random<"random_normal">;
def Mithril_RandomUniformOp : Mithril_Random<"random_uniform">;

#endif
