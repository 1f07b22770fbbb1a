// kernel_groups.c: greedy grouping by kind and access.
#include "passes/kernel_groups.h"

#include "passes/group_order.h"

#include <string.h>

typedef enum group_kind { MAPS, ROWS, CONTRACTION, SINK, OPAQUE } group_kind;

enum { NONE = -1 };

// Kernels are written by recursion over their ops, LLVM's time grows faster than their code, and
// `schedule` takes fewer than 64 generics, of which a fold needs two. No layer or optimizer of the
// usual kind comes near this.
enum { group_size_max = 60 };

typedef struct group {
  group_kind kind;
  size_t shape; // MAPS, CONTRACTION: a node of the grid's shape
  const mth_dim *grid[mth_axes_max];
  size_t grid_rank;
  size_t size;        // generics, if each map were one
  bool wide;          // an axis is read along several loops: more of them might not fit an index
  size_t first, last; // its nodes, in a chain of grouper.next
} group;

// One reader of a node: a computed node, or a view that must be a tensor.
typedef struct reader {
  size_t node;
  const struct reader *next;
} reader;

typedef struct grouper {
  const mth_kernel_body *entry;
  int32_t *of;  // by node: its group, or NONE
  size_t *next; // by node: another of its group, or SIZE_MAX
  group *groups;
  size_t group_count;
  mth_group_order *order; // of groups
  const reader **readers; // by node
  bool *wanted;           // by node: needed as a tensor by something other than a kernel
  int *cost;              // by node: of computing it inside its group
} grouper;

static const mth_kernel_node *at(const grouper *g, size_t node) { return &g->entry->nodes[node]; }
static bool is_computed(const mth_kernel_node *node) {
  return mth_node_is_map(node) || mth_node_is_fold(node);
}
static size_t operand_count(const mth_kernel_node *node) { return node->core.site->operand_count; }

static size_t size_of(const mth_kernel_node *node) { return mth_node_is_fold(node) ? 2 : 1; }

bool mth_node_is_alias(const mth_kernel_body *entry, size_t node) {
  (void)entry;
  const mth_lowering *lowering = entry->nodes[node].core.lowering;
  return lowering && lowering->kind == MTH_LOWERING_RESHAPE;
}

//===--- who needs what ---===//

static mth_status add_reader(grouper *g, size_t base, size_t node) {
  reader *made = MTH_NEW(g->entry->arena, reader);
  if (!made) return MTH_NO_MEMORY;
  *made = (reader){node, g->readers[base]};
  g->readers[base] = made;
  return MTH_OK;
}

static void full_index(const grouper *g, size_t node, mth_index *out) {
  for (int32_t i = 0; i < at(g, node)->type.rank; ++i)
    out[i] = mth_index_loop(g->entry->dims, (size_t)i);
}

// The node must be a tensor of the entry.
static mth_status want(grouper *g, size_t node) {
  while (mth_node_is_alias(g->entry, node))
    node = at(g, node)->operands[0];
  if (g->wanted[node]) return MTH_OK;
  g->wanted[node] = true;
  if (!mth_node_is_view(at(g, node))) return MTH_OK;
  mth_index index[mth_axes_max];
  size_t base = node;
  full_index(g, node, index);
  if (!mth_kernel_see_through(g->entry, &base, index)) return want(g, base);
  return add_reader(g, base, node);
}

static mth_status find_readers(grouper *g) {
  const mth_kernel_body *entry = g->entry;
  for (size_t n = 0; n < entry->node_count; ++n) {
    const mth_kernel_node *node = at(g, n);
    if (mth_node_is_opaque(node)) {
      for (intptr_t i = 0; i < mlirOperationGetNumOperands(node->op); ++i)
        MTH_TRY(want(g, mth_kernel_body_node(entry, mlirOperationGetOperand(node->op, i))));
      continue;
    }
    for (size_t i = 0; is_computed(node) && i < operand_count(node); ++i) {
      mth_index index[mth_axes_max];
      if (mth_node_takes_tensor(g->entry, n, i)) {
        MTH_TRY(want(g, node->operands[i]));
        continue;
      }
      const mth_node_use use = mth_node_find_use(entry, n, i, index);
      if (mth_node_is_view(at(g, use.base)))
        MTH_TRY(want(g, use.base)); // a reshape stops it
      else
        MTH_TRY(add_reader(g, use.base, n));
    }
  }
  for (size_t i = 0; i < entry->returned_count; ++i)
    MTH_TRY(want(g, entry->returned[i]));
  return MTH_OK;
}

//===--- dependences ---===//

