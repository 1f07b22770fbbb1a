// class_tables.h: the built-in classes, a table for each file of composites. Private to ir/.
#ifndef MTH_IR_MODELS_CLASS_TABLES_H
#define MTH_IR_MODELS_CLASS_TABLES_H
#include "ir/class.h"

typedef struct mth_class_table {
  const mth_class *classes;
  size_t count;
} mth_class_table;

// One parameter: required, and with a default.
#define MTH_PARAM(name_, takes_) {.name = (name_), .takes = (takes_), .is_required = true}
#define MTH_PARAM_OR(name_, takes_, ...) {.name = (name_), .takes = (takes_), .value = __VA_ARGS__}
#define MTH_CLASS(name_, params_, create_)                                                         \
  {.struct_bytes = sizeof(mth_class),                                                              \
   .abi = MTH_CLASS_ABI,                                                                           \
   .name = (name_),                                                                                \
   .params = (params_),                                                                            \
   .param_count = sizeof(params_) / sizeof *(params_),                                             \
   .create = (create_)}
// A class without parameters.
#define MTH_PLAIN_CLASS(name_, create_)                                                            \
  {.struct_bytes = sizeof(mth_class), .abi = MTH_CLASS_ABI, .name = (name_), .create = (create_)}

#define MTH_CLASS_TABLES(X)                                                                        \
  X(layers)                                                                                        \
  X(convolution)                                                                                   \
  X(rearrangements)                                                                                \
  X(losses)                                                                                        \
  X(regularizers)                                                                                  \
  X(estimators)                                                                                    \
  X(lists)                                                                                         \
  X(kernels)                                                                                       \
  X(distances)

#define MTH_DECLARE_TABLE(file) mth_class_table mth_##file##_classes(void);
MTH_CLASS_TABLES(MTH_DECLARE_TABLE)
#undef MTH_DECLARE_TABLE
#endif
