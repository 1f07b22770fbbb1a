// group_order.h: which groups of ops must run before which, while groups grow and merge.
//
// A graph without cycles. Questions walk from both ends in turn, one step each, and end when the
// shorter walk does: what is asked most, of the newest groups, costs a step or two.
#ifndef MTH_PASSES_GROUP_ORDER_H
#define MTH_PASSES_GROUP_ORDER_H
#include "runtime/arena.h"
#include "runtime/status.h"

#include <stdbool.h>

typedef struct mth_group_order mth_group_order;

// For up to `capacity` groups, numbered from 0. Lives in the arena; NULL without memory.
mth_group_order *mth_group_order_create(mth_arena *arena, size_t capacity);
// Group `user` needs what `needed` makes. Must not close a cycle.
MTH_MUST_USE mth_status mth_group_order_add(mth_group_order *order, size_t user, size_t needed);
// Whether `user` needs `needed`, through others or not.
bool mth_group_order_needs(mth_group_order *order, size_t user, size_t needed);
// Whether one of the two needs the other through a third: then they cannot be one.
bool mth_group_order_is_between(mth_group_order *order, size_t a, size_t b);
// `from` becomes a part of `into`; its number is not used any more.
void mth_group_order_merge(mth_group_order *order, size_t into, size_t from);
#endif
