// broadcast.c: aligning shapes on the right, where a dim that is 1 stretches.
//
// At each position the dims that are not a literal 1 must be equal, and are the result's. While one
// of them may still turn out to be 1 nothing is said of the others; once the rule is decided they
// are taken to be equal. Positions are counted from the right, so shapes of unknown rank take part
// as far as their last dims are known; shapes with the same unknown run of dims are aligned there.
#include "ir/rule.h"
#include "ir/solver_core.h"

#include <assert.h>

// One operand, or the result, without its trailing dims.
typedef struct side {
  size_t tensor;
  flat_shape shape;
} side;

typedef struct broadcast {
  mth_rule *rule;
  mth_solver *solver;
  size_t trailing, operand_count;
  side *operands, result;
  bool is_decided;
  bool is_open; // the result may be larger than what the operands make
} broadcast;

static bool is_one(const mth_dim *dim) {
  int64_t value;
  return mth_dim_is_constant(dim, &value) && value == 1;
}

// The dim at `position` from the right, NULL if there is none or it is not known. *out_known: false
// if there may be one.
static const mth_dim *dim_at(const flat_shape *shape, size_t position, bool *out_known) {
  *out_known = true;
  const size_t count = shape->rest == no_index ? shape->prefix_count : shape->suffix_count;
  const mth_dim **dims = shape->rest == no_index ? shape->prefix : shape->suffix;
  if (position < count) return dims[count - 1 - position];
  *out_known = shape->rest == no_index;
  return NULL;
}

static long long axis_of(const broadcast *b, size_t position) {
  return -(long long)(position + 1 + b->trailing);
}

// Makes two dims of a position equal.
static mth_status equal(broadcast *b, size_t position, size_t x_tensor, const mth_dim *x,
                        size_t y_tensor, const mth_dim *y) {
  const mth_status status = solver_unify_dims(b->solver, x, y);
  if (status != MTH_INVALID) return status;
  return mth_rule_fail(
      b->rule, "dim %lld of '%s' is %s, of '%s' it is %s; only a dim that is 1 broadcasts",
      axis_of(b, position), mth_rule_name(b->rule, x_tensor), solver_dim_text(b->solver, x),
      mth_rule_name(b->rule, y_tensor), solver_dim_text(b->solver, y));
}

// The dims that take part at one position.
typedef struct column {
  size_t position, count;
  size_t *tensors;
  const mth_dim **dims;
  bool is_complete; // no operand's dim is missing
} column;

// What is known of the result's dim without asking the result; NULL: not decided.
static mth_status settle(broadcast *b, column *c, const mth_dim *of_result,
                         const mth_dim **out_dim) {
  *out_dim = NULL;
  size_t kept = 0, fixed = SIZE_MAX;
  bool all_same = true;
  for (size_t i = 0; i < c->count; ++i) {
    if (is_one(c->dims[i])) continue;
    c->dims[kept] = c->dims[i], c->tensors[kept] = c->tensors[i];
    if (c->dims[kept] != c->dims[0]) all_same = false;
    if (mth_dim_is_constant(c->dims[kept], NULL)) {
      if (fixed != SIZE_MAX)
        MTH_TRY(equal(b, c->position, c->tensors[fixed], c->dims[fixed], c->tensors[kept],
                      c->dims[kept]));
      fixed = kept;
    }
    ++kept;
  }
  c->count = kept;
  // Where the result is 1 nothing stretches.
  if (of_result && is_one(of_result))
    for (size_t i = 0; i < kept; ++i)
      MTH_TRY(equal(b, c->position, c->tensors[i], c->dims[i], b->result.tensor, of_result));
  if (b->is_decided)
    for (size_t i = 1; i < kept; ++i)
      MTH_TRY(equal(b, c->position, c->tensors[0], c->dims[0], c->tensors[i], c->dims[i]));
  if (fixed != SIZE_MAX)
    *out_dim = c->dims[fixed];
  else if (kept && (b->is_decided || (c->is_complete && all_same)))
    *out_dim = c->is_complete || b->is_decided ? c->dims[0] : NULL;
  else if (kept == 0 && c->is_complete)
    *out_dim = mth_dim_constant(b->solver->dims, 1);
  if (kept == 0 && c->is_complete && !*out_dim) return MTH_NO_MEMORY;
  return MTH_OK;
}

