// kernel_stages.c: keeping values, and putting them in order.
#include "passes/kernel_stages.h"

#include "runtime/program.h"

#include <string.h>

typedef struct use {
  mth_node_use of;
  const struct use *next_of_reader, *next_of_base;
} use;

typedef struct finder {
  const mth_kernel_body *body;
  bool *kept, *seen;
  size_t *level; // a stage runs after all stages of lower levels; maps run before folds
  int *cost;     // of computing the value where it is read
  const use **reads, **readers; // by node: lists of uses
  mth_layout *layouts;
  mth_stage_result *results;
} finder;

static bool is_computed(const mth_kernel_node *node) {
  return mth_node_is_map(node) || mth_node_is_fold(node);
}

static size_t operand_count(const mth_kernel_node *node) { return node->core.site->operand_count; }

static mth_status find_uses(finder *find) {
  const mth_kernel_body *body = find->body;
  for (size_t n = 0; n < body->node_count; ++n) {
    if (!is_computed(&body->nodes[n])) continue;
    for (size_t i = 0; i < operand_count(&body->nodes[n]); ++i) {
      mth_index index[mth_axes_max];
      use *found = MTH_NEW(body->arena, use);
      if (!found) return MTH_NO_MEMORY;
      found->of = mth_node_find_use(body, n, i, index);
      found->next_of_reader = find->reads[n];
      found->next_of_base = find->readers[found->of.base];
      find->reads[n] = find->readers[found->of.base] = found;
    }
  }
  return MTH_OK;
}

static size_t level_after(const finder *find, const use *use) {
  const mth_kernel_body *body = find->body;
  const size_t level = find->level[use->of.base];
  if (mth_node_is_fold(&body->nodes[use->of.base])) return level + 1;
  if (!find->kept[use->of.base]) return level;
  if (mth_node_is_fold(&body->nodes[use->of.reader])) return level;
  return use->of.aligned ? level : level + 1;
}

static void find_levels_and_costs(finder *find) {
  const mth_kernel_body *body = find->body;
  for (size_t n = 0; n < body->node_count; ++n) {
    const mth_kernel_node *node = &body->nodes[n];
    find->level[n] = 0;
    find->cost[n] = 0;
    if (!is_computed(node)) continue;
    find->cost[n] = node->core.lowering->cost;
    for (const use *read = find->reads[n]; read; read = read->next_of_reader) {
      const size_t level = level_after(find, read);
      if (level > find->level[n]) find->level[n] = level;
      if (!find->kept[read->of.base]) find->cost[n] += find->cost[read->of.base];
    }
    if (find->cost[n] > mth_cheap) find->cost[n] = mth_cheap + 1; // dear is dear; sums stay small
  }
}

static bool same_shape(const mth_type *a, const mth_type *b) {
  return a->rank == b->rank &&
         (a->rank == 0 || memcmp(a->dims, b->dims, sizeof *a->dims * (size_t)a->rank) == 0);
}

static bool same_stage(const finder *find, size_t a, size_t b) {
  const mth_kernel_node *nodes = find->body->nodes;
  if (a == b) return true;
  return mth_node_is_map(&nodes[a]) && mth_node_is_map(&nodes[b]) &&
         find->level[a] == find->level[b] && same_shape(&nodes[a].type, &nodes[b].type);
}

// Whether `node`, not kept, would be computed more than once. *stage is the stage that reads it,
// SIZE_MAX if none was seen yet.
static bool is_made_again(const finder *find, size_t node, size_t *stage) {
  if (find->seen[node]) return false;
  find->seen[node] = true;
  for (const use *read = find->readers[node]; read; read = read->next_of_base) {
    if (read->of.repeated) return true;
    if (!find->kept[read->of.reader]) {
      if (is_made_again(find, read->of.reader, stage)) return true;
    } else if (*stage == SIZE_MAX) {
      *stage = read->of.reader;
    } else if (!same_stage(find, *stage, read->of.reader)) {
      return true;
    }
  }
  return false;
}

