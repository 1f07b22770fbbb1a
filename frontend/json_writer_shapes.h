// json_writer_shapes.h: shapes that a copy does not infer by itself, written and stated of it.
// Private to frontend/.
//
// Unknown dims of the model and of its copy stand for each other from where both are first met
// bare, their seat; only one that another shape mentions gets a name, and then the shape of its
// seat is written with that name too.
#ifndef MTH_FRONTEND_JSON_WRITER_SHAPES_H
#define MTH_FRONTEND_JSON_WRITER_SHAPES_H
#include "frontend/json_writing.h"

// What is written and stated of one tree.
typedef struct mth_json_stating {
  mth_json_tree *tree;
  mth_json_writing *writing;
  mth_arena *arena;
  mth_name_map dims;   // of the model, to what is known of them
  mth_name_map rests;  // runs of unknown length, by number plus 1
  mth_name_map walked; // nets
  json_t *shapes;      // one group, so names are shared; NULL: none yet
  size_t rest_count;
  bool is_in_front; // the form of a shape that is being stated, of two
} mth_json_stating;

// `status` of a call on the copy.
MTH_MUST_USE mth_status mth_json_stated(const mth_json_stating *stating, mth_status status);
// Writes the shape of a tensor if the copy has not all of it.
MTH_MUST_USE mth_status mth_json_state_shape(mth_json_stating *stating, const mth_connection *key);
// Does `copy` stand for `dim`? What is met for the first time does from now on. `key`: where the
// dim stands bare in its shape, or NULL.
MTH_MUST_USE mth_status mth_json_compare_dim(mth_json_stating *stating, const mth_connection *key,
                                             const mth_dim *dim, const mth_dim *copy,
                                             bool *out_same);
// Gives unknown dims in `dim` names in the document, and the copy's dim for it.
MTH_MUST_USE mth_status mth_json_declare(mth_json_stating *stating, const mth_dim *dim,
                                         const mth_dim **out_copy);
#endif
