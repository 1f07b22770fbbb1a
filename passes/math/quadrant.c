// quadrant: arguments of sin and cos modulo pi/2.
//
// Up to a bound (2^16 in f32, 2^30 in f64) pi/2 is taken in three parts of full precision. n P1 is
// exact inside the fma, and so is the difference: it is a multiple of an ulp of P1 below 1. What
// n P2 and the next difference lose is known exactly, and goes with n P3 into `low`:
//
//   n = round(|x| 2/pi)   r = |x| - n P1   high = r - n P2   low = what high lost - n P3
//
// Beyond, after Payne and Hanek 1983: x = M 2^E with a 53-bit integer M. Of 2/pi only the bits that
// can reach x 2/pi mod 4 are needed: 192 of them, from 2 before the point of 2^E 2/pi. They are
// shifted out of 1280 bits of 2/pi, which reach past the largest double. M times them, modulo
// 2^192, is the quadrant in 2 bits and the fraction in 190. No double is closer to a multiple of
// pi/2 than 2^-62, so 128 good bits are left.
//
// That path is integer arithmetic on one lane after another, and runs only if a lane of the vector
// wants it. Each lane takes the path that its own value asks for, so that no bit of a result
// depends on its neighbours.
//
// Numbers  high + low is right to 2^-75 (f64) and 2^-45 (f32) of itself, and better for most.
#include "passes/math/functions.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

// The first 1280 bits of 2/pi after the point.
static const char two_over_pi[] =
    "0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561"
    "b7246e3a424dd2e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484"
    "e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980f"
    "ef2f118b5a0a6d1f6d367ecf27cb09b74f463f669e5fea2d7527bac7ebe5f17b"
    "3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6babf0cfbc209af4361d : i1280";
enum { TABLE_BITS = 1280, PRODUCT_BITS = 192, FRACTION_BITS = 190, CHUNK_BITS = 50 };

#define TWO_OVER_PI 0x1.45f306p-1, 0x1.45f306dc9c883p-1
#define HALF_PI_1 0x1.921fb6p0, 0x1.921fb54442d18p0
#define HALF_PI_2 -0x1.777a5cp-25, 0x1.1a62633145c07p-54
#define HALF_PI_3 -0x1.ee59dap-50, -0x1.f1976b7ed8fbcp-110
#define NEAR_BOUND 0x1p16, 0x1p30
enum { FAR_EXPONENT = 1023 + 16 }; // the least biased f64 exponent beyond either bound

static mth_reduced reduce_near(const mth_formula *f, MlirValue x) {
  const MlirValue round = mth_real(f, mth_formula_layout(f)->round);
  const MlirValue rounded = fused(f, x, pick(f, TWO_OVER_PI), round);
  const MlirValue minus_n = subtract(f, round, rounded);
  const MlirValue r = fused(f, minus_n, pick(f, HALF_PI_1), x);
  const MlirValue part = pick(f, HALF_PI_2);
  const MlirValue second = multiply(f, minus_n, part);
  const MlirValue second_low = fused(f, minus_n, part, negate(f, second));
  // high + lost = r + second, either of which may be the larger (Knuth's sum).
  const MlirValue high = add(f, r, second);
  const MlirValue of_second = subtract(f, high, r);
  const MlirValue of_r = subtract(f, high, of_second);
  const MlirValue lost = add(f, subtract(f, r, of_r), subtract(f, second, of_second));
  const MlirValue low = fused(f, minus_n, pick(f, HALF_PI_3), add(f, lost, second_low));
  return (mth_reduced){high, low, bits_of(f, rounded)};
}

static MlirValue wide(const mth_formula *f, int64_t bits, int64_t value) {
  const MlirType type = mlirIntegerTypeGet(f->context, (unsigned)bits);
  return mth_constant(f, type, mlirIntegerAttrGet(type, value));
}

static MlirValue integer_op(const mth_formula *f, const char *op, MlirValue a, MlirValue b) {
  return mth_formula_op(f, op, mlirValueGetType(a), 2, (const MlirValue[]){a, b});
}

static MlirValue resize(const mth_formula *f, const char *op, MlirValue a, int64_t bits) {
  return mth_formula_op(f, op, mlirIntegerTypeGet(f->context, (unsigned)bits), 1, &a);
}