// The group whose result an operand shows, through views and aliases.
static int32_t provider(const grouper *g, size_t node) {
  while (mth_node_is_view(at(g, node)))
    node = at(g, node)->operands[0];
  return g->of[node];
}

static size_t input_count(const mth_kernel_node *node) {
  return (size_t)mlirOperationGetNumOperands(node->op);
}

static size_t input(const grouper *g, size_t node, size_t i) {
  return mth_kernel_body_node(g->entry, mlirOperationGetOperand(at(g, node)->op, (intptr_t)i));
}

static bool may_add(const grouper *g, size_t node, size_t to) {
  if (g->groups[to].size + size_of(at(g, node)) > group_size_max) return false;
  for (size_t i = 0; i < input_count(at(g, node)); ++i) {
    const int32_t from = provider(g, input(g, node, i));
    if (from != NONE && (size_t)from != to && mth_group_order_needs(g->order, (size_t)from, to))
      return false;
  }
  return true;
}

static bool is_wide(const mth_index *index, size_t rank) {
  for (size_t i = 0; i < rank; ++i)
    if (index[i].loop[1] >= 0) return true;
  return false;
}

static void chain(grouper *g, size_t node, size_t to) {
  g->of[node] = (int32_t)to;
  if (g->groups[to].last == SIZE_MAX)
    g->groups[to].first = node;
  else
    g->next[g->groups[to].last] = node;
  g->groups[to].last = node;
}

static mth_status add(grouper *g, size_t node, size_t to) {
  chain(g, node, to);
  g->groups[to].size += size_of(at(g, node));
  const mth_kernel_node *added = at(g, node);
  for (size_t i = 0; added->core.lowering && i < operand_count(added); ++i) {
    mth_index index[mth_axes_max];
    const mth_node_use use = mth_node_find_use(g->entry, node, i, index);
    if (use.known && is_wide(index, (size_t)at(g, use.base)->type.rank)) g->groups[to].wide = true;
  }
  g->cost[node] = added->core.lowering ? added->core.lowering->cost : 0;
  for (size_t i = 0; i < input_count(added); ++i) {
    size_t from_node = input(g, node, i);
    const int32_t from = provider(g, from_node);
    while (mth_node_is_view(at(g, from_node)))
      from_node = at(g, from_node)->operands[0];
    if (from == (int32_t)to && g->cost[node] <= mth_cheap) g->cost[node] += g->cost[from_node];
    if (from == NONE || from == (int32_t)to) continue;
    MTH_TRY(mth_group_order_add(g->order, to, (size_t)from));
  }
  return MTH_OK;
}

static mth_status new_group(grouper *g, size_t node, group_kind kind, size_t grid_rank,
                            size_t *out_group) {
  group *made = &g->groups[g->group_count];
  *made = (group){
      .kind = kind, .shape = node, .grid_rank = grid_rank, .first = SIZE_MAX, .last = SIZE_MAX};
  mth_loops loops;
  mth_node_loops(g->entry, node, &loops);
  for (size_t i = 0; i < grid_rank; ++i)
    made->grid[i] = loops.extent[i];
  *out_group = g->group_count++;
  return add(g, node, *out_group);
}

// Whether the two are small enough, and no path leads from one to the other through a third.
static bool may_merge(const grouper *g, size_t a, size_t b) {
  return g->groups[a].size + g->groups[b].size <= group_size_max &&
         !mth_group_order_is_between(g->order, a, b);
}

static void merge(grouper *g, size_t into, size_t from) {
  for (size_t n = g->groups[from].first; n != SIZE_MAX; n = g->next[n])
    g->of[n] = (int32_t)into;
  g->next[g->groups[into].last] = g->groups[from].first;
  g->groups[into].last = g->groups[from].last;
  g->groups[into].size += g->groups[from].size;
  g->groups[into].wide = g->groups[into].wide || g->groups[from].wide;
  mth_group_order_merge(g->order, into, from);
}

//===--- fitting ---===//

// Whether `node` reads everything that it reads of the group at its own grid point.
static bool fits(const grouper *g, size_t node, size_t to, size_t grid_rank) {
  mth_loops loops;
  mth_node_loops(g->entry, node, &loops);
  if (loops.parallel < grid_rank) return false;
  for (size_t i = 0; i < grid_rank; ++i)
    if (loops.extent[i] != g->groups[to].grid[i]) return false;
  for (size_t i = 0; i < operand_count(at(g, node)); ++i) {
    if (provider(g, at(g, node)->operands[i]) != (int32_t)to) continue;
    mth_index index[mth_axes_max];
    if (mth_node_takes_tensor(g->entry, node, i)) return false;
    const mth_node_use use = mth_node_find_use(g->entry, node, i, index);
    if (!use.known || g->of[use.base] != (int32_t)to) return false;
    if ((size_t)at(g, use.base)->type.rank < grid_rank) return false;
    if (!mth_index_is_identity(index, grid_rank)) return false;
  }
  return true;
}

