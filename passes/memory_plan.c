// memory_plan.c: reading and writing the attributes of a memory plan.
#include "passes/memory_plan.h"

#include "dialect/fail.h"
#include "dialect/make.h"
#include "dialect/match.h"
#include "dialect/type.h"

#include "mlir-c/BuiltinAttributes.h"

#include <string.h>

MlirValue mth_plan_root(MlirValue value) {
  for (;;) {
    if (!mlirValueIsAOpResult(value)) return value;
    const MlirOperation op = mlirOpResultGetOwner(value);
    if (mth_op_is_named(op, "mithril.launch") || mth_op_is_named(op, "mithril.constant"))
      return value;
    value = mlirOperationGetOperand(op, 0);
  }
}

mth_status mth_value_numbers_make(mth_arena *arena, size_t count, mth_value_numbers *out_numbers) {
  size_t slot_count = 2;
  while (slot_count < 2 * count)
    slot_count *= 2;
  const void **keys = MTH_NEW_ARRAY(arena, const void *, slot_count);
  size_t *numbers = MTH_NEW_ARRAY(arena, size_t, slot_count);
  if (!keys || !numbers) return MTH_NO_MEMORY;
  *out_numbers = (mth_value_numbers){keys, numbers, slot_count};
  return MTH_OK;
}

static size_t slot_of(const mth_value_numbers *numbers, const void *key) {
  const uint64_t hash = (uint64_t)(uintptr_t)key * 0x9E3779B97F4A7C15u;
  size_t slot = (size_t)(hash >> 32) & (numbers->slot_count - 1);
  while (numbers->keys[slot] && numbers->keys[slot] != key)
    slot = (slot + 1) & (numbers->slot_count - 1);
  return slot;
}

void mth_value_numbers_set(mth_value_numbers *numbers, MlirValue value, size_t number) {
  const size_t slot = slot_of(numbers, value.ptr);
  numbers->keys[slot] = value.ptr;
  numbers->numbers[slot] = number;
}

size_t mth_value_numbers_get(const mth_value_numbers *numbers, MlirValue value) {
  const size_t slot = slot_of(numbers, value.ptr);
  return numbers->keys[slot] ? numbers->numbers[slot] : SIZE_MAX;
}

bool mth_plan_is_nonnegative(const mth_dim *dim) {
  if (!dim) return false;
  const mth_dim_kind kind = mth_dim_get_kind(dim);
  if (kind == MTH_DIM_CONSTANT) return mth_dim_value(dim) >= 0;
  if (kind == MTH_DIM_SYMBOL) return true;
  bool all = true, any = false;
  for (size_t i = 0; i < mth_dim_operand_count(dim); ++i) {
    const bool one = mth_plan_is_nonnegative(mth_dim_operand(dim, i));
    all = all && one;
    any = any || one;
  }
  if (kind == MTH_DIM_MAX) return any;
  if (kind == MTH_DIM_MOD) return mth_plan_is_nonnegative(mth_dim_operand(dim, 1)); // rounds down
  return all;
}

const mth_dim *mth_type_bytes(mth_dim_table *dims, const mth_type *type) {
  const mth_dim *bytes = mth_dim_constant(dims, (int64_t)mth_dtype_get(type->dtype)->bits / 8);
  for (int32_t i = 0; i < type->rank; ++i)
    bytes = mth_dim_multiply(dims, bytes, type->dims[i]);
  return bytes;
}

const mth_dim *mth_plan_align(mth_dim_table *dims, const mth_dim *bytes) {
  const mth_dim *const unit = mth_dim_constant(dims, MTH_PLAN_ALIGNMENT_BYTES);
  const mth_dim *const over = mth_dim_mod(dims, bytes, unit);
  int64_t rest;
  if (over && mth_dim_is_constant(over, &rest) && rest == 0) return bytes;
  const mth_dim *const up =
      mth_dim_add(dims, bytes, mth_dim_constant(dims, MTH_PLAN_ALIGNMENT_BYTES - 1));
  return mth_dim_multiply(dims, mth_dim_floordiv(dims, up, unit), unit);
}

const mth_dim *mth_plan_bytes(mth_dim_table *dims, const mth_type *type) {
  const mth_dim *bytes = mth_type_bytes(dims, type);
  if (bytes && !mth_plan_is_nonnegative(bytes)) // 4*T - 8: rounded up, nothing shows that it is
    bytes = mth_dim_max(dims, bytes, mth_dim_constant(dims, 0));
  return mth_plan_align(dims, bytes);
}

MlirAttribute mth_dim_to_attribute(MlirContext context, mth_dim_table *dims, const mth_dim *dim) {
  int64_t value;
  if (mth_dim_is_constant(dim, &value)) return mth_i64_attr(context, value);
  const char *const text = mth_dim_text(dims, dim);
  return text ? mth_text_attr(context, text) : mlirAttributeGetNull();
}