// If `index` only reorders the axes of the base: the order in which a tensor of the view holds
// them.
static bool find_order(const mth_index *index, const mth_type *base, const mth_type *view,
                       mth_layout *out) {
  if (base->rank != view->rank) return false;
  *out = (mth_layout){.rank = (size_t)base->rank};
  bool taken[mth_axes_max] = {false};
  for (int32_t axis = 0; axis < base->rank; ++axis) {
    int64_t start;
    const int32_t loop = index[axis].loop[0];
    if (!mth_dim_is_constant(index[axis].start, &start) || start != 0) return false;
    if (loop < 0 || index[axis].loop[1] >= 0 || index[axis].step[0] != 1 || taken[loop])
      return false;
    if (view->dims[loop] != base->dims[axis]) return false; // a slice from 0
    taken[loop] = true;
    out->axis[loop] = axis;
  }
  return true;
}

// A reduction's tensor lacks the axes that are gone; any other has all of them in order.
static mth_layout own_layout(const mth_kernel_node *node) {
  mth_layout layout = {0};
  bool folded[mth_axes_max] = {false};
  const bool keeps_rank = node->core.lowering && node->core.lowering->kind == MTH_LOWERING_REDUCE &&
                          node->type.rank == node->core.operands[0].rank;
  if (keeps_rank) node->core.lowering->axes(&node->core, folded);
  for (int32_t i = 0; i < node->type.rank; ++i)
    if (!folded[i]) layout.axis[layout.rank++] = i;
  return layout;
}

// Folds of f16 and bf16 are made in f32.
static bool is_wide(const mth_kernel_node *node) {
  return mth_node_is_fold(node) && node->core.lowering->kind != MTH_LOWERING_SCATTER &&
         (node->type.dtype == MTH_F16 || node->type.dtype == MTH_BF16);
}

static bool is_result_in_place(const finder *find, size_t result, size_t *base,
                               mth_layout *out_layout) {
  const mth_kernel_body *body = find->body;
  const mth_type *view = &body->nodes[*base].type;
  mth_index index[mth_axes_max];
  for (int32_t i = 0; i < view->rank; ++i)
    index[i] = mth_index_loop(body->dims, (size_t)i);
  if (!mth_kernel_see_through(body, base, index)) return false;
  const mth_kernel_node *node = &body->nodes[*base];
  const mth_layout own = own_layout(node);
  if (!is_computed(node) || is_wide(node) || own.rank != (size_t)node->type.rank) return false;
  if (!find_order(index, &node->type, view, out_layout)) return false;
  if (memcmp(&own, out_layout, sizeof own) != 0 && find->readers[*base]) return false;
  for (size_t i = 0; i < result; ++i)
    if (find->results[i].base == *base && !find->results[i].copied) return false;
  return true;
}

static void place_results(finder *find) {
  const mth_kernel_body *body = find->body;
  for (size_t n = 0; n < body->node_count; ++n) {
    find->kept[n] = mth_node_is_fold(&body->nodes[n]);
    find->layouts[n] = own_layout(&body->nodes[n]);
  }
  for (size_t i = 0; i < body->returned_count; ++i) {
    size_t base = body->returned[i];
    mth_layout layout;
    const bool in_place = is_result_in_place(find, i, &base, &layout);
    find->results[i] = (mth_stage_result){base, !in_place};
    if (!in_place) continue;
    find->kept[base] = true;
    find->layouts[base] = layout;
  }
}

// Later values first, so that of a chain only its end is kept.
static bool keep_one(finder *find) {
  const mth_kernel_body *body = find->body;
  for (size_t n = body->node_count; n-- > 0;) {
    if (find->kept[n] || !mth_node_is_map(&body->nodes[n]) || find->cost[n] <= mth_cheap) continue;
    size_t stage = SIZE_MAX;
    memset(find->seen, 0, body->node_count * sizeof *find->seen);
    if (is_made_again(find, n, &stage)) return find->kept[n] = true;
  }
  return false;
}

// Marks the loops that some tensor read by `node` at `index` runs along: only from those does a
// generic know how long its loops are.
static void mark_covered(const finder *find, size_t node, const mth_index *at, bool *covered) {
  const mth_kernel_body *body = find->body;
  mth_index index[mth_axes_max];
  memcpy(index, at, sizeof *at * (size_t)body->nodes[node].type.rank);
  if (!mth_kernel_see_through(body, &node, index)) return;
  const mth_kernel_node *found = &body->nodes[node];
  const size_t rank = (size_t)found->type.rank;
  if (found->is_constant) return;
  if (!is_computed(found) || find->kept[node]) {
    for (size_t i = 0; i < rank; ++i)
      if (index[i].loop[0] >= 0 && index[i].loop[1] < 0) covered[index[i].loop[0]] = true;
    return;
  }
  if (mth_index_is_identity(index, rank)) {
    if (find->seen[node]) return;
    find->seen[node] = true;
  }
  for (size_t i = 0; !found->core.lowering->masked && i < operand_count(found); ++i) {
    mth_index inner[mth_axes_max];
    if (mth_lowering_reads_itself(found->core.lowering, i)) continue;
    if (mth_lowering_access(body->dims, &found->core, i, index, inner))
      mark_covered(find, found->operands[i], inner, covered);
  }
}