static mth_status gather_column(broadcast *b, size_t position, column *out_column) {
  mth_arena *scratch = &b->solver->scratch;
  column c = {.position = position, .is_complete = !b->is_open};
  c.tensors = MTH_NEW_ARRAY(scratch, size_t, b->operand_count);
  c.dims = MTH_NEW_ARRAY(scratch, const mth_dim *, b->operand_count);
  if (!c.tensors || !c.dims) return MTH_NO_MEMORY;
  for (size_t i = 0; i < b->operand_count; ++i) {
    bool is_known;
    const mth_dim *dim = dim_at(&b->operands[i].shape, position, &is_known);
    if (!is_known) c.is_complete = false;
    if (!dim) continue;
    c.tensors[c.count] = b->operands[i].tensor;
    c.dims[c.count++] = dim;
  }
  *out_column = c;
  return MTH_OK;
}

// One position where the result's dim is known by name at least.
static mth_status at_position(broadcast *b, size_t position) {
  bool is_known;
  const mth_dim *of_result = dim_at(&b->result.shape, position, &is_known);
  column c;
  MTH_TRY(gather_column(b, position, &c));
  const mth_dim *dim;
  MTH_TRY(settle(b, &c, of_result, &dim));
  if (!of_result || !dim) return MTH_OK;
  const size_t tensor = c.count ? c.tensors[0] : b->operands[0].tensor;
  return equal(b, position, tensor, dim, b->result.tensor, of_result);
}

// ---- ranks --------------------------------------------------------------------------------------

// The operands of unknown rank if all have the same unknown run, with as many dims on its sides.
static const flat_shape *shared_run(const broadcast *b, bool *out_all_fixed) {
  const flat_shape *run = NULL;
  *out_all_fixed = true;
  bool is_shared = true;
  for (size_t i = 0; i < b->operand_count; ++i) {
    const flat_shape *shape = &b->operands[i].shape;
    if (shape->rest == no_index) continue;
    *out_all_fixed = false;
    if (!run)
      run = shape;
    else if (run->rest != shape->rest || run->prefix_count != shape->prefix_count ||
             run->suffix_count != shape->suffix_count)
      is_shared = false;
  }
  for (size_t i = 0; run && i < b->operand_count; ++i)
    if (b->operands[i].shape.rest == no_index &&
        b->operands[i].shape.prefix_count > run->suffix_count)
      is_shared = false;
  return is_shared ? run : NULL;
}

static const mth_dim *or_fresh(broadcast *b, const mth_dim *dim) {
  return dim ? dim : solver_fresh_dim(b->solver);
}

// The prefix dim of the operands that share a run.
static mth_status settle_prefix(broadcast *b, const flat_shape *run, size_t index,
                                const mth_dim **out_dim) {
  column c = {.position = run->suffix_count, .is_complete = true}; // the place in a message is near
  c.tensors = MTH_NEW_ARRAY(&b->solver->scratch, size_t, b->operand_count);
  c.dims = MTH_NEW_ARRAY(&b->solver->scratch, const mth_dim *, b->operand_count);
  if (!c.tensors || !c.dims) return MTH_NO_MEMORY;
  for (size_t i = 0; i < b->operand_count; ++i)
    if (b->operands[i].shape.rest != no_index) {
      c.tensors[c.count] = b->operands[i].tensor;
      c.dims[c.count++] = b->operands[i].shape.prefix[index];
    }
  return settle(b, &c, NULL, out_dim);
}

