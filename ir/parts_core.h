// parts_core.h: lists inside the calls on models. Private to ir/; each runs inside a change.
//
// The net of a list is an argument: its length. Parts are ordinary connections, which the list
// keeps by index. Where a list has a part, the lists that it leads to and that it comes from have
// it too, as far as the root, the outermost list; so only the root is asked to make one.
#ifndef MTH_IR_PARTS_CORE_H
#define MTH_IR_PARTS_CORE_H
#include "ir/graph.h"
#include "ir/parts.h"

// A list of `model` with a net of its own.
MTH_MUST_USE mth_status mth_parts_make(mth_model *model, const char *name, mth_key_class class_,
                                       mth_connection **out_list);
// Refuses more parts than a list may have, at a key of the model.
MTH_MUST_USE mth_status mth_parts_check_count(const mth_model *model, const char *key,
                                              size_t count);
// `length`, an argument, is a list from now on; `make_part` makes its parts, in its model.
MTH_MUST_USE mth_status mth_parts_of(mth_connection *length, mth_make_part *make_part);
// The part is part `index` of the list.
MTH_MUST_USE mth_status mth_parts_set(mth_connection *list, size_t index, mth_connection *part);
MTH_MUST_USE mth_status mth_parts_get(mth_connection *list, size_t index,
                                      mth_connection **out_part);
MTH_MUST_USE mth_status mth_parts_give_length(mth_connection *list, size_t length);
// `inner` leads to `outer` since now: their parts do.
MTH_MUST_USE mth_status mth_parts_join(mth_connection *outer, mth_connection *inner);
// All parts of a list of known length.
MTH_MUST_USE mth_status mth_parts_make_all(mth_connection *list);
// The op takes `count` tensors, its connections from number *out_first on, and no list any more.
MTH_MUST_USE mth_status mth_parts_close(mth_model *op, size_t count, size_t *out_first);
// The wires of an op whose list is open, with one for each part in the place of the list's; or
// the op waits for the list that it is wired to. *out_wires, if it is set, is the caller's to
// release, also after a failure.
MTH_MUST_USE mth_status mth_parts_wire(mth_model *parent, mth_model *child, const mth_wire *wires,
                                       size_t wire_count, mth_wire **out_wires, size_t *out_count);
// Ops that waited for the length of their list and have it now.
MTH_MUST_USE mth_status mth_parts_settle(mth_context *context);
// The op waits for the length of its list.
MTH_MUST_USE mth_status mth_parts_wait(mth_model *op);
void mth_parts_forget(mth_model *op); // when it dies
// The part that is called "<list>_<index>" in the model, made if need be; NULL: no list is called
// so.
MTH_MUST_USE mth_status mth_parts_find(mth_model *model, const char *key,
                                       mth_connection **out_part);
// Is the connection a part that follows its list wherever that leads?
bool mth_parts_follows(const mth_connection *connection);
#endif