// A fold over numbers that come from no tensor (an iota, rows that data names) keeps them.
static bool keep_uncovered(finder *find) {
  const mth_kernel_body *body = find->body;
  for (size_t n = 0; n < body->node_count; ++n) {
    if (!mth_node_is_fold(&body->nodes[n])) continue;
    bool covered[mth_loops_max] = {false};
    mth_loops loops;
    mth_node_loops(body, n, &loops);
    memset(find->seen, 0, body->node_count * sizeof *find->seen);
    for (size_t i = 0; i < operand_count(&body->nodes[n]); ++i) {
      mth_index index[mth_axes_max];
      if (mth_node_operand_index(body, n, i, index))
        mark_covered(find, body->nodes[n].operands[i], index, covered);
      else
        covered[loops.count - 1] = true; // packed operands hold k
    }
    for (size_t loop = loops.parallel; loop < loops.count; ++loop) {
      if (covered[loop]) continue;
      mth_index index[mth_axes_max];
      const size_t last = operand_count(&body->nodes[n]) - 1;
      const size_t base = mth_node_find_use(body, n, last, index).base;
      if (!find->kept[base] && mth_node_is_map(&body->nodes[base])) return find->kept[base] = true;
    }
  }
  return false;
}

static mth_status collect(const finder *find, mth_kernel_stages *out) {
  const mth_kernel_body *body = find->body;
  mth_stage *stages = MTH_NEW_ARRAY(body->arena, mth_stage, body->node_count);
  bool *placed = MTH_NEW_ARRAY(body->arena, bool, body->node_count);
  size_t highest = 0, count = 0;
  if (!stages || !placed) return MTH_NO_MEMORY;
  for (size_t n = 0; n < body->node_count; ++n)
    if (find->level[n] > highest) highest = find->level[n];
  for (size_t level = 0; level <= highest; ++level)
    for (int folds = 0; folds < 2; ++folds)
      for (size_t n = 0; n < body->node_count; ++n) {
        if (!find->kept[n] || placed[n] || find->level[n] != level) continue;
        if (mth_node_is_fold(&body->nodes[n]) != (folds == 1)) continue;
        size_t *nodes = MTH_NEW_ARRAY(body->arena, size_t, body->node_count);
        if (!nodes) return MTH_NO_MEMORY;
        mth_stage *stage = &stages[count++];
        stage->nodes = nodes;
        for (size_t other = n; other < body->node_count; ++other) {
          if (!find->kept[other] || placed[other] || !same_stage(find, n, other)) continue;
          placed[other] = true;
          nodes[stage->node_count++] = other;
        }
      }
  *out = (mth_kernel_stages){find->kept, find->layouts, find->results, stages, count};
  return MTH_OK;
}

mth_status mth_kernel_stages_find(const mth_kernel_body *body, mth_kernel_stages *out_stages) {
  finder find = {.body = body,
                 .kept = MTH_NEW_ARRAY(body->arena, bool, body->node_count),
                 .seen = MTH_NEW_ARRAY(body->arena, bool, body->node_count),
                 .level = MTH_NEW_ARRAY(body->arena, size_t, body->node_count),
                 .cost = MTH_NEW_ARRAY(body->arena, int, body->node_count),
                 .reads = MTH_NEW_ARRAY(body->arena, const use *, body->node_count),
                 .readers = MTH_NEW_ARRAY(body->arena, const use *, body->node_count),
                 .layouts = MTH_NEW_ARRAY(body->arena, mth_layout, body->node_count),
                 .results = MTH_NEW_ARRAY(body->arena, mth_stage_result, body->returned_count)};
  if (!find.kept || !find.seen || !find.level || !find.cost || !find.reads || !find.readers ||
      !find.layouts || !find.results)
    return MTH_NO_MEMORY;
  MTH_TRY(find_uses(&find));
  place_results(&find);
  do
    find_levels_and_costs(&find);
  while (keep_one(&find) || keep_uncovered(&find));
  return collect(&find, out_stages);
}

