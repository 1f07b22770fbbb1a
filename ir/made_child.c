// made_child.c: children that a call makes on its way, which are gone if it is undone.
#include "ir/graph.h"
#include "ir/model_core.h"

static void drop(void *item) {
  mth_model **model = item;
  mth_model_destroy(*model);
}

mth_status mth_model_add_op(mth_model *model, const char *op, const mth_arg *args, size_t arg_count,
                            const char *name, const mth_wire *wires, size_t wire_count,
                            mth_model **out_child) {
  mth_model **place = mth_model_own(model, 1, sizeof(mth_model *));
  if (!place) return MTH_NO_MEMORY;
  // Undone last, when nothing of the child is saved any more.
  MTH_TRY(mth_journal_on_undo(&model->context->journal, drop, place));
  MTH_TRY(mth_model_create_op(model->context, op, args, arg_count, place));
  MTH_TRY(mth_model_add_inside(model, *place, name, wires, wire_count));
  *out_child = *place;
  return MTH_OK;
}