static bool map_may_join(const grouper *g, size_t node, size_t to) {
  const group *target = &g->groups[to];
  const size_t rank = (size_t)at(g, node)->type.rank;
  if (target->kind == SINK || target->kind == OPAQUE) return false;
  if (target->kind == MAPS || target->kind == CONTRACTION)
    if (rank != (size_t)at(g, target->shape)->type.rank) return false;
  if (target->grid_rank == 0 && rank != 0) return false; // would run on one thread
  return fits(g, node, to, target->grid_rank);
}

static bool reads(const grouper *g, size_t node, size_t group) {
  for (size_t i = 0; i < operand_count(at(g, node)); ++i)
    if (provider(g, at(g, node)->operands[i]) == (int32_t)group) return true;
  return false;
}

// `into` reads `from`, and not the other way round: whether they can be one.
static bool groups_fit(const grouper *g, size_t into, size_t from) {
  const group *a = &g->groups[into], *b = &g->groups[from];
  if (b->kind == SINK || b->kind == OPAQUE) return false;
  if (a->kind == CONTRACTION && b->kind != MAPS) return false;
  if (b->kind == CONTRACTION && a->kind != MAPS) return false;
  if (a->kind == ROWS && b->kind == ROWS && a->grid_rank != b->grid_rank) return false;
  const bool same_shape = a->kind != ROWS && b->kind != ROWS;
  if (same_shape && a->grid_rank != b->grid_rank) return false;
  const size_t rank = a->kind == ROWS   ? a->grid_rank
                      : b->kind == ROWS ? b->grid_rank
                                        : a->grid_rank;
  if (a->grid_rank < rank || b->grid_rank < rank || rank == 0) return false;
  for (size_t i = 0; i < rank; ++i)
    if (a->grid[i] != b->grid[i]) return false;
  for (size_t n = a->first; n != SIZE_MAX; n = g->next[n])
    if (reads(g, n, from) && !fits(g, n, from, rank)) return false;
  return true;
}

// Whether nothing but the group itself and `node` reads the group's values.
static bool is_private(const grouper *g, size_t group, size_t node) {
  for (size_t n = g->groups[group].first; n != SIZE_MAX; n = g->next[n]) {
    if (g->wanted[n]) return false;
    for (const reader *r = g->readers[n]; r; r = r->next)
      if (r->node != node && g->of[r->node] != (int32_t)group) return false;
  }
  return true;
}

// Takes groups of maps that only `node` reads into its group, to be computed where they are read.
static void absorb(grouper *g, size_t node) {
  const size_t into = (size_t)g->of[node];
  for (size_t i = 0; i < operand_count(at(g, node)); ++i) {
    if (mth_node_takes_tensor(g->entry, node, i)) continue;
    mth_index index[mth_axes_max];
    const mth_node_use use = mth_node_find_use(g->entry, node, i, index);
    const int32_t from = g->of[use.base];
    if (!use.known || from == NONE || from == (int32_t)into) continue;
    if (g->groups[from].kind != MAPS || (use.repeated && g->cost[use.base] > mth_cheap)) continue;
    if (g->groups[from].wide && is_wide(index, (size_t)at(g, use.base)->type.rank)) continue;
    if (!is_private(g, (size_t)from, node) || !may_merge(g, into, (size_t)from)) continue;
    merge(g, into, (size_t)from);
    if (g->cost[node] <= mth_cheap) g->cost[node] += g->cost[use.base];
  }
}

// Merges the groups that `node` reads into its own where they share a grid.
static void merge_operands(grouper *g, size_t node) {
  for (size_t i = 0; i < operand_count(at(g, node)); ++i) {
    const size_t into = (size_t)g->of[node];
    mth_index index[mth_axes_max];
    const mth_node_use use = mth_node_find_use(g->entry, node, i, index);
    const int32_t from = g->of[use.base];
    if (!use.known || from == NONE || from == (int32_t)into) continue;
    if (!groups_fit(g, into, (size_t)from) || !may_merge(g, into, (size_t)from)) continue;
    // The result has the kind of the one that is more than maps.
    if (g->groups[into].kind == MAPS)
      merge(g, (size_t)from, into);
    else
      merge(g, into, (size_t)from);
  }
}

