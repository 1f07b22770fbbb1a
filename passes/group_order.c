// group_order.c: a graph of groups, searched from both ends.
#include "passes/group_order.h"

#include <assert.h>
#include <stdint.h>

static const size_t nothing = SIZE_MAX;

typedef struct edge {
  size_t to; // a group, perhaps merged into another since
  const struct edge *next;
} edge;

typedef struct edge_list {
  edge *first, *last;
} edge_list;

typedef struct vertex {
  edge_list ways[2];  // NEEDED: groups that it needs, USERS: that need it
  size_t merged_into; // itself: it is there
  size_t epoch;       // of the walk that saw it last
  size_t next_walked; // in that walk
} vertex;

enum { NEEDED, USERS };

struct mth_group_order {
  mth_arena *arena;
  vertex *vertices;
  size_t epoch;
};

// Groups that one end has seen, and the edge at which it goes on.
typedef struct walk {
  int way;
  size_t epoch, other; // marks of this walk and of the other
  size_t avoided[2];   // groups that it does not enter
  size_t now, last;
  const edge *at;
  bool met;
} walk;

mth_group_order *mth_group_order_create(mth_arena *arena, size_t capacity) {
  mth_group_order *order = MTH_NEW(arena, mth_group_order);
  vertex *vertices = MTH_NEW_ARRAY(arena, vertex, capacity);
  if (!order || !vertices) return NULL;
  for (size_t i = 0; i < capacity; ++i)
    vertices[i].merged_into = i;
  *order = (mth_group_order){arena, vertices, 0};
  return order;
}

static size_t find(mth_group_order *order, size_t group) {
  vertex *vertices = order->vertices;
  while (vertices[group].merged_into != group) {
    vertices[group].merged_into = vertices[vertices[group].merged_into].merged_into;
    group = vertices[group].merged_into;
  }
  return group;
}

static mth_status push(mth_group_order *order, edge_list *list, size_t to) {
  edge *made = MTH_NEW(order->arena, edge);
  if (!made) return MTH_NO_MEMORY;
  *made = (edge){to, list->first};
  list->first = made;
  if (!list->last) list->last = made;
  return MTH_OK;
}

mth_status mth_group_order_add(mth_group_order *order, size_t user, size_t needed) {
  assert(user != needed);
  const edge *newest = order->vertices[user].ways[NEEDED].first;
  if (newest && find(order, newest->to) == needed) return MTH_OK; // ops read a group in a row
  MTH_TRY(push(order, &order->vertices[user].ways[NEEDED], needed));
  return push(order, &order->vertices[needed].ways[USERS], user);
}

static void see(mth_group_order *order, walk *w, size_t group) {
  vertex *seen = &order->vertices[group];
  if (group == w->avoided[0] || group == w->avoided[1] || seen->epoch == w->epoch) return;
  if (seen->epoch == w->other) w->met = true;
  seen->epoch = w->epoch;
  seen->next_walked = nothing;
  if (w->last != nothing) order->vertices[w->last].next_walked = group;
  w->last = group;
  if (w->now != nothing) return;
  w->now = group;
  w->at = seen->ways[w->way].first;
}

// False: the walk is over.
static bool step(mth_group_order *order, walk *w) {
  while (w->now != nothing && !w->at) {
    w->now = order->vertices[w->now].next_walked;
    if (w->now != nothing) w->at = order->vertices[w->now].ways[w->way].first;
  }
  if (w->now == nothing) return false;
  const size_t to = find(order, w->at->to);
  w->at = w->at->next;
  see(order, w, to);
  return true;
}

static bool meet(mth_group_order *order, walk *a, walk *b) {
  while (!a->met && !b->met)
    if (!step(order, a) || !step(order, b)) break;
  return a->met || b->met;
}

static walk begin(mth_group_order *order, int way, size_t avoided_a, size_t avoided_b) {
  const size_t epoch = way == NEEDED ? order->epoch - 1 : order->epoch;
  return (walk){.way = way,
                .epoch = epoch,
                .other = way == NEEDED ? epoch + 1 : epoch - 1,
                .avoided = {avoided_a, avoided_b},
                .now = nothing,
                .last = nothing};
}

bool mth_group_order_needs(mth_group_order *order, size_t user, size_t needed) {
  order->epoch += 2;
  walk up = begin(order, NEEDED, nothing, nothing), down = begin(order, USERS, nothing, nothing);
  see(order, &up, user);
  see(order, &down, needed);
  return meet(order, &up, &down);
}

static void see_neighbours(mth_group_order *order, walk *w, size_t group) {
  for (const edge *e = order->vertices[group].ways[w->way].first; e; e = e->next)
    see(order, w, find(order, e->to));
}

// Whether `user` needs `needed` through a third.
static bool is_through(mth_group_order *order, size_t user, size_t needed) {
  order->epoch += 2;
  walk up = begin(order, NEEDED, user, needed), down = begin(order, USERS, user, needed);
  see_neighbours(order, &up, user);
  if (up.now == nothing) return false;
  see_neighbours(order, &down, needed);
  return down.now != nothing && meet(order, &up, &down);
}

bool mth_group_order_is_between(mth_group_order *order, size_t a, size_t b) {
  return is_through(order, a, b) || is_through(order, b, a);
}

void mth_group_order_merge(mth_group_order *order, size_t into, size_t from) {
  for (int way = 0; way < 2; ++way) {
    edge_list *to = &order->vertices[into].ways[way], *more = &order->vertices[from].ways[way];
    if (!more->first) continue;
    if (to->last)
      to->last->next = more->first;
    else
      to->first = more->first;
    to->last = more->last;
    *more = (edge_list){0};
  }
  order->vertices[from].merged_into = into;
}
