// expand_math: elementary functions as arithmetic.
//
// Why     One formula for scalars, vectors and every target: the same bits everywhere, errors we
//         can state, and no libm in what we ship. libm is scalar, libmvec 4 ulp off. maximum and
//         minimum take half the instructions of LLVM's.
// Needs   nothing beyond verified IR. It runs after `vectorize`, so that formulas are vectors.
// Keeps   types, and every op that is an instruction: sqrt, fma, absf, copysign, rounding. f16 and
//         bf16 are computed in f32 and rounded once more.
// Not     an op on tensors: it has loops before it. A function that passes/math/functions.def
//         does not list stays a call of libm. Fast-math flags of an op are dropped: the formulas
//         depend on the order of their roundings.
// Test    test/passes/expand_math.mlir, test/numerics/math_test.c
#include "passes/math/functions.h"
#include "passes/passes.h"

#include "mlir-c/BuiltinTypes.h"

static const struct function {
  MlirStringRef op;
  MlirValue (*expand)(const mth_formula *f, const MlirValue *operands);
} functions[] = {
#define MTH_FUNCTION(function, op) {{op, sizeof op - 1}, mth_expand_##function},
#include "passes/math/functions.def"
#undef MTH_FUNCTION
};
enum { MAX_OPERANDS = 2 };

static const struct function *find(MlirOperation op) {
  const MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; ++i)
    if (mlirStringRefEqual(name, functions[i].op)) return &functions[i];
  return NULL;
}

static bool is_expandable(MlirType type) {
  if (mlirTypeIsAVector(type)) {
    if (mlirVectorTypeIsScalable(type) || mlirShapedTypeGetRank(type) > MTH_FORMULA_MAX_RANK)
      return false;
    type = mlirShapedTypeGetElementType(type);
  }
  return mlirTypeIsAF64(type) || mlirTypeIsAF32(type) || mlirTypeIsAF16(type) ||
         mlirTypeIsABF16(type);
}

static MlirWalkResult visit(MlirOperation op, void *unused) {
  (void)unused;
  const struct function *function = find(op);
  if (!function) return MlirWalkResultAdvance;
  const MlirValue result = mlirOperationGetResult(op, 0);
  const MlirType type = mlirValueGetType(result);
  if (!is_expandable(type)) return MlirWalkResultAdvance;

  const MlirType element = mlirTypeIsAVector(type) ? mlirShapedTypeGetElementType(type) : type;
  const bool is_short = !mlirTypeIsAF64(element) && !mlirTypeIsAF32(element);
  const MlirType f32 = mlirF32TypeGet(mlirOperationGetContext(op));
  const mth_formula f = mth_formula_before(op, is_short ? mth_type_of_shape(type, f32) : type);
  MlirValue operands[MAX_OPERANDS];
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    operands[i] = mlirOperationGetOperand(op, i);
    if (is_short) operands[i] = mth_formula_op(&f, "arith.extf", f.real, 1, &operands[i]);
  }
  MlirValue y = function->expand(&f, operands);
  if (is_short) y = mth_formula_op(&f, "arith.truncf", type, 1, &y);

  mlirValueReplaceAllUsesOfWith(result, y);
  mlirOperationDestroy(op); // a walk that visits ops after what they hold allows it
  return MlirWalkResultAdvance;
}

mth_status mth_pass_expand_math(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  mlirOperationWalk(module, visit, NULL, MlirWalkPostOrder);
  return MTH_OK;
}