// Bits [from, from + CHUNK_BITS) of the fraction as a real of that weight; `shift` says whether
// bits or the sign come in from above.
static MlirValue chunk(const mth_formula *f, MlirValue fraction, const char *shift, int64_t from) {
  MlirValue bits =
      resize(f, "arith.trunci", integer_op(f, shift, fraction, wide(f, PRODUCT_BITS, from)), 64);
  if (from + CHUNK_BITS < FRACTION_BITS)
    bits = and_bits(f, bits, mth_whole(f, ((int64_t)1 << CHUNK_BITS) - 1));
  const MlirValue value = mth_formula_op(f, "arith.sitofp", f->real, 1, &bits);
  const int64_t weight = 1023 + from - FRACTION_BITS;
  return multiply(f, value, real_of(f, mth_whole(f, weight << 52)));
}

// One scalar f64, x >= 2^16. For inf and nan: anything.
static mth_reduced reduce_far(const mth_formula *f, MlirValue x) {
  const MlirValue bits = bits_of(f, x);
  const MlirValue biased = integer_op(f, "arith.maxui", shift_right(f, bits, mth_whole(f, 52)),
                                      mth_whole(f, FAR_EXPONENT));
  const MlirValue hidden_bit = mth_whole(f, (int64_t)1 << 52);
  const MlirValue M =
      add_bits(f, and_bits(f, bits, mth_whole(f, ((int64_t)1 << 52) - 1)), hidden_bit);

  // E = biased - 1075; bit 0 of the product has weight 2^-FRACTION_BITS.
  const int64_t furthest = TABLE_BITS - FRACTION_BITS + 1075;
  const MlirValue shift =
      resize(f, "arith.extui", subtract_bits(f, mth_whole(f, furthest), biased), TABLE_BITS);
  const MlirType table_type = mlirIntegerTypeGet(f->context, TABLE_BITS);
  const MlirValue table =
      mth_constant(f, table_type,
                   mlirAttributeParseGet(f->context, mlirStringRefCreateFromCString(two_over_pi)));
  const MlirValue window =
      resize(f, "arith.trunci", integer_op(f, "arith.shrui", table, shift), PRODUCT_BITS);
  const MlirValue product =
      integer_op(f, "arith.muli", window, resize(f, "arith.extui", M, PRODUCT_BITS));

  // Half a quadrant more makes the quadrant the nearest one; the fraction gets a sign instead.
  const MlirValue two = wide(f, PRODUCT_BITS, 2);
  const MlirValue half = integer_op(f, "arith.shli", wide(f, PRODUCT_BITS, 1),
                                    wide(f, PRODUCT_BITS, FRACTION_BITS - 1));
  const MlirValue quadrant =
      integer_op(f, "arith.shrui", integer_op(f, "arith.addi", product, half),
                 wide(f, PRODUCT_BITS, FRACTION_BITS));
  const MlirValue fraction =
      integer_op(f, "arith.shrsi", integer_op(f, "arith.shli", product, two), two);

  const MlirValue a = chunk(f, fraction, "arith.shrsi", 140);
  const MlirValue b = chunk(f, fraction, "arith.shrui", 90);
  const MlirValue c = chunk(f, fraction, "arith.shrui", 40);
  const MlirValue ab = add(f, a, b);
  const MlirValue rest = add(f, subtract(f, b, subtract(f, ab, a)), c);
  const MlirValue high = add(f, ab, rest);
  const MlirValue low = subtract(f, rest, subtract(f, high, ab));

  const MlirValue half_pi = pick(f, HALF_PI_1);
  const MlirValue angle = multiply(f, high, half_pi);
  MlirValue angle_low = fused(f, high, half_pi, negate(f, angle));
  angle_low = fused(f, high, pick(f, HALF_PI_2), angle_low);
  angle_low = fused(f, low, half_pi, angle_low);
  return (mth_reduced){angle, angle_low, resize(f, "arith.trunci", quadrant, 64)};
}

