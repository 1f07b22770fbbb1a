// physical_names.h: what the keys of a model are called once it is a program.
#ifndef MTH_IR_PHYSICAL_NAMES_H
#define MTH_IR_PHYSICAL_NAMES_H
#include "ir/model.h"

// One input or output of a program.
//
// name  a named key keeps its name. Unnamed ones take the key under which they were made
//       ("weight"); several of one origin become weight_0, weight_1, ... The canonical output is
//       called after its origin, with '_' in front while that name is taken.
// path  the names of the children that lead to it, then their key, joined by '_':
//       "layer1_conv1_weight". Answers wherever a name is looked up.
typedef struct mth_physical_name {
  mth_connection *connection;
  const char *name, *path;
  bool is_output;
} mth_physical_name;

// Lists inputs, then outputs, of a model without parent. If no output is exposed, the canonical
// ones are outputs. The array and its texts live in `arena`.
//
// Source  the short style of the reference's compile.
// Fails   MTH_INVALID: "Models with no output keys can not be compiled."; the model is a child.
MTH_MUST_USE mth_status mth_list_physical_names(const mth_model *model, mth_arena *arena,
                                                mth_physical_name **out_names, size_t *out_count);
#endif
