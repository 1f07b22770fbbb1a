// kernel_equality.c: structural hash and equality of functions of one block.
//
// Attributes and types are unique in a context, so they compare by address. Values compare by where
// they are made: an argument, or a result of an op at the same place in the other kernel.
#include "passes/kernel_equality.h"

#include "dialect/match.h"

static uint64_t mix(uint64_t hash, uint64_t value) {
  hash ^= value + 0x9E3779B97F4A7C15u + (hash << 6) + (hash >> 2);
  return hash * 0xFF51AFD7ED558CCDu;
}

static bool is_name(MlirNamedAttribute attribute) {
  return mth_str_is(mlirIdentifierStr(attribute.name), "sym_name");
}

static uint64_t mix_attributes(uint64_t hash, MlirOperation op) {
  uint64_t sum = 0; // attributes come in no promised order
  for (intptr_t i = 0; i < mlirOperationGetNumAttributes(op); ++i) {
    const MlirNamedAttribute attribute = mlirOperationGetAttribute(op, i);
    if (!is_name(attribute))
      sum += mix((uintptr_t)attribute.name.ptr, (uintptr_t)attribute.attribute.ptr);
  }
  return mix(hash, sum);
}

static uint64_t mix_op(uint64_t hash, MlirOperation op) {
  hash = mix(hash, (uintptr_t)mlirOperationGetName(op).ptr);
  hash = mix_attributes(hash, op);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i)
    hash = mix(hash, (uintptr_t)mlirValueGetType(mlirOperationGetOperand(op, i)).ptr);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i)
    hash = mix(hash, (uintptr_t)mlirValueGetType(mlirOperationGetResult(op, i)).ptr);
  return hash;
}

uint64_t mth_kernel_hash(MlirOperation kernel) {
  uint64_t hash = mix_attributes(0, kernel);
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(kernel)); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    hash = mix_op(hash, op);
  return hash;
}

static bool equal_attributes(MlirOperation a, MlirOperation b) {
  const intptr_t count = mlirOperationGetNumAttributes(a);
  if (count != mlirOperationGetNumAttributes(b)) return false;
  for (intptr_t i = 0; i < count; ++i) {
    const MlirNamedAttribute attribute = mlirOperationGetAttribute(a, i);
    if (is_name(attribute)) continue;
    const MlirStringRef name = mlirIdentifierStr(attribute.name);
    if (!mlirAttributeEqual(attribute.attribute, mlirOperationGetAttributeByName(b, name)))
      return false;
  }
  return true;
}

// A value as a place: which op of the block made it (-1: an argument), and which number it has.
typedef struct place {
  intptr_t op, number;
} place;

static place place_of(MlirValue value) {
  if (mlirValueIsABlockArgument(value)) return (place){-1, mlirBlockArgumentGetArgNumber(value)};
  const MlirOperation owner = mlirOpResultGetOwner(value);
  place found = {0, mlirOpResultGetResultNumber(value)};
  for (MlirOperation op = mlirBlockGetFirstOperation(mlirOperationGetBlock(owner));
       !mlirOperationEqual(op, owner); op = mlirOperationGetNextInBlock(op))
    ++found.op;
  return found;
}

static bool equal_ops(MlirOperation a, MlirOperation b) {
  const intptr_t operands = mlirOperationGetNumOperands(a), results = mlirOperationGetNumResults(a);
  if (!mlirIdentifierEqual(mlirOperationGetName(a), mlirOperationGetName(b))) return false;
  if (operands != mlirOperationGetNumOperands(b) || results != mlirOperationGetNumResults(b))
    return false;
  if (!equal_attributes(a, b)) return false;
  for (intptr_t i = 0; i < operands; ++i) {
    const place x = place_of(mlirOperationGetOperand(a, i));
    const place y = place_of(mlirOperationGetOperand(b, i));
    if (x.op != y.op || x.number != y.number) return false;
  }
  for (intptr_t i = 0; i < results; ++i)
    if (!mlirTypeEqual(mlirValueGetType(mlirOperationGetResult(a, i)),
                       mlirValueGetType(mlirOperationGetResult(b, i))))
      return false;
  return true;
}

bool mth_kernel_is_equal(MlirOperation a, MlirOperation b) {
  if (!equal_attributes(a, b)) return false; // the function type tells the arguments
  MlirOperation x = mlirBlockGetFirstOperation(mth_op_body(a));
  MlirOperation y = mlirBlockGetFirstOperation(mth_op_body(b));
  while (!mlirOperationIsNull(x) && !mlirOperationIsNull(y)) {
    if (!equal_ops(x, y)) return false;
    x = mlirOperationGetNextInBlock(x);
    y = mlirOperationGetNextInBlock(y);
  }
  return mlirOperationIsNull(x) && mlirOperationIsNull(y);
}
