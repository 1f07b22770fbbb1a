// dim_to_llvm.c: dim expressions as 64-bit arithmetic.
#include "passes/dim_to_llvm.h"

#include "dialect/fail.h"

#include "mlir-c/Dialect/LLVM.h"

#include <assert.h>

void mth_dim_forbid(mth_dim_writer *w, MlirValue condition) {
  if (!w->checked) return;
  w->wrong = w->wrong.ptr ? mth_llvm_binary(w->llvm, "llvm.or", w->wrong, condition) : condition;
}

static MlirValue number(mth_dim_writer *w, int64_t value) {
  return mth_llvm_int(w->llvm, w->llvm->i64, value);
}

static MlirValue write_sum_or_product(mth_dim_writer *w, bool sum, MlirValue a, MlirValue b) {
  mth_llvm_writer *const l = w->llvm;
  if (!w->checked) return mth_llvm_binary(l, sum ? "llvm.add" : "llvm.mul", a, b);
  const MlirType types[] = {l->i64, l->i1};
  const MlirType pair = mlirLLVMStructTypeLiteralGet(l->context, 2, types, false);
  const MlirValue both = mth_llvm_overflow(
      l, sum ? "llvm.intr.sadd.with.overflow" : "llvm.intr.smul.with.overflow", pair, a, b);
  mth_dim_forbid(w, mth_llvm_extract(l, l->i1, both, 1));
  return mth_llvm_extract(l, l->i64, both, 0);
}

// Quotient and remainder of division that rounds down, from the one that rounds to zero.
static MlirValue write_division(mth_dim_writer *w, bool quotient, MlirValue a, MlirValue b) {
  mth_llvm_writer *const l = w->llvm;
  const MlirValue zero = number(w, 0), one = number(w, 1), minus_one = number(w, -1);
  const MlirValue by_zero = mth_llvm_compare(l, MTH_LLVM_EQ, b, zero);
  mth_dim_forbid(w, by_zero);
  const MlirValue by_minus_one = mth_llvm_compare(l, MTH_LLVM_EQ, b, minus_one);
  mth_dim_forbid(w, by_minus_one); // -2^63 / -1 would trap, and no extent is divided by -1
  const MlirValue odd = mth_llvm_binary(l, "llvm.or", by_zero, by_minus_one);
  const MlirValue divisor = mth_llvm_select(l, odd, one, b);
  const MlirValue rest = mth_llvm_binary(l, "llvm.srem", a, divisor);
  // Signs of rest and divisor differ, and the rest is not zero: one lower.
  const MlirValue differ =
      mth_llvm_compare(l, MTH_LLVM_SLT, mth_llvm_binary(l, "llvm.xor", rest, divisor), zero);
  const MlirValue inexact = mth_llvm_compare(l, MTH_LLVM_NE, rest, zero);
  const MlirValue down = mth_llvm_binary(l, "llvm.and", differ, inexact);
  if (!quotient)
    return mth_llvm_binary(l, "llvm.add", rest, mth_llvm_select(l, down, divisor, zero));
  return mth_llvm_binary(l, "llvm.sub", mth_llvm_binary(l, "llvm.sdiv", a, divisor),
                         mth_llvm_select(l, down, one, zero));
}

static MlirValue write_operation(mth_dim_writer *w, mth_dim_kind kind, MlirValue a, MlirValue b) {
  mth_llvm_writer *const l = w->llvm;
  switch (kind) {
  case MTH_DIM_ADD:
    return write_sum_or_product(w, true, a, b);
  case MTH_DIM_MULTIPLY:
    return write_sum_or_product(w, false, a, b);
  case MTH_DIM_FLOORDIV:
    return write_division(w, true, a, b);
  case MTH_DIM_MOD:
    return write_division(w, false, a, b);
  case MTH_DIM_MIN:
    return mth_llvm_select(l, mth_llvm_compare(l, MTH_LLVM_SLT, a, b), a, b);
  case MTH_DIM_MAX:
    return mth_llvm_select(l, mth_llvm_compare(l, MTH_LLVM_SLT, a, b), b, a);
  case MTH_DIM_CONSTANT:
  case MTH_DIM_SYMBOL:
    break;
  }
  assert(false && "a leaf has no operation");
  return a;
}

mth_status mth_dim_write(mth_dim_writer *w, const mth_dim *dim, MlirValue *out_value) {
  const mth_dim_kind kind = mth_dim_get_kind(dim);
  if (kind == MTH_DIM_CONSTANT) {
    *out_value = number(w, mth_dim_value(dim));
    return MTH_OK;
  }
  if (kind == MTH_DIM_SYMBOL) {
    const int32_t index = mth_entry_symbol_index(w->interface, mth_dim_name(dim));
    if (index < 0)
      return mth_fail_ir(MTH_INVALID, w->llvm->loc, "no input of the entry tells the value of '%s'",
                         mth_dim_name(dim));
    *out_value = w->symbols[index];
    return MTH_OK;
  }
  MlirValue value;
  MTH_TRY(mth_dim_write(w, mth_dim_operand(dim, 0), &value));
  for (size_t i = 1; i < mth_dim_operand_count(dim); ++i) {
    MlirValue operand;
    MTH_TRY(mth_dim_write(w, mth_dim_operand(dim, i), &operand));
    value = write_operation(w, kind, value, operand);
  }
  *out_value = value;
  return MTH_OK;
}
