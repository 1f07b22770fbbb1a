// lanes.c: scalar code written once for one element, or for one vector of elements.
#include "passes/loops/lanes.h"

#include "dialect/fail.h"
#include "dialect/make.h"
#include "dialect/match.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <assert.h>

enum { MAX_OPERANDS = 16, MAX_ATTRIBUTES = 8 };

mth_lane mth_lane_uniform(MlirValue scalar) {
  return (mth_lane){.kind = MTH_LANE_UNIFORM, .value = scalar, .base = mth_index_of(scalar)};
}

mth_lane mth_lane_index(mth_index_value index) {
  return (mth_lane){.kind = MTH_LANE_UNIFORM, .value = index.value, .base = index};
}

mth_lane mth_lane_linear(mth_index_value base, mth_index_value step) {
  if (mth_index_is(step, 0)) return mth_lane_index(base);
  return (mth_lane){.kind = MTH_LANE_LINEAR, .base = base, .step = step};
}

static mth_lane vector(MlirValue value) {
  return (mth_lane){.kind = MTH_LANE_VECTOR, .value = value};
}

mth_status mth_lane_map_init(mth_lane_map *map, mth_arena *arena, size_t capacity) {
  *map = (mth_lane_map){.keys = MTH_NEW_ARRAY(arena, MlirValue, capacity),
                        .lanes = MTH_NEW_ARRAY(arena, mth_lane, capacity),
                        .capacity = capacity};
  return map->keys && map->lanes ? MTH_OK : MTH_NO_MEMORY;
}

void mth_lane_map_set(mth_lane_map *map, MlirValue key, mth_lane lane) {
  assert(map->count < map->capacity);
  map->keys[map->count] = key;
  map->lanes[map->count++] = lane;
}

// A scalar; if it is a constant index, its number is known too.
static mth_lane outer_value(MlirValue value) {
  mth_lane lane = mth_lane_uniform(value);
  const MlirOperation op = mth_defining_op(value);
  if (mlirTypeIsAIndex(mlirValueGetType(value)) && mth_op_is_named(op, "arith.constant"))
    lane.base = mth_index_number(mlirIntegerAttrGetValueInt(mth_op_attribute(op, "value")));
  return lane;
}

mth_lane mth_lane_map_get(const mth_lane_map *map, MlirValue key) {
  for (size_t i = map->count; i-- > 0;)
    if (mlirValueEqual(map->keys[i], key)) return map->lanes[i];
  return outer_value(key);
}

MlirValue mth_lane_scalar(mth_point *p, mth_lane lane) {
  assert(lane.kind == MTH_LANE_UNIFORM);
  return mlirValueIsNull(lane.value) ? mth_write_index(p->w, lane.base) : lane.value;
}

static MlirValue binary(mth_point *p, const char *name, MlirValue a, MlirValue b) {
  return mth_write_op(p->w, name, mlirValueGetType(a), 2, (MlirValue[]){a, b});
}

MlirValue mth_lane_value(mth_point *p, mth_lane lane) {
  mth_writer *const w = p->w;
  if (lane.kind == MTH_LANE_VECTOR) return lane.value;
  if (lane.kind == MTH_LANE_UNIFORM)
    return mth_write_broadcast(w, p->lanes, mth_lane_scalar(p, lane));
  MlirValue steps;
  if (mlirValueIsNull(lane.step.value)) {
    steps = mth_write_steps(w, p->lanes, lane.base, lane.step.number);
  } else {
    const MlirValue lanes = mth_write_steps(w, p->lanes, mth_index_number(0), 1);
    const MlirValue step = mth_write_broadcast(w, p->lanes, lane.step.value);
    const MlirValue base = mth_write_broadcast(w, p->lanes, mth_write_index(w, lane.base));
    steps = binary(p, "arith.addi", base, binary(p, "arith.muli", lanes, step));
  }
  if (lane.has_high)
    steps = binary(p, "arith.minsi", steps,
                   mth_write_broadcast(w, p->lanes, mth_write_index(w, lane.high)));
  if (lane.has_low)
    steps = binary(p, "arith.maxsi", steps,
                   mth_write_broadcast(w, p->lanes, mth_write_index(w, lane.low)));
  return steps;
}

// ---- index arithmetic that stays linear ---------------------------------------------------------