static mth_status place_map(grouper *g, size_t node) {
  int32_t best = NONE;
  for (size_t i = 0; i < operand_count(at(g, node)); ++i) {
    const int32_t to = provider(g, at(g, node)->operands[i]);
    if (to == NONE || !map_may_join(g, node, (size_t)to) || !may_add(g, node, (size_t)to)) continue;
    if (best == NONE || (g->groups[best].kind == MAPS && g->groups[to].kind != MAPS)) best = to;
  }
  size_t made = (size_t)best;
  if (best != NONE)
    MTH_TRY(add(g, node, made));
  else
    MTH_TRY(new_group(g, node, MAPS, (size_t)at(g, node)->type.rank, &made));
  merge_operands(g, node);
  absorb(g, node);
  return MTH_OK;
}

// How many leading axes a reduction keeps, if it folds all others; else 0.
static size_t kept_prefix(const mth_kernel_node *node) {
  bool folded[mth_axes_max];
  const size_t rank = (size_t)node->core.operands[0].rank;
  node->core.lowering->axes(&node->core, folded);
  size_t kept = 0;
  while (kept < rank && !folded[kept])
    ++kept;
  for (size_t i = kept; i < rank; ++i)
    if (!folded[i]) return 0;
  return kept;
}

static mth_status place_reduction(grouper *g, size_t node) {
  const size_t kept = kept_prefix(at(g, node));
  const int32_t to = provider(g, at(g, node)->operands[0]);
  size_t made;
  if (kept == 0) {
    mth_loops loops;
    mth_node_loops(g->entry, node, &loops);
    MTH_TRY(new_group(g, node, loops.parallel ? SINK : ROWS, loops.parallel, &made));
  } else if (to != NONE && may_add(g, node, (size_t)to) &&
             (g->groups[to].kind == ROWS || g->groups[to].kind == MAPS) &&
             g->groups[to].grid_rank > 0 &&
             fits(g, node, (size_t)to,
                  g->groups[to].kind == ROWS ? g->groups[to].grid_rank : kept)) {
    if (g->groups[to].kind == MAPS) g->groups[to].grid_rank = kept;
    g->groups[to].kind = ROWS;
    return add(g, node, (size_t)to);
  } else {
    MTH_TRY(new_group(g, node, ROWS, kept, &made));
  }
  absorb(g, node);
  return MTH_OK;
}

static mth_status place(grouper *g, size_t node) {
  size_t made;
  const mth_kernel_node *placed = at(g, node);
  if (mth_node_is_opaque(placed)) {
    const bool again = node > 0 && mlirOperationEqual(at(g, node - 1)->op, placed->op);
    if (!again) return new_group(g, node, OPAQUE, 0, &made);
    chain(g, node, (size_t)g->of[node - 1]);
    return MTH_OK;
  }
  if (mth_node_is_map(placed)) return place_map(g, node);
  if (!mth_node_is_fold(placed)) return MTH_OK;
  if (placed->core.lowering->kind == MTH_LOWERING_REDUCE) return place_reduction(g, node);
  const bool packed = placed->core.lowering->kind == MTH_LOWERING_PACKED;
  MTH_TRY(new_group(g, node, packed ? CONTRACTION : SINK, packed ? (size_t)placed->type.rank : 0,
                    &made));
  absorb(g, node);
  return MTH_OK;
}

//===--- results ---===//

// Whether the view, the only one to read `base`, can be how its group writes it. A scatter's rows
// are in front.
static bool only_reorders(const grouper *g, size_t view, size_t base) {
  const mth_lowering *lowering = at(g, base)->core.lowering;
  if (lowering && lowering->kind == MTH_LOWERING_SCATTER) return false;
  mth_index index[mth_axes_max];
  size_t seen = view;
  full_index(g, view, index);
  if (!mth_kernel_see_through(g->entry, &seen, index) || seen != base) return false;
  const int32_t rank = at(g, base)->type.rank;
  if (rank != at(g, view)->type.rank || g->wanted[base]) return false;
  if (!g->readers[base] || g->readers[base]->next) return false;
  bool taken[mth_axes_max] = {false};
  for (int32_t i = 0; i < rank; ++i) {
    int64_t start;
    const int32_t loop = index[i].loop[0];
    if (!mth_dim_is_constant(index[i].start, &start) || start != 0) return false;
    if (loop < 0 || index[i].loop[1] >= 0 || index[i].step[0] != 1 || taken[loop]) return false;
    if (at(g, view)->type.dims[loop] != at(g, base)->type.dims[i]) return false; // a slice from 0
    taken[loop] = true;
  }
  return true;
}

