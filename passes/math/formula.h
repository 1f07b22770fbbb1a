// formula.h: arithmetic written as formulas, on scalars and vectors alike.
//
// A formula fixes the float type its values have and the place where its ops go. The makers below
// are named as in a textbook: y = fma(f, a, x, b) is a*x + b rounded once. Every op is arith's, or
// one of math's that is a single instruction (fma, absf, copysign). None carries fast-math flags.
#ifndef MTH_PASSES_MATH_FORMULA_H
#define MTH_PASSES_MATH_FORMULA_H
#include "dialect/make.h"

#include "mlir-c/IR.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mth_formula {
  MlirContext context;
  MlirLocation at;
  MlirBlock block;
  MlirOperation before;       // new ops go in front of it; null: at the end of the block
  MlirType real, bits, truth; // f32 or f64; i32 or i64; i1: scalars, or vectors of one shape
  bool f64;
} mth_formula;

// How a float type is laid out.
typedef struct mth_float_layout {
  int64_t fraction_bits, bias;
  double round; // 1.5*2^fraction_bits: adding it leaves the nearest integer in the low bits
  double whole; // 2^fraction_bits: from here on every float is an integer
  double min_normal;
} mth_float_layout;

// The coefficients of a polynomial for each precision, lowest first.
typedef struct mth_polynomial {
  const double *coefficients;
  size_t count;
} mth_polynomial;
#define MTH_POLYNOMIAL(array) {array, sizeof(array) / sizeof(array)[0]}

// cmpf's predicates: O is false, U true when an operand is nan.
typedef enum mth_compare {
  MTH_OEQ = 1,
  MTH_OGT,
  MTH_OGE,
  MTH_OLT,
  MTH_OLE,
  MTH_ONE,
  MTH_ORD,
  MTH_UEQ,
  MTH_UGT,
  MTH_UGE,
  MTH_ULT,
  MTH_ULE,
  MTH_UNE,
  MTH_UNO
} mth_compare;

enum { MTH_FORMULA_MAX_RANK = 32 }; // of vectors

// A formula on values of type `real`, which is f32, f64 or a vector of them, in front of `before`.
mth_formula mth_formula_before(MlirOperation before, MlirType real);
// The same formula at the end of `block`, or on values of another type.
mth_formula mth_formula_in(const mth_formula *f, MlirBlock block);
mth_formula mth_formula_of_type(const mth_formula *f, MlirType real);

const mth_float_layout *mth_formula_layout(const mth_formula *f);
// `shape` with another element type: the element itself if `shape` is a scalar.
MlirType mth_type_of_shape(MlirType shape, MlirType element);

// Inserts an op where the formula goes; `spec` needs no location.
MlirOperation mth_formula_insert(const mth_formula *f, mth_op_spec spec);
// An op of one result and no attributes.
MlirValue mth_formula_op(const mth_formula *f, const char *name, MlirType result, intptr_t count,
                         const MlirValue *operands);

// Constants. mth_real wants a value that the type holds exactly; mth_constant takes one element.
MlirValue mth_constant(const mth_formula *f, MlirType type, MlirAttribute element);
MlirValue mth_real(const mth_formula *f, double value);
MlirValue mth_whole(const mth_formula *f, int64_t value);
MlirValue mth_compare_reals(const mth_formula *f, mth_compare predicate, MlirValue a, MlirValue b);
MlirValue mth_equal_bits(const mth_formula *f, MlirValue a, MlirValue b);
MlirValue mth_not(const mth_formula *f, MlirValue truth);
// p(x) by Horner's rule; p.count >= 1.
MlirValue mth_horner(const mth_formula *f, MlirValue x, mth_polynomial p);

// Textbook names. Static, so they stay in the files that write formulas.
#define MTH_MAKER1(maker, op, type)                                                                \
  static inline MlirValue maker(const mth_formula *f, MlirValue a) {                               \
    return mth_formula_op(f, op, f->type, 1, &a);                                                  \
  }
#define MTH_MAKER2(maker, op, type)                                                                \
  static inline MlirValue maker(const mth_formula *f, MlirValue a, MlirValue b) {                  \
    return mth_formula_op(f, op, f->type, 2, (const MlirValue[]){a, b});                           \
  }
MTH_MAKER2(add, "arith.addf", real)
MTH_MAKER2(subtract, "arith.subf", real)
MTH_MAKER2(multiply, "arith.mulf", real)
MTH_MAKER2(divide, "arith.divf", real)
MTH_MAKER1(negate, "arith.negf", real)
MTH_MAKER1(magnitude, "math.absf", real)
MTH_MAKER2(with_sign_of, "math.copysign", real) // |a| with the sign of b
MTH_MAKER2(add_bits, "arith.addi", bits)
MTH_MAKER2(subtract_bits, "arith.subi", bits)
MTH_MAKER2(shift_left, "arith.shli", bits)
MTH_MAKER2(shift_right, "arith.shrui", bits) // zeros come in
MTH_MAKER2(and_bits, "arith.andi", bits)
MTH_MAKER2(xor_bits, "arith.xori", bits)
MTH_MAKER2(both, "arith.andi", truth)
MTH_MAKER2(one_of, "arith.ori", truth)
MTH_MAKER1(bits_of, "arith.bitcast", bits)
MTH_MAKER1(real_of, "arith.bitcast", real)
#undef MTH_MAKER1
#undef MTH_MAKER2

// a*b + c, rounded once.
static inline MlirValue fused(const mth_formula *f, MlirValue a, MlirValue b, MlirValue c) {
  return mth_formula_op(f, "math.fma", f->real, 3, (const MlirValue[]){a, b, c});
}
// `yes` where the condition holds, else `no`; reals or bits.
static inline MlirValue where(const mth_formula *f, MlirValue condition, MlirValue yes,
                              MlirValue no) {
  return mth_formula_op(f, "arith.select", mlirValueGetType(yes), 3,
                        (const MlirValue[]){condition, yes, no});
}
// The constant for this precision.
static inline MlirValue pick(const mth_formula *f, double f32, double f64) {
  return mth_real(f, f->f64 ? f64 : f32);
}
#endif
