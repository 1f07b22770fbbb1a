// grid.c: the loops over a tile's grid points.
//
// If generics are vectorised along a grid loop, it is the innermost: values of a point stay in
// registers. Where they read along another grid loop, squares of lanes x lanes points are done at a
// time: each square is read row by row and turned.
#include "dialect/match.h"
#include "passes/loops/nest.h"
#include "passes/loops/turn.h"

#include "mlir-c/BuiltinAttributes.h"

// The part of the kernel that is being written, and over which points.
typedef struct grid {
  mth_nest *nest;
  size_t first, count;
  intptr_t vector_loop, turned_loop; // -1: none
  int64_t lanes;
  const mth_index_value *begin, *end;
} grid;

// One square of a turned kernel, or one vector of points.
static mth_status write_vector(const grid *g, mth_point *p, mth_index_value at,
                               const mth_index_value *last, bool is_square) {
  const intptr_t other = g->turned_loop;
  if (!is_square) {
    p->loop[g->vector_loop] = mth_lane_linear(at, mth_index_number(1));
    return mth_nest_write_point(g->nest, p, g->first, g->count);
  }
  const mth_index_value start = p->loop[other].base;
  MTH_TRY(mth_turn_load(g->nest, p, g->vector_loop, other, at, start, last));
  for (int64_t i = 0; i < g->lanes; ++i) {
    mth_point inner = *p;
    inner.loop[g->vector_loop] = mth_lane_linear(at, mth_index_number(1));
    inner.loop[other] = mth_lane_index(mth_write_add(p->w, start, mth_index_number(i)));
    for (size_t t = 0; t < g->nest->turned_count; ++t)
      g->nest->turned[t].now =
          (mth_lane){.kind = MTH_LANE_VECTOR, .value = g->nest->turned[t].vectors[i]};
    MTH_TRY(mth_nest_write_point(g->nest, &inner, g->first, g->count));
  }
  return MTH_OK;
}

static mth_status write_vectors(const grid *g, const mth_point *p, bool is_square) {
  mth_writer *const w = p->w;
  mth_point inner = *p;
  inner.lanes = g->lanes;
  const mth_index_value begin = g->begin[g->vector_loop], end = g->end[g->vector_loop];
  const mth_index_value extent = mth_write_subtract(w, end, begin);
  const mth_index_value rest = mth_write_modulo(w, extent, g->lanes);
  const mth_index_value main_end = mth_write_subtract(w, end, rest);
  const bool is_short = mlirValueIsNull(extent.value) && extent.number < g->lanes;
  if (!is_short) {
    mth_loop loop = mth_open_loop(w, begin, main_end, mth_index_number(g->lanes), 0, NULL);
    MTH_TRY(write_vector(g, &inner, mth_index_of(loop.induction), NULL, is_square));
    mth_close_loop(w, &loop, 0, NULL);
  }
  if (mth_index_is(rest, 0)) return MTH_OK;
  const MlirValue some =
      mth_write_compare(w, MTH_SLT, mth_write_index(w, main_end), mth_write_index(w, end));
  const mth_index_value last = mth_write_subtract(w, end, mth_index_number(1));
  mth_branch branch = mth_open_branch(w, some, 0, NULL);
  inner.mask = mth_write_mask(w, g->lanes, rest);
  MTH_TRY(write_vector(g, &inner, main_end, &last, is_square));
  mth_close_branch(w, &branch, 0, NULL);
  return MTH_OK;
}

static mth_status write_squares(const grid *g, const mth_point *p) {
  mth_writer *const w = p->w;
  mth_point inner = *p;
  const intptr_t other = g->turned_loop;
  const mth_index_value begin = g->begin[other], end = g->end[other];
  const mth_index_value rest = mth_write_modulo(w, mth_write_subtract(w, end, begin), g->lanes);
  const mth_index_value main_end = mth_write_subtract(w, end, rest);
  mth_loop squares = mth_open_loop(w, begin, main_end, mth_index_number(g->lanes), 0, NULL);
  inner.loop[other] = mth_lane_index(mth_index_of(squares.induction));
  MTH_TRY(write_vectors(g, &inner, true));
  mth_close_loop(w, &squares, 0, NULL);
  if (mth_index_is(rest, 0)) return MTH_OK;
  // What is left is read element by element.
  const size_t turned_count = g->nest->turned_count;
  g->nest->turned_count = 0;
  mth_loop lines = mth_open_loop(w, main_end, end, mth_index_number(1), 0, NULL);
  inner.loop[other] = mth_lane_index(mth_index_of(lines.induction));
  MTH_TRY(write_vectors(g, &inner, false));
  mth_close_loop(w, &lines, 0, NULL);
  g->nest->turned_count = turned_count;
  return MTH_OK;
}

static mth_status write_grid(const grid *g, mth_point *p, intptr_t level) {
  if (level == g->nest->grid_rank) {
    if (g->turned_loop >= 0) return write_squares(g, p);
    if (g->vector_loop >= 0) return write_vectors(g, p, false);
    return mth_nest_write_point(g->nest, p, g->first, g->count);
  }
  if (level == g->vector_loop || level == g->turned_loop) return write_grid(g, p, level + 1);
  mth_loop loop = mth_open_loop(p->w, g->begin[level], g->end[level], mth_index_number(1), 0, NULL);
  p->loop[level] = mth_lane_index(mth_index_of(loop.induction));
  MTH_TRY(write_grid(g, p, level + 1));
  mth_close_loop(p->w, &loop, 0, NULL);
  return MTH_OK;
}

mth_status mth_nest_write(mth_nest *nest, size_t first, size_t count, const mth_index_value *begin,
                          const mth_index_value *end) {
  if (count == 0) return MTH_OK;
  grid g = {.nest = nest,
            .first = first,
            .count = count,
            .vector_loop = mth_nest_vector_loop(nest->generics[first]),
            .turned_loop = -1,
            .lanes = mth_nest_lanes(nest->generics[first]),
            .begin = begin,
            .end = end};
  if (g.vector_loop >= nest->grid_rank) g.vector_loop = -1;
  const MlirAttribute turned = mth_op_attribute(nest->function, "mithril.turned_loop");
  if (g.vector_loop >= 0 && !mlirAttributeIsNull(turned)) {
    g.turned_loop = (intptr_t)mlirIntegerAttrGetValueInt(turned);
    if (!mth_turn_find(nest, first, count, g.vector_loop, g.turned_loop)) g.turned_loop = -1;
    if (g.turned_loop < 0) nest->turned_count = 0;
  }
  mth_point p = {.w = &nest->w, .lanes = 1};
  const mth_status status = write_grid(&g, &p, 0);
  nest->turned_count = 0;
  return status;
}