static bool is_known(mth_lane lane, int64_t *out_number) {
  if (lane.kind != MTH_LANE_UNIFORM || !mlirValueIsNull(lane.base.value)) return false;
  *out_number = lane.base.number;
  return true;
}
static bool is_clamped(mth_lane lane) { return lane.has_low || lane.has_high; }
static bool stays_linear(mth_lane a, mth_lane b) {
  return a.kind != MTH_LANE_VECTOR && b.kind != MTH_LANE_VECTOR && !is_clamped(a) && !is_clamped(b);
}

static mth_lane add(mth_point *p, mth_lane a, mth_lane b) {
  if (!stays_linear(a, b))
    return vector(binary(p, "arith.addi", mth_lane_value(p, a), mth_lane_value(p, b)));
  return mth_lane_linear(mth_write_add(p->w, a.base, b.base), mth_write_add(p->w, a.step, b.step));
}

static mth_lane subtract(mth_point *p, mth_lane a, mth_lane b) {
  if (!stays_linear(a, b))
    return vector(binary(p, "arith.subi", mth_lane_value(p, a), mth_lane_value(p, b)));
  return mth_lane_linear(mth_write_subtract(p->w, a.base, b.base),
                         mth_write_subtract(p->w, a.step, b.step));
}

static mth_lane multiply(mth_point *p, mth_lane a, mth_lane b) {
  if (b.kind != MTH_LANE_UNIFORM) {
    const mth_lane other = a;
    a = b, b = other;
  }
  if (!stays_linear(a, b) || b.kind != MTH_LANE_UNIFORM)
    return vector(binary(p, "arith.muli", mth_lane_value(p, a), mth_lane_value(p, b)));
  return mth_lane_linear(mth_write_multiply(p->w, a.base, b.base),
                         mth_write_multiply(p->w, a.step, b.base));
}

// min(linear, uniform) and max(linear, uniform): a clamp, noted rather than computed.
static mth_lane clamp(mth_point *p, mth_lane a, mth_lane b, bool is_high) {
  const char *const name = is_high ? "arith.minsi" : "arith.maxsi";
  if (b.kind != MTH_LANE_UNIFORM) {
    const mth_lane other = a;
    a = b, b = other;
  }
  // The order of two clamps matters only if low > high: an operand of extent 0, never read.
  const bool fits = a.kind == MTH_LANE_LINEAR && b.kind == MTH_LANE_UNIFORM &&
                    !(is_high ? a.has_high : a.has_low);
  if (!fits) return vector(binary(p, name, mth_lane_value(p, a), mth_lane_value(p, b)));
  if (is_high)
    a.has_high = true, a.high = b.base;
  else
    a.has_low = true, a.low = b.base;
  return a;
}

// Division of what is not linear any more: lane by lane.
static mth_lane divide(mth_point *p, mth_lane a, int64_t divisor, bool is_quotient) {
  if (a.kind == MTH_LANE_UNIFORM)
    return mth_lane_index(is_quotient ? mth_write_floordiv(p->w, a.base, divisor)
                                      : mth_write_modulo(p->w, a.base, divisor));
  const MlirValue by =
      mth_write_broadcast(p->w, p->lanes, mth_write_index(p->w, mth_index_number(divisor)));
  return vector(binary(p, is_quotient ? "arith.divui" : "arith.remui", mth_lane_value(p, a), by));
}

mth_lane mth_lane_affine(mth_point *p, MlirAffineExpr expression) {
  if (mlirAffineExprIsADim(expression)) return p->loop[mlirAffineDimExprGetPosition(expression)];
  if (mlirAffineExprIsAConstant(expression))
    return mth_lane_index(mth_index_number(mlirAffineConstantExprGetValue(expression)));
  const mth_lane a = mth_lane_affine(p, mlirAffineBinaryOpExprGetLHS(expression));
  const mth_lane b = mth_lane_affine(p, mlirAffineBinaryOpExprGetRHS(expression));
  if (mlirAffineExprIsAAdd(expression)) return add(p, a, b);
  if (mlirAffineExprIsAMul(expression)) return multiply(p, a, b);
  int64_t divisor = 1;
  const bool known = is_known(b, &divisor);
  assert(known && divisor > 0);
  (void)known;
  return divide(p, a, divisor, mlirAffineExprIsAFloorDiv(expression));
}

// ---- memory -------------------------------------------------------------------------------------

