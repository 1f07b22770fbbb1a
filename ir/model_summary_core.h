// model_summary_core.h: what the tables of models share. Private to ir/.
#ifndef MTH_IR_MODEL_SUMMARY_CORE_H
#define MTH_IR_MODEL_SUMMARY_CORE_H
#include "ir/model_summary.h"
#include "ir/shape_writer.h"
#include "ir/text_table.h"

typedef struct mth_summary {
  mth_summary_options options;
  mth_shape_writer shapes;
  mth_text *text;
} mth_summary;

void mth_summary_begin(mth_summary *summary, mth_context *context,
                       const mth_summary_options *options, mth_text *text);
void mth_summary_end(mth_summary *summary);
// The model's tables, with a line between them.
void mth_summary_add_model(mth_summary *summary, const mth_model *model, const char *title,
                           size_t depth);
// "float | int"
const char *mth_families_text(mth_family families);
// The display names of a model's connections, to be found by connection.
typedef struct mth_summary_name {
  const mth_connection *key;
  const char *name;
} mth_summary_name;

typedef struct mth_summary_names {
  const mth_summary_name *items; // by address
  size_t count;
} mth_summary_names;

MTH_MUST_USE mth_status mth_summary_find_names(const mth_model *model, mth_arena *arena,
                                               mth_summary_names *out_names);
// What an input or output of a child leads to, seen from the parent; `names` are those of the
// parent's connections.
void mth_summary_add_target(const mth_connection *key, const mth_summary_names *names,
                            mth_text *text);
#endif
