// signature.h: short forms for the tables of ops in ir/ops, and the families' tables.
#ifndef MTH_IR_OPS_SIGNATURE_H
#define MTH_IR_OPS_SIGNATURE_H
#include "ir/op.h"
#include "ir/rule.h"

#define MTH_NUMBER (MTH_FAMILY_INT | MTH_FAMILY_FLOAT)

#define MTH_IN(name_, families_)                                                                   \
  {.name = (name_), .kind = MTH_KEY_TENSOR, .families = (mth_family)(families_)}
#define MTH_MANY(name_, families_)                                                                 \
  {.name = (name_), .kind = MTH_KEY_TENSORS, .families = (mth_family)(families_)}
#define MTH_OUTPUT(families_) MTH_IN("output", families_)
#define MTH_NEEDED(name_, kind_)                                                                   \
  {.name = (name_), .kind = MTH_KEY_ARG, .arg_kind = (kind_), .required = true}
#define MTH_OPTION(name_, kind_, ...)                                                              \
  {.name = (name_), .kind = MTH_KEY_ARG, .arg_kind = (kind_), .value = __VA_ARGS__}

// One op of a table: its keys are arrays of mth_op_key. `canonical` is a set of bits of inputs.
#define MTH_OP(name_, model_, category_, inputs_, outputs_, canonical_, infer_)                    \
  {MTH_OP_FIELDS(name_, model_, category_, inputs_, outputs_, canonical_, infer_)}
// The same with more fields: `.stops_gradients = true`.
#define MTH_OP_THAT(name_, model_, category_, inputs_, outputs_, canonical_, infer_, ...)          \
  {MTH_OP_FIELDS(name_, model_, category_, inputs_, outputs_, canonical_, infer_), __VA_ARGS__}
#define MTH_OP_FIELDS(name_, model_, category_, inputs_, outputs_, canonical_, infer_)             \
  .struct_bytes = sizeof(mth_op), .abi = MTH_OP_ABI, .name = (name_), .model = (model_),           \
  .category = MTH_CATEGORY_##category_, .inputs = (inputs_),                                       \
  .input_count = sizeof(inputs_) / sizeof *(inputs_), .outputs = (outputs_),                       \
  .output_count = sizeof(outputs_) / sizeof *(outputs_), .canonical_inputs = (canonical_),         \
  .infer = (infer_)

typedef struct mth_op_table {
  const mth_op *ops;
  size_t count;
} mth_op_table;

#define MTH_OP_FAMILIES(X)                                                                         \
  X(arithmetic)                                                                                    \
  X(logic)                                                                                         \
  X(elementary)                                                                                    \
  X(activation)                                                                                    \
  X(reduction)                                                                                     \
  X(view)                                                                                          \
  X(contraction)                                                                                   \
  X(indexing)                                                                                      \
  X(index)                                                                                         \
  X(normalization)                                                                                 \
  X(loss)                                                                                          \
  X(reshaping)                                                                                     \
  X(window)                                                                                        \
  X(terms)                                                                                         \
  X(polynomial)                                                                                    \
  X(source)                                                                                        \
  X(value)                                                                                         \
  X(number)

#define MTH_DECLARE_FAMILY(family) mth_op_table mth_##family##_ops(void);
MTH_OP_FAMILIES(MTH_DECLARE_FAMILY)
#undef MTH_DECLARE_FAMILY
#endif
