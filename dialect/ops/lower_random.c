// lower_random.c: random numbers as integer arithmetic of the element's index: Philox4x32-10 as
// runtime/random.h defines it.
#include "dialect/scalar.h"

#include "mlir-c/BuiltinTypes.h"

enum { philox_rounds = 10, lanes = 4 };

static MlirType i64(mth_scalar *scalar) { return mth_scalar_type(scalar->context, MTH_I64); }

static MlirValue number(mth_scalar *scalar, int64_t value) {
  return mth_scalar_integer(scalar, i64(scalar), value);
}

static MlirValue low(mth_scalar *scalar, MlirValue x) {
  return mth_scalar_binary(scalar, "arith.andi", x, number(scalar, 0xFFFFFFFF));
}

static MlirValue high(mth_scalar *scalar, MlirValue x) {
  return mth_scalar_binary(scalar, "arith.shrui", x, number(scalar, 32));
}

static MlirValue exclusive_or(mth_scalar *scalar, MlirValue x, MlirValue y, MlirValue z) {
  return mth_scalar_binary(scalar, "arith.xori", mth_scalar_binary(scalar, "arith.xori", x, y), z);
}

// Words live in i64, below 2^32.
static void philox(mth_scalar *scalar, MlirValue seed, MlirValue stream, MlirValue block,
                   MlirValue out[lanes]) {
  MlirValue c[lanes] = {low(scalar, block), high(scalar, block), low(scalar, stream),
                        high(scalar, stream)};
  MlirValue k[2] = {low(scalar, seed), high(scalar, seed)};
  const MlirValue m0 = number(scalar, 0xD2511F53), m1 = number(scalar, 0xCD9E8D57);
  const MlirValue w0 = number(scalar, 0x9E3779B9), w1 = number(scalar, 0xBB67AE85);
  for (int round = 0; round < philox_rounds; ++round) {
    const MlirValue p0 = mth_scalar_binary(scalar, "arith.muli", m0, c[0]);
    const MlirValue p1 = mth_scalar_binary(scalar, "arith.muli", m1, c[2]);
    c[0] = exclusive_or(scalar, high(scalar, p1), c[1], k[0]);
    c[1] = low(scalar, p1);
    c[2] = exclusive_or(scalar, high(scalar, p0), c[3], k[1]);
    c[3] = low(scalar, p0);
    if (round + 1 == philox_rounds) break;
    k[0] = low(scalar, mth_scalar_binary(scalar, "arith.addi", k[0], w0));
    k[1] = low(scalar, mth_scalar_binary(scalar, "arith.addi", k[1], w1));
  }
  for (int i = 0; i < lanes; ++i)
    out[i] = c[i];
}

// The row-major index of the element.
static MlirValue element(mth_scalar *scalar) {
  const mth_type *type = &scalar->op->results[0];
  MlirValue linear = mth_scalar_integer(scalar, mlirIndexTypeGet(scalar->context), 0);
  for (int32_t i = 0; i < type->rank; ++i) {
    const MlirValue extent = scalar->extent(scalar, -1, (size_t)i);
    linear = mth_scalar_binary(scalar, "arith.muli", linear, extent);
    linear = mth_scalar_binary(scalar, "arith.addi", linear, scalar->index(scalar, (size_t)i));
  }
  return mth_scalar_op(scalar, "arith.index_cast", i64(scalar), 1, &linear);
}

// The `width` words of this element: all of one block, since `width` divides 4.
static void words(mth_scalar *scalar, const MlirValue *operands, int width, MlirValue *out) {
  const mth_dtype seed_dtype = scalar->op->operands[0].dtype;
  const MlirValue seed = mth_scalar_convert(scalar, operands[0], seed_dtype, MTH_I64);
  const MlirValue stream = number(scalar, mth_site_arg(scalar->op->site, "stream")->i);
  const int per_block = lanes / width;
  const MlirValue index = element(scalar);
  const MlirValue count = number(scalar, per_block);
  MlirValue block[lanes];
  philox(scalar, seed, stream, mth_scalar_binary(scalar, "arith.divui", index, count), block);
  const MlirValue place = mth_scalar_binary(scalar, "arith.remui", index, count);
  for (int w = 0; w < width; ++w)
    out[w] = block[w];
  for (int p = 1; p < per_block; ++p) {
    const MlirValue here = mth_scalar_compare(scalar, MTH_EQUAL, place, number(scalar, p));
    for (int w = 0; w < width; ++w)
      out[w] = mth_scalar_select(scalar, here, block[p * width + w], out[w]);
  }
}

static MlirType float_type(mth_scalar *scalar) {
  return mth_scalar_type(scalar->context, scalar->dtype);
}

// In [0, 1), exact: the upper 24 bits of one word, or 53 of two.
static MlirValue unit(mth_scalar *scalar, const MlirValue *w) {
  const MlirType type = float_type(scalar);
  const bool wide = scalar->dtype == MTH_F64;
  MlirValue bits = w[0];
  if (wide) {
    const MlirValue upper = mth_scalar_binary(scalar, "arith.shli", w[1], number(scalar, 32));
    bits = mth_scalar_binary(scalar, "arith.ori", w[0], upper);
  }
  bits = mth_scalar_binary(scalar, "arith.shrui", bits, number(scalar, wide ? 11 : 8));
  const MlirValue value = mth_scalar_op(scalar, "arith.sitofp", type, 1, &bits);
  return mth_scalar_binary(scalar, "arith.mulf", value,
                           mth_scalar_number(scalar, type, wide ? 0x1p-53 : 0x1p-24));
}

static MlirValue uniform(mth_scalar *scalar, const MlirValue *operands) {
  MlirValue w[2];
  words(scalar, operands, scalar->dtype == MTH_F64 ? 2 : 1, w);
  return unit(scalar, w);
}

// Box-Muller's cosine branch.
static MlirValue normal(mth_scalar *scalar, const MlirValue *operands) {
  const MlirType type = float_type(scalar);
  const int width = scalar->dtype == MTH_F64 ? 4 : 2;
  MlirValue w[lanes];
  words(scalar, operands, width, w);
  const MlirValue u = unit(scalar, w), v = unit(scalar, w + width / 2);
  const MlirValue one = mth_scalar_number(scalar, type, 1);
  const MlirValue rest = mth_scalar_binary(scalar, "arith.subf", one, u);
  const MlirValue log = mth_scalar_unary(scalar, "math.log", rest);
  const MlirValue square =
      mth_scalar_binary(scalar, "arith.mulf", log, mth_scalar_number(scalar, type, -2));
  const MlirValue angle = mth_scalar_binary(
      scalar, "arith.mulf", v, mth_scalar_number(scalar, type, 6.283185307179586476925286766559));
  return mth_scalar_binary(scalar, "arith.mulf", mth_scalar_unary(scalar, "math.sqrt", square),
                           mth_scalar_unary(scalar, "math.cos", angle));
}

#define RANDOM(name_, cost_, scalar_)                                                              \
  {.name = name_, .kind = MTH_LOWERING_MAP, .cost = cost_, .indexed = true, .scalar = scalar_}

static const mth_lowering rows[] = {
    RANDOM("random_uniform", 80, uniform),
    RANDOM("random_normal", 120, normal),
};
const mth_lowering_family mth_random_lowerings = {rows, sizeof rows / sizeof rows[0]};
