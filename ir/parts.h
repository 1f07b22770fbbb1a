// parts.h: connections that are lists of tensors. Public.
//
// A list has a length, which may become known late, and parts, which are connections of the same
// model. A list that is wired to a list is the same list, part by part. Inputs that take several
// tensors (Concat) and outputs that are several (Split, ToList) are lists.
//
//   MTH_TRY(mth_model_create_class(context, "Split", &MTH_ARG_I("split_size", 4), 1, &split));
//   MTH_TRY(mth_model_add(m, split, NULL, &MTH_WIRE("input", "x"), 1));
//   MTH_TRY(mth_connection_part(mth_model_find(split, "output"), 0, &gate));
#ifndef MTH_IR_PARTS_H
#define MTH_IR_PARTS_H
#include "ir/model.h"

// A list has at most this many parts.
enum { mth_parts_max = 65536 };

bool mth_connection_is_list(const mth_connection *connection);
// False while the length is not known.
bool mth_connection_length(const mth_connection *list, size_t *out_length);
// Part `index` of a list, made when first asked for; also while the length is not known.
// Fails  MTH_INVALID: not a list; a part behind the end; an op's own list without a length.
MTH_MUST_USE mth_status mth_connection_part(mth_connection *list, size_t index,
                                            mth_connection **out_part);
// An op that stands alone has keys input1, ... from then on, and no list any more.
// Fails  MTH_INVALID: not a list; another length; more than mth_parts_max.
MTH_MUST_USE mth_status mth_connection_set_length(mth_connection *list, size_t length);
// A list input of unknown length that no child uses yet. Its parts will be inputs `name_0`, ...
// Fails  MTH_INVALID: a name that is taken or malformed; the model is frozen or an op.
MTH_MUST_USE mth_status mth_model_add_list(mth_model *model, const char *name,
                                           mth_connection **out_list);
#endif