mth_status mth_dim_from_attribute(mth_dim_table *dims, mth_arena *arena, MlirLocation loc,
                                  MlirAttribute attribute, const mth_dim **out_dim) {
  const mth_dim *dim = NULL;
  if (!mlirAttributeIsNull(attribute) && mlirAttributeIsAInteger(attribute)) {
    dim = mth_dim_constant(dims, mlirIntegerAttrGetValueInt(attribute));
  } else if (!mlirAttributeIsNull(attribute) && mlirAttributeIsAString(attribute)) {
    const MlirStringRef s = mlirStringAttrGetValue(attribute);
    const char *const text = mth_arena_copy_text(arena, s.data, s.length);
    if (!text) return MTH_NO_MEMORY;
    const mth_sink sink = mth_ir_sink(&loc);
    MTH_TRY(mth_dim_parse(dims, text, (mth_location){&sink, NULL}, &dim));
  } else {
    return mth_fail_ir(MTH_INVALID, loc, "wants an integer or the text of a dim");
  }
  *out_dim = dim;
  return dim ? MTH_OK : MTH_NO_MEMORY;
}

static mth_status read_place(const mth_entry_interface *interface, mth_dim_table *dims,
                             mth_arena *arena, MlirLocation loc, MlirAttribute place,
                             mth_place *out_place) {
  if (!mlirAttributeIsADictionary(place))
    return mth_fail_ir(MTH_INVALID, loc, "a place is {offset = ...} or {port = \"name\"}");
  const MlirAttribute port = mth_dictionary_get(place, "port");
  if (mlirAttributeIsNull(port)) {
    out_place->kind = MTH_PLACE_WORKSPACE;
    return mth_dim_from_attribute(dims, arena, loc, mth_dictionary_get(place, "offset"),
                                  &out_place->offset);
  }
  if (!mlirAttributeIsAString(port))
    return mth_fail_ir(MTH_INVALID, loc, "a place's port is a text");
  for (size_t i = 0; i < interface->port_count; ++i)
    if (mth_str_is(mlirStringAttrGetValue(port), interface->ports[i].name)) {
      out_place->kind = MTH_PLACE_PORT;
      out_place->port = (int32_t)i;
      return MTH_OK;
    }
  return mth_fail_ir(MTH_INVALID, loc, "the entry has no port of the name in this place");
}

mth_status mth_place_of(const mth_entry_interface *interface, mth_dim_table *dims, mth_arena *arena,
                        MlirValue value, mth_place *out_place) {
  const MlirValue root = mth_plan_root(value);
  mth_place place = {0};
  if (mlirValueIsABlockArgument(root)) {
    place.kind = MTH_PLACE_PORT;
    place.port = interface->port_of_argument[mlirBlockArgumentGetArgNumber(root)];
  } else {
    const MlirOperation op = mlirOpResultGetOwner(root);
    if (mth_op_is_named(op, "mithril.constant")) {
      place.kind = MTH_PLACE_CONSTANT;
      place.constant = op;
    } else {
      const MlirLocation loc = mlirOperationGetLocation(op);
      const MlirAttribute places = mth_op_attribute(op, "mithril.places");
      if (mlirAttributeIsNull(places) || !mlirAttributeIsAArray(places) ||
          mlirArrayAttrGetNumElements(places) != mlirOperationGetNumResults(op))
        return mth_fail_ir(MTH_INVALID, loc, "a launch wants mithril.places, one for each result");
      MTH_TRY(read_place(interface, dims, arena, loc,
                         mlirArrayAttrGetElement(places, mlirOpResultGetResultNumber(root)),
                         &place));
    }
  }
  *out_place = place;
  return MTH_OK;
}

mth_status mth_stage_of(MlirOperation return_op, intptr_t index, mth_dim_table *dims,
                        mth_arena *arena, const mth_dim **out_offset) {
  *out_offset = NULL;
  const MlirAttribute stages = mth_op_attribute(return_op, "mithril.stages");
  if (mlirAttributeIsNull(stages)) return MTH_OK;
  const MlirLocation loc = mlirOperationGetLocation(return_op);
  if (!mlirAttributeIsAArray(stages) ||
      mlirArrayAttrGetNumElements(stages) != mlirOperationGetNumOperands(return_op))
    return mth_fail_ir(MTH_INVALID, loc, "mithril.stages is a list of one stage for each result");
  const MlirAttribute stage = mlirArrayAttrGetElement(stages, index);
  if (!mlirAttributeIsADictionary(stage))
    return mth_fail_ir(MTH_INVALID, loc, "a stage is {offset = ...} or {}");
  const MlirAttribute offset = mth_dictionary_get(stage, "offset");
  if (mlirAttributeIsNull(offset)) return MTH_OK;
  return mth_dim_from_attribute(dims, arena, loc, offset, out_offset);
}