typedef struct grid_finder {
  const mth_kernel_body *body;
  const mth_kernel_stages *stages;
  const mth_loops *first; // loops of the first stage; NULL before it
  mth_loops loops;
  size_t rank;
  bool *seen; // nodes read at the stage's own point: what they read is known
} grid_finder;

// Shrinks the grid to the leading loops at whose own point `node` is read, if it is kept, or all
// that it is computed from.
static void shrink_to_read(grid_finder *grid, size_t node, const mth_index *at) {
  const mth_kernel_body *body = grid->body;
  mth_index index[mth_axes_max];
  memcpy(index, at, sizeof *at * (size_t)body->nodes[node].type.rank);
  if (!mth_kernel_see_through(body, &node, index)) return;
  const mth_kernel_node *found = &body->nodes[node];
  const size_t rank = (size_t)found->type.rank;
  if (!is_computed(found)) return;
  if (grid->stages->kept[node]) {
    size_t shared = 0;
    const mth_layout *layout = &grid->stages->layouts[node];
    while (shared < grid->rank && shared < layout->rank &&
           index[layout->axis[shared]].loop[0] == (int32_t)shared)
      ++shared;
    grid->rank = shared;
    return;
  }
  const bool own_point = mth_index_is_identity(index, rank);
  if (own_point && grid->seen[node]) return;
  grid->seen[node] = grid->seen[node] || own_point;
  for (size_t i = 0; i < operand_count(found); ++i) {
    mth_index inner[mth_axes_max];
    if (mth_lowering_reads_itself(found->core.lowering, i)) continue;
    if (mth_lowering_access(body->dims, &found->core, i, index, inner))
      shrink_to_read(grid, found->operands[i], inner);
  }
}

static void shrink_to_loops(grid_finder *grid, const mth_loops *loops) {
  size_t shared = 0;
  while (shared < grid->rank && shared < loops->parallel &&
         (!grid->first ||
          (shared < grid->first->parallel && loops->extent[shared] == grid->first->extent[shared])))
    ++shared;
  grid->rank = shared;
  if (!grid->first) {
    grid->loops = *loops;
    grid->first = &grid->loops;
  }
  memset(grid->seen, 0, grid->body->node_count * sizeof *grid->seen);
}

static void shrink_to_copies(grid_finder *grid) {
  const mth_kernel_body *body = grid->body;
  for (size_t i = 0; i < body->returned_count; ++i) {
    if (!grid->stages->results[i].copied) continue;
    const mth_type *type = &body->nodes[body->returned[i]].type;
    mth_loops loops = {.count = (size_t)type->rank, .parallel = (size_t)type->rank};
    mth_index index[mth_axes_max];
    for (int32_t a = 0; a < type->rank; ++a) {
      loops.extent[a] = type->dims[a];
      index[a] = mth_index_loop(body->dims, (size_t)a);
    }
    shrink_to_loops(grid, &loops);
    shrink_to_read(grid, body->returned[i], index);
  }
}

mth_status mth_kernel_stages_grid(const mth_kernel_body *body, const mth_kernel_stages *stages,
                                  size_t *out_rank) {
  grid_finder grid = {.body = body,
                      .stages = stages,
                      .rank = MTH_GRID_RANK,
                      .seen = MTH_NEW_ARRAY(body->arena, bool, body->node_count)};
  if (!grid.seen) return MTH_NO_MEMORY;
  for (size_t s = 0; s < stages->stage_count; ++s) {
    mth_loops loops;
    mth_node_loops(body, stages->stages[s].nodes[0], &loops);
    shrink_to_loops(&grid, &loops);
    for (size_t i = 0; i < stages->stages[s].node_count; ++i) {
      const size_t node = stages->stages[s].nodes[i];
      for (size_t k = 0; k < operand_count(&body->nodes[node]); ++k) {
        mth_index index[mth_axes_max];
        if (mth_node_operand_index(body, node, k, index))
          shrink_to_read(&grid, body->nodes[node].operands[k], index);
      }
    }
  }
  shrink_to_copies(&grid);
  *out_rank = grid.rank;
  return MTH_OK;
}