mth_lane mth_lane_offset(mth_point *p, const mth_buffer *buffer, intptr_t rank,
                         const mth_lane *indices) {
  assert(rank == buffer->rank);
  mth_lane clamped = {0};
  int clamped_count = 0;
  mth_lane offset = mth_lane_index(buffer->offset);
  for (intptr_t i = 0; i < rank; ++i) {
    mth_lane index = indices[i];
    if (index.kind == MTH_LANE_LINEAR && is_clamped(index) && mth_index_is(buffer->stride[i], 1) &&
        clamped_count++ == 0) {
      clamped = index;
      index.has_low = index.has_high = false;
    }
    offset = add(p, offset, multiply(p, index, mth_lane_index(buffer->stride[i])));
  }
  if (clamped_count == 0) return offset;
  assert(offset.kind != MTH_LANE_UNIFORM);
  if (offset.kind == MTH_LANE_VECTOR) { // another index is a vector: clamp this one lane by lane
    mth_lane again[MTH_MAX_RANK];
    for (intptr_t i = 0; i < rank; ++i) {
      again[i] = indices[i];
      if (again[i].kind == MTH_LANE_LINEAR && is_clamped(again[i]))
        again[i] = vector(mth_lane_value(p, again[i]));
    }
    return mth_lane_offset(p, buffer, rank, again);
  }
  const mth_index_value rest = mth_write_subtract(p->w, offset.base, clamped.base);
  offset.has_low = clamped.has_low, offset.has_high = clamped.has_high;
  if (clamped.has_low) offset.low = mth_write_add(p->w, clamped.low, rest);
  if (clamped.has_high) offset.high = mth_write_add(p->w, clamped.high, rest);
  return offset;
}

static MlirValue zero(mth_point *p, MlirType type) {
  const MlirType element = mlirTypeIsAVector(type) ? mlirShapedTypeGetElementType(type) : type;
  const MlirAttribute number = mlirTypeIsAFloat(element)
                                   ? mlirFloatAttrDoubleGet(p->w->context, element, 0)
                                   : mlirIntegerAttrGet(element, 0);
  return mth_write_constant(
      p->w, type, mlirTypeIsAVector(type) ? mlirDenseElementsAttrSplatGet(type, number) : number);
}

static MlirValue all_lanes(mth_point *p) {
  if (!mlirValueIsNull(p->mask)) return p->mask;
  const MlirType type = mth_lanes_type(p->lanes, p->w->i1);
  return mth_write_constant(p->w, type,
                            mlirDenseElementsAttrSplatGet(type, mlirBoolAttrGet(p->w->context, 1)));
}

static MlirValue load_contiguous(mth_point *p, const mth_buffer *buffer, mth_index_value base) {
  const MlirType type = mth_lanes_type(p->lanes, mth_storage_element(buffer->element));
  const MlirValue at = mth_write_index(p->w, base);
  if (mlirValueIsNull(p->mask))
    return mth_write_op(p->w, "vector.load", type, 2, (MlirValue[]){buffer->flat, at});
  return mth_write_op(p->w, "vector.maskedload", type, 4,
                      (MlirValue[]){buffer->flat, at, p->mask, zero(p, type)});
}

static MlirValue load_scattered(mth_point *p, const mth_buffer *buffer, mth_lane offset) {
  const MlirType type = mth_lanes_type(p->lanes, mth_storage_element(buffer->element));
  const MlirValue start = mth_write_index(p->w, mth_index_number(0));
  return mth_write_op(
      p->w, "vector.gather", type, 5,
      (MlirValue[]){buffer->flat, start, mth_lane_value(p, offset), all_lanes(p), zero(p, type)});
}

static MlirValue load_clamped(mth_point *p, const mth_buffer *buffer, mth_lane offset) {
  mth_writer *const w = p->w;
  // All lanes inside the clamp: the common case, one contiguous load.
  MlirValue inside = {NULL};
  const MlirValue base = mth_write_index(w, offset.base);
  if (offset.has_low) inside = mth_write_compare(w, MTH_SGE, base, mth_write_index(w, offset.low));
  if (offset.has_high) {
    const MlirValue last =
        mth_write_index(w, mth_write_add(w, offset.base, mth_index_number(p->lanes - 1)));
    const MlirValue below = mth_write_compare(w, MTH_SLE, last, mth_write_index(w, offset.high));
    inside = mlirValueIsNull(inside) ? below : binary(p, "arith.andi", inside, below);
  }
  const MlirType type = mth_lanes_type(p->lanes, mth_storage_element(buffer->element));
  mth_branch branch = mth_open_branch(w, inside, 1, &type);
  MlirValue loaded = load_contiguous(p, buffer, offset.base);
  mth_else(w, &branch, 1, &loaded);
  loaded = load_scattered(p, buffer, offset);
  mth_close_branch(w, &branch, 1, &loaded);
  return loaded;
}

