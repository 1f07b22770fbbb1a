// physical_names.h: what the inputs and outputs of a program are called. Public.
#ifndef MTH_IR_PHYSICAL_NAMES_H
#define MTH_IR_PHYSICAL_NAMES_H
#include "ir/physical_model.h"

// One input or output of a program: see ir/physical_model.h for names and paths.
typedef struct mth_physical_name {
  mth_connection *connection;
  const char *name, *path;
  bool is_output;
} mth_physical_name;

// Lists the tensor inputs that have no value, then the outputs, of a model without parent, in the
// short style. The array lives in `arena`.
//
// Fails  as mth_physical_model_create.
MTH_MUST_USE mth_status mth_list_physical_names(const mth_model *model, mth_arena *arena,
                                                mth_physical_name **out_names, size_t *out_count);
// The same of a physical model, without what is discarded on request.
MTH_MUST_USE mth_status mth_physical_list_names(const mth_physical_model *physical,
                                                mth_arena *arena, mth_physical_name **out_names,
                                                size_t *out_count);
#endif