static bool is_result(const grouper *g, size_t node) {
  if (g->wanted[node]) return true;
  for (const reader *r = g->readers[node]; r; r = r->next)
    if (g->of[r->node] != g->of[node]) return true;
  return false;
}

static mth_status collect(grouper *g, mth_kernel_groups *out) {
  const mth_kernel_body *entry = g->entry;
  const size_t count = entry->node_count;
  mth_kernel_group *groups = MTH_NEW_ARRAY(entry->arena, mth_kernel_group, 2 * count);
  size_t *number = MTH_NEW_ARRAY(entry->arena, size_t, g->group_count);
  size_t *producer = MTH_NEW_ARRAY(entry->arena, size_t, count);
  size_t *lists = MTH_NEW_ARRAY(entry->arena, size_t, 3 * count);
  if (!groups || !number || !producer || !lists) return MTH_NO_MEMORY;
  size_t group_count = 0;
  // A view that is written in place of what it shows counts as a node's result.
  for (size_t n = 0; n < count; ++n) {
    producer[n] = SIZE_MAX;
    if (!g->wanted[n] || !mth_node_is_view(at(g, n))) continue;
    const reader *r;
    size_t base = n;
    while (mth_node_is_view(at(g, base)))
      base = at(g, base)->operands[0];
    r = g->readers[base];
    if (r && r->node == n && g->of[base] != NONE && only_reorders(g, n, base))
      g->of[n] = g->of[base];
  }
  for (size_t n = 0; n < count; ++n) {
    if (g->of[n] == NONE || mth_node_is_view(at(g, n))) continue;
    const size_t id = (size_t)g->of[n];
    size_t at_number = number[id];
    if (at_number == 0) {
      groups[group_count].opaque = g->groups[id].kind == OPAQUE;
      number[id] = at_number = ++group_count;
    }
    ++groups[at_number - 1].node_count;
  }
  for (size_t i = 0; i < group_count; ++i) {
    groups[i].nodes = lists;
    lists += groups[i].node_count;
    groups[i].node_count = 0;
  }
  for (size_t n = 0; n < count; ++n) {
    if (g->of[n] == NONE || mth_node_is_view(at(g, n))) continue;
    mth_kernel_group *group = &groups[number[g->of[n]] - 1];
    ((size_t *)group->nodes)[group->node_count++] = n;
    if (group->opaque || is_result(g, n)) producer[n] = number[g->of[n]] - 1;
  }
  for (size_t n = 0; n < count; ++n) {
    if (!g->wanted[n] || !mth_node_is_view(at(g, n)) || mth_node_is_alias(entry, n)) continue;
    producer[n] = g->of[n] != NONE ? number[g->of[n]] - 1 : group_count++;
  }
  for (size_t n = 0; n < count; ++n)
    if (producer[n] != SIZE_MAX) ++groups[producer[n]].result_count;
  for (size_t i = 0; i < group_count; ++i) {
    groups[i].results = lists;
    lists += groups[i].result_count;
    groups[i].result_count = 0;
  }
  for (size_t n = 0; n < count; ++n) {
    if (producer[n] == SIZE_MAX) continue;
    mth_kernel_group *group = &groups[producer[n]];
    ((size_t *)group->results)[group->result_count++] = n;
  }
  *out = (mth_kernel_groups){groups, group_count, producer};
  return MTH_OK;
}

mth_status mth_kernel_groups_find(const mth_kernel_body *entry, mth_kernel_groups *out_groups) {
  const size_t count = entry->node_count;
  grouper g = {.entry = entry,
               .of = MTH_NEW_ARRAY(entry->arena, int32_t, count),
               .groups = MTH_NEW_ARRAY(entry->arena, group, count),
               .next = MTH_NEW_ARRAY(entry->arena, size_t, count),
               .order = mth_group_order_create(entry->arena, count),
               .readers = MTH_NEW_ARRAY(entry->arena, const reader *, count),
               .wanted = MTH_NEW_ARRAY(entry->arena, bool, count),
               .cost = MTH_NEW_ARRAY(entry->arena, int, count)};
  if (!g.of || !g.groups || !g.readers || !g.wanted || !g.cost || !g.next || !g.order)
    return MTH_NO_MEMORY;
  for (size_t n = 0; n < count; ++n)
    g.of[n] = NONE, g.next[n] = SIZE_MAX;
  MTH_TRY(find_readers(&g));
  for (size_t n = 0; n < count; ++n)
    MTH_TRY(place(&g, n));
  return collect(&g, out_groups);
}