mth_lane mth_lane_load(mth_point *p, const mth_buffer *buffer, mth_lane offset) {
  mth_writer *const w = p->w;
  if (offset.kind == MTH_LANE_UNIFORM) {
    const MlirValue stored = mth_write_op(w, "memref.load", mth_storage_element(buffer->element), 2,
                                          (MlirValue[]){buffer->flat, mth_lane_scalar(p, offset)});
    return mth_lane_uniform(mth_write_from_storage(w, buffer->element, stored));
  }
  const bool is_scattered = offset.kind == MTH_LANE_VECTOR || !mth_index_is(offset.step, 1);
  const MlirValue stored = is_scattered         ? load_scattered(p, buffer, offset)
                           : is_clamped(offset) ? load_clamped(p, buffer, offset)
                                                : load_contiguous(p, buffer, offset.base);
  return vector(mth_write_from_storage(w, buffer->element, stored));
}

void mth_lane_store(mth_point *p, const mth_buffer *buffer, mth_lane offset, mth_lane value) {
  mth_writer *const w = p->w;
  if (p->lanes == 1) {
    mth_write_effect(w, "memref.store", 3,
                     (MlirValue[]){mth_write_to_storage(w, mth_lane_scalar(p, value)), buffer->flat,
                                   mth_lane_scalar(p, offset)},
                     0, NULL);
    return;
  }
  const MlirValue lanes = mth_write_to_storage(w, mth_lane_value(p, value));
  if (offset.kind != MTH_LANE_LINEAR || !mth_index_is(offset.step, 1)) {
    mth_write_effect(w, "vector.scatter", 5,
                     (MlirValue[]){buffer->flat, mth_write_index(w, mth_index_number(0)),
                                   mth_lane_value(p, offset), all_lanes(p), lanes},
                     0, NULL);
    return;
  }
  const MlirValue at = mth_write_index(w, offset.base);
  if (!mlirValueIsNull(p->mask)) {
    mth_write_effect(w, "vector.maskedstore", 4, (MlirValue[]){buffer->flat, at, p->mask, lanes}, 0,
                     NULL);
    return;
  }
  const MlirNamedAttribute streamed =
      mth_named(w->context, "nontemporal", mlirBoolAttrGet(w->context, 1));
  mth_write_effect(w, "vector.store", 3, (MlirValue[]){lanes, buffer->flat, at}, buffer->streamed,
                   &streamed);
}

// ---- code ---------------------------------------------------------------------------------------

static mth_status read_element(mth_point *p, MlirOperation op, mth_lane_map *map,
                               mth_find_buffer_fn *find_buffer, void *user) {
  const mth_buffer *const buffer = find_buffer(user, mlirOperationGetOperand(op, 0));
  const intptr_t rank = mlirOperationGetNumOperands(op) - 1;
  mth_lane indices[MTH_MAX_RANK];
  if (!buffer)
    return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(op),
                       "a read of memory that the kernel was not given");
  assert(rank <= MTH_MAX_RANK && "a buffer has no more dims");
  for (intptr_t i = 0; i < rank; ++i)
    indices[i] = mth_lane_map_get(map, mlirOperationGetOperand(op, i + 1));
  mth_lane_map_set(map, mlirOperationGetResult(op, 0),
                   mth_lane_load(p, buffer, mth_lane_offset(p, buffer, rank, indices)));
  return MTH_OK;
}

// Index arithmetic on a linear value; false if the op is none that keeps it so.
static bool write_linear(mth_point *p, MlirOperation op, const mth_lane *operands,
                         mth_lane *out_lane) {
  if (mth_op_is_named(op, "arith.addi"))
    *out_lane = add(p, operands[0], operands[1]);
  else if (mth_op_is_named(op, "arith.subi"))
    *out_lane = subtract(p, operands[0], operands[1]);
  else if (mth_op_is_named(op, "arith.muli"))
    *out_lane = multiply(p, operands[0], operands[1]);
  else if (mth_op_is_named(op, "arith.minsi"))
    *out_lane = clamp(p, operands[0], operands[1], true);
  else if (mth_op_is_named(op, "arith.maxsi"))
    *out_lane = clamp(p, operands[0], operands[1], false);
  else
    return false;
  return true;
}

