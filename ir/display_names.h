// display_names.h: what the keys of a model are called where people read them. Public.
#ifndef MTH_IR_DISPLAY_NAMES_H
#define MTH_IR_DISPLAY_NAMES_H
#include "ir/model.h"
#include "runtime/arena.h"

// A name for each connection of a model, in the order of mth_model_connection: a named one has its
// own. No two are the same.
//
// An unnamed input, in the order in which the children, as they are computed, read it, is
//   input            if it is the model's only canonical input and no key is called so
//   origin           the key under which it was made ("weight"), with '_' in front while a key is
//                    named so, or it is "input"
//   origin_0, ...    if several come out the same
// An unnamed internal key or output is _{class}_{place of the child that makes it}_{origin}:
// "_Linear_0_output". What has a value and is no input keeps the text of its number, "$3".
//
// Owns   the array lives in `arena`; texts do too, or as long as the context.
// Fails  MTH_NO_MEMORY.
MTH_MUST_USE mth_status mth_model_display_names(const mth_model *model, mth_arena *arena,
                                                const char *const **out_names);
#endif