// reduce_far of a scalar of the formula's own precision.
static mth_reduced reduce_far_scalar(const mth_formula *f, MlirValue x) {
  if (f->f64) return reduce_far(f, x);
  const MlirType f64 = mlirF64TypeGet(f->context);
  const mth_formula g = mth_formula_of_type(f, f64);
  const mth_reduced r = reduce_far(&g, mth_formula_op(f, "arith.extf", f64, 1, &x));
  const MlirValue exact = add(&g, r.high, r.low);
  const MlirValue high = mth_formula_op(f, "arith.truncf", f->real, 1, &exact);
  const MlirValue back = mth_formula_op(f, "arith.extf", f64, 1, &high);
  const MlirValue lost = add(&g, subtract(&g, r.high, back), r.low);
  return (mth_reduced){high, mth_formula_op(f, "arith.truncf", f->real, 1, &lost),
                       resize(f, "arith.trunci", r.quadrant, 32)};
}

static void yield(const mth_formula *f, const mth_reduced *r) {
  (void)mth_formula_insert(
      f, (mth_op_spec){.name = "scf.yield",
                       .operand_count = 3,
                       .operands = (const MlirValue[]){r->high, r->low, r->quadrant}});
}

static mth_reduced results_of(MlirOperation op) {
  return (mth_reduced){mlirOperationGetResult(op, 0), mlirOperationGetResult(op, 1),
                       mlirOperationGetResult(op, 2)};
}

static MlirValue index_constant(const mth_formula *f, int64_t value) {
  const MlirType index = mlirIndexTypeGet(f->context);
  return mth_constant(f, index, mlirIntegerAttrGet(index, value));
}

static MlirNamedAttribute lane_position(const mth_formula *f) {
  const int64_t dynamic = mlirShapedTypeGetDynamicSize();
  return mth_named(f->context, "static_position", mlirDenseI64ArrayGet(f->context, 1, &dynamic));
}

static MlirValue lane_get(const mth_formula *f, MlirValue vector, MlirValue lane, MlirType type) {
  const MlirNamedAttribute position = lane_position(f);
  return mlirOperationGetResult(
      mth_formula_insert(f, (mth_op_spec){.name = "vector.extract",
                                          .operand_count = 2,
                                          .operands = (const MlirValue[]){vector, lane},
                                          .result_count = 1,
                                          .results = &type,
                                          .attribute_count = 1,
                                          .attributes = &position}),
      0);
}

static MlirValue lane_set(const mth_formula *f, MlirValue vector, MlirValue lane, MlirValue value) {
  const MlirType type = mlirValueGetType(vector);
  const MlirNamedAttribute position = lane_position(f);
  return mlirOperationGetResult(
      mth_formula_insert(f, (mth_op_spec){.name = "vector.insert",
                                          .operand_count = 3,
                                          .operands = (const MlirValue[]){value, vector, lane},
                                          .result_count = 1,
                                          .results = &type,
                                          .attribute_count = 1,
                                          .attributes = &position}),
      0);
}

// reduce_far of each of the `lanes` of vectors of rank 1, in a loop.
static mth_reduced reduce_far_lanes(const mth_formula *f, MlirValue x, int64_t lanes) {
  const MlirType real = mlirShapedTypeGetElementType(f->real);
  const MlirType arguments[] = {mlirIndexTypeGet(f->context), f->real, f->real, f->bits};
  const MlirLocation locations[] = {f->at, f->at, f->at, f->at};
  const MlirBlock body = mlirBlockCreate(4, arguments, locations);
  const MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, body);

  const MlirValue zero = mth_real(f, 0);
  const MlirOperation loop = mth_formula_insert(
      f, (mth_op_spec){.name = "scf.for",
                       .operand_count = 6,
                       .operands =
                           (const MlirValue[]){index_constant(f, 0), index_constant(f, lanes),
                                               index_constant(f, 1), zero, zero, mth_whole(f, 0)},
                       .result_count = 3,
                       .results = arguments + 1,
                       .region_count = 1,
                       .regions = &region});

  const MlirValue lane = mlirBlockGetArgument(body, 0);
  const mth_formula inner = mth_formula_in(f, body);
  const mth_formula scalar = mth_formula_of_type(&inner, real);
  const mth_reduced one = reduce_far_scalar(&scalar, lane_get(&inner, x, lane, real));
  const mth_reduced all = {lane_set(&inner, mlirBlockGetArgument(body, 1), lane, one.high),
                           lane_set(&inner, mlirBlockGetArgument(body, 2), lane, one.low),
                           lane_set(&inner, mlirBlockGetArgument(body, 3), lane, one.quadrant)};
  yield(&inner, &all);
  return results_of(loop);
}