static mth_status write_one(mth_point *p, MlirOperation op, mth_lane_map *map) {
  const intptr_t operand_count = mlirOperationGetNumOperands(op);
  const intptr_t attribute_count = mlirOperationGetNumAttributes(op);
  if (operand_count > MAX_OPERANDS || attribute_count > MAX_ATTRIBUTES ||
      mlirOperationGetNumRegions(op) != 0 || mlirOperationGetNumResults(op) != 1)
    return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(op),
                       "an op in a kernel's element that has no vector form");
  mth_lane lanes[MAX_OPERANDS];
  bool is_uniform = true, is_linear = false;
  for (intptr_t i = 0; i < operand_count; ++i) {
    lanes[i] = mth_lane_map_get(map, mlirOperationGetOperand(op, i));
    is_uniform = is_uniform && lanes[i].kind == MTH_LANE_UNIFORM;
    is_linear = is_linear || lanes[i].kind == MTH_LANE_LINEAR;
  }
  const MlirValue result = mlirOperationGetResult(op, 0);
  mth_lane lane;
  if (is_linear && write_linear(p, op, lanes, &lane)) {
    mth_lane_map_set(map, result, lane);
    return MTH_OK;
  }
  MlirValue operands[MAX_OPERANDS];
  for (intptr_t i = 0; i < operand_count; ++i)
    operands[i] = is_uniform ? mth_lane_scalar(p, lanes[i]) : mth_lane_value(p, lanes[i]);
  MlirNamedAttribute attributes[MAX_ATTRIBUTES];
  for (intptr_t i = 0; i < attribute_count; ++i)
    attributes[i] = mlirOperationGetAttribute(op, i);
  const MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op)); // ends in zero
  const MlirType type = mth_lanes_type(is_uniform ? 1 : p->lanes, mlirValueGetType(result));
  const MlirValue copy = mth_op_is_named(op, "arith.extf")
                             ? mth_write_widen(p->w, type, operands[0])
                         : mth_op_is_named(op, "arith.truncf")
                             ? mth_write_narrow(p->w, type, operands[0])
                             : mth_write_op_with(p->w, name.data, type, operand_count, operands,
                                                 attribute_count, attributes);
  mth_lane_map_set(map, result, is_uniform ? outer_value(copy) : vector(copy));
  return MTH_OK;
}

static bool is_written(const mth_lane_map *map, MlirOperation op) {
  for (size_t i = map->count; i-- > 0;)
    if (mlirValueEqual(map->keys[i], mlirOperationGetResult(op, 0))) return true;
  return false;
}

static mth_status write_op(mth_point *p, MlirOperation op, mth_lane_map *map,
                           mth_find_buffer_fn *find_buffer, void *user) {
  if (mth_op_is_named(op, "linalg.index")) {
    const MlirAttribute dim = mth_op_attribute(op, "dim");
    mth_lane_map_set(map, mlirOperationGetResult(op, 0), p->loop[mlirIntegerAttrGetValueInt(dim)]);
    return MTH_OK;
  }
  if (!mth_op_is_named(op, "memref.load")) return write_one(p, op, map);
  return is_written(map, op) ? MTH_OK : read_element(p, op, map, find_buffer, user);
}

mth_status mth_lane_write_block(mth_point *p, MlirBlock block, mth_lane_map *map,
                                mth_find_buffer_fn *find_buffer, void *user) {
  const MlirOperation end = mlirBlockGetTerminator(block);
  for (MlirOperation op = mlirBlockGetFirstOperation(block); !mlirOperationEqual(op, end);
       op = mlirOperationGetNextInBlock(op))
    MTH_TRY(write_op(p, op, map, find_buffer, user));
  return MTH_OK;
}

mth_status mth_lane_write_read(mth_point *p, MlirOperation op, mth_lane_map *map,
                               mth_find_buffer_fn *find_buffer, void *user) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    const MlirOperation needed = mth_defining_op(mlirOperationGetOperand(op, i));
    if (mlirOperationIsNull(needed) || is_written(map, needed) ||
        !mlirBlockEqual(mlirOperationGetBlock(needed), mlirOperationGetBlock(op)))
      continue;
    MTH_TRY(mth_lane_write_read(p, needed, map, find_buffer, user));
  }
  if (map->count == map->capacity)
    return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(op),
                       "an index is made by more than %d ops", MTH_MAX_READ_OPS);
  return write_op(p, op, map, find_buffer, user);
}