// Gives the result the rank, or the unknown run, of the operands.
static mth_status shape_result(broadcast *b, const flat_shape *run, size_t rank) {
  const flat_shape *now = &b->result.shape;
  flat_shape shape = {.prefix_count = run ? run->prefix_count : rank,
                      .suffix_count = run ? run->suffix_count : 0,
                      .rest = run ? run->rest : no_index};
  if (now->rest == shape.rest && now->prefix_count == shape.prefix_count &&
      now->suffix_count == shape.suffix_count)
    return MTH_OK;
  // Dims of the result that are known already stay; the rest is what the operands make of it.
  const size_t count = shape.prefix_count + shape.suffix_count;
  shape.prefix = MTH_NEW_ARRAY(&b->solver->scratch, const mth_dim *, count + b->trailing);
  if (!shape.prefix) return MTH_NO_MEMORY;
  shape.suffix = shape.prefix + shape.prefix_count;
  for (size_t i = 0; i < count; ++i) {
    const mth_dim *dim;
    if (run && i < run->prefix_count) {
      MTH_TRY(settle_prefix(b, run, i, &dim));
    } else {
      column c;
      MTH_TRY(gather_column(b, count - 1 - i, &c));
      MTH_TRY(settle(b, &c, NULL, &dim));
    }
    if (!(shape.prefix[i] = or_fresh(b, dim))) return MTH_NO_MEMORY;
  }
  // The trailing dims of the result are its own.
  flat_shape whole;
  const uint32_t row =
      solver_var(b->solver,
                 ((uint32_t *)b->solver->rule_vars
                      .items)[solver_rule(b->solver, b->rule->index)->first_var + b->result.tensor])
          ->row;
  MTH_TRY(solver_read_row(b->solver, row, &whole));
  const mth_dim **own = whole.rest == no_index ? whole.prefix + whole.prefix_count
                                               : whole.suffix + whole.suffix_count;
  for (size_t i = 0; i < b->trailing; ++i)
    shape.prefix[count + i] = own[(ptrdiff_t)i - (ptrdiff_t)b->trailing];
  *(run ? &shape.suffix_count : &shape.prefix_count) += b->trailing;
  uint32_t stated;
  MTH_TRY(solver_row_of(b->solver, &shape, &stated));
  const mth_solver_mark before = solver_mark_here(b->solver);
  const mth_status status = solver_unify_rows(b->solver, row, stated);
  if (status != MTH_INVALID) return status;
  solver_undo_to(b->solver, &before);
  return mth_rule_fail(b->rule, "the operands broadcast to %s, '%s' has shape %s",
                       solver_shape_text(b->solver, stated),
                       mth_rule_name(b->rule, b->result.tensor), solver_shape_text(b->solver, row));
}

// An operand's dim that must be there because nothing else makes the result's.
static mth_status from_result(broadcast *b, size_t position) {
  bool is_known;
  const mth_dim *of_result = dim_at(&b->result.shape, position, &is_known);
  if (!of_result || !mth_dim_is_constant(of_result, NULL) || is_one(of_result)) return MTH_OK;
  size_t candidate = SIZE_MAX;
  for (size_t i = 0; i < b->operand_count; ++i) {
    const mth_dim *dim = dim_at(&b->operands[i].shape, position, &is_known);
    if (is_known && (!dim || is_one(dim))) continue;
    if (candidate != SIZE_MAX) return MTH_OK;
    candidate = i;
  }
  if (candidate == SIZE_MAX) return MTH_OK;
  const size_t tensor = b->operands[candidate].tensor;
  MTH_TRY(mth_rule_state_last_dims(b->rule, tensor, (int32_t)(position + 1 + b->trailing)));
  return mth_rule_state_dim(b->rule, tensor, axis_of(b, position), of_result);
}

// ---- the whole ----------------------------------------------------------------------------------