// True if any lane of a vector of rank 1 is.
static MlirValue any_lane(const mth_formula *f, MlirValue truth) {
  const MlirType i1 = mlirIntegerTypeGet(f->context, 1);
  const MlirNamedAttribute kind = mth_named(
      f->context, "kind",
      mlirAttributeParseGet(f->context, mlirStringRefCreateFromCString("#vector.kind<or>")));
  return mlirOperationGetResult(mth_formula_insert(f, (mth_op_spec){.name = "vector.reduction",
                                                                    .operand_count = 1,
                                                                    .operands = &truth,
                                                                    .result_count = 1,
                                                                    .results = &i1,
                                                                    .attribute_count = 1,
                                                                    .attributes = &kind}),
                                0);
}

static MlirRegion region_of_one_block(MlirBlock *out_block) {
  const MlirRegion region = mlirRegionCreate();
  *out_block = mlirBlockCreate(0, NULL, NULL);
  mlirRegionAppendOwnedBlock(region, *out_block);
  return region;
}

// On scalars, or vectors of rank 1.
static mth_reduced reduce_flat(const mth_formula *f, MlirValue x) {
  const bool is_vector = mlirTypeIsAVector(f->real);
  const mth_reduced near = reduce_near(f, x);
  const MlirValue is_far = mth_compare_reals(f, MTH_OGT, x, pick(f, NEAR_BOUND));
  const MlirValue any_far = is_vector ? any_lane(f, is_far) : is_far;

  MlirBlock far_block, near_block;
  MlirRegion regions[2];
  regions[0] = region_of_one_block(&far_block);
  regions[1] = region_of_one_block(&near_block);
  const MlirType results[] = {f->real, f->real, f->bits};
  const MlirOperation choice = mth_formula_insert(f, (mth_op_spec){.name = "scf.if",
                                                                   .operand_count = 1,
                                                                   .operands = &any_far,
                                                                   .result_count = 3,
                                                                   .results = results,
                                                                   .region_count = 2,
                                                                   .regions = regions});
  const mth_formula in_far = mth_formula_in(f, far_block), in_near = mth_formula_in(f, near_block);
  mth_reduced far;
  if (is_vector) {
    const mth_reduced lanes = reduce_far_lanes(&in_far, x, mlirShapedTypeGetDimSize(f->real, 0));
    far = (mth_reduced){where(&in_far, is_far, lanes.high, near.high),
                        where(&in_far, is_far, lanes.low, near.low),
                        where(&in_far, is_far, lanes.quadrant, near.quadrant)};
  } else {
    far = reduce_far_scalar(&in_far, x);
  }
  yield(&in_far, &far);
  yield(&in_near, &near);
  return results_of(choice);
}

mth_reduced mth_reduce_by_half_pi(const mth_formula *f, MlirValue x) {
  if (!mlirTypeIsAVector(f->real) || mlirShapedTypeGetRank(f->real) == 1) return reduce_flat(f, x);
  int64_t lanes = 1;
  for (int64_t i = 0; i < mlirShapedTypeGetRank(f->real); ++i)
    lanes *= mlirShapedTypeGetDimSize(f->real, i);
  const MlirType flat_type = mlirVectorTypeGet(1, &lanes, mlirShapedTypeGetElementType(f->real));
  const mth_formula flat = mth_formula_of_type(f, flat_type);
  const mth_reduced r =
      reduce_flat(&flat, mth_formula_op(f, "vector.shape_cast", flat_type, 1, &x));
  return (mth_reduced){mth_formula_op(f, "vector.shape_cast", f->real, 1, &r.high),
                       mth_formula_op(f, "vector.shape_cast", f->real, 1, &r.low),
                       mth_formula_op(f, "vector.shape_cast", f->bits, 1, &r.quadrant)};
}