static mth_status read_side(broadcast *b, size_t tensor, side *out_side, bool *out_readable) {
  const rule_record *record = solver_rule(b->solver, b->rule->index);
  const uint32_t var = ((uint32_t *)b->solver->rule_vars.items)[record->first_var + tensor];
  out_side->tensor = tensor;
  MTH_TRY(solver_read_row(b->solver, solver_var(b->solver, var)->row, &out_side->shape));
  flat_shape *shape = &out_side->shape;
  size_t *count = shape->rest == no_index ? &shape->prefix_count : &shape->suffix_count;
  if (*count < b->trailing) return *out_readable = false, MTH_OK;
  *count -= b->trailing;
  return MTH_OK;
}

static mth_status read_sides(broadcast *b, size_t result, const size_t *operands,
                             bool *out_readable) {
  *out_readable = true;
  b->operands = MTH_NEW_ARRAY(&b->solver->scratch, side, b->operand_count);
  if (!b->operands) return MTH_NO_MEMORY;
  for (size_t i = 0; i < b->operand_count; ++i)
    MTH_TRY(read_side(b, operands[i], &b->operands[i], out_readable));
  return read_side(b, result, &b->result, out_readable);
}

static size_t known_positions(const flat_shape *shape) {
  return shape->rest == no_index ? shape->prefix_count : shape->suffix_count;
}

static mth_status check_ranks(broadcast *b) {
  if (b->result.shape.rest != no_index) return MTH_OK;
  const size_t rank = b->result.shape.prefix_count;
  for (size_t i = 0; i < b->operand_count; ++i) {
    const flat_shape *shape = &b->operands[i].shape;
    if (shape->prefix_count + shape->suffix_count > rank)
      return mth_rule_fail(b->rule,
                           "'%s' has rank %zu%s, '%s' has rank %zu; it cannot broadcast to it",
                           mth_rule_name(b->rule, b->operands[i].tensor),
                           shape->prefix_count + shape->suffix_count + b->trailing,
                           shape->rest == no_index ? "" : " or more",
                           mth_rule_name(b->rule, b->result.tensor), rank + b->trailing);
  }
  return MTH_OK;
}

static mth_status run(broadcast *b, size_t result, const size_t *operands) {
  b->solver = b->rule->solver;
  b->is_decided = solver_rule(b->solver, b->rule->index)->is_decided;
  bool is_readable;
  MTH_TRY(read_sides(b, result, operands, &is_readable));
  if (!is_readable) return MTH_OK;
  MTH_TRY(check_ranks(b));
  bool all_fixed;
  const flat_shape *run_shape = shared_run(b, &all_fixed);
  size_t rank = 0, positions = 0;
  for (size_t i = 0; i < b->operand_count; ++i) {
    const size_t count = known_positions(&b->operands[i].shape);
    if (b->operands[i].shape.rest == no_index && count > rank) rank = count;
    if (count > positions) positions = count;
  }
  if (!b->is_open && (all_fixed || run_shape)) {
    MTH_TRY(shape_result(b, all_fixed ? NULL : run_shape, rank));
    MTH_TRY(read_sides(b, result, operands, &is_readable));
  } else if (rank > 0) {
    MTH_TRY(mth_rule_state_last_dims(b->rule, result, (int32_t)(rank + b->trailing)));
    MTH_TRY(read_sides(b, result, operands, &is_readable));
  }
  const size_t of_result = known_positions(&b->result.shape);
  if (of_result > positions) positions = of_result;
  for (size_t i = 0; i < positions; ++i)
    MTH_TRY(at_position(b, i));
  for (size_t i = 0; !b->is_open && i < of_result; ++i)
    MTH_TRY(from_result(b, i));
  return MTH_OK;
}

mth_status mth_rule_broadcast(mth_rule *rule, size_t result, size_t operand_count,
                              const size_t *operands, size_t trailing) {
  broadcast b = {.rule = rule, .trailing = trailing, .operand_count = operand_count};
  return run(&b, result, operands);
}

mth_status mth_rule_stretch(mth_rule *rule, size_t result, size_t operand) {
  broadcast b = {.rule = rule, .operand_count = 1, .is_open = true};
  return run(&b, result, &operand);
}
