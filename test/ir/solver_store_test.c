// solver_store_test.c: what is refused or rolled back leaves nothing behind, at any failing
// allocation; order does not matter; cost is linear.
#include "ir/solver_core.h"
#include "test/ir/solver_fixture.h"

#include <stdio.h>
#include <stdlib.h>

enum { var_count = 12 };

static uint64_t next_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return *state >> 33;
}

static const char *const names[var_count] = {"a", "b", "c", "d", "e", "g",
                                             "h", "i", "j", "k", "l", "m"};

// One random fact, read from a seed, so that the same fact can be stated in another order.
static mth_status state_random(solver_fixture *f, const mth_var *vars, uint64_t seed) {
  uint64_t r = seed;
  const mth_var x = vars[next_random(&r) % var_count], y = vars[next_random(&r) % var_count];
  const mth_var z = vars[next_random(&r) % var_count];
  mth_extent extents[4];
  size_t rank = next_random(&r) % 4;
  bool has_rest = false;
  for (size_t i = 0; i < rank; ++i) {
    static const char *const locals[] = {"p", "q"}, *const declared[] = {"S", "T"};
    const size_t pick = next_random(&r) % 2;
    switch (next_random(&r) % 6) {
    case 0:
      extents[i] = MTH_N((int64_t)(next_random(&r) % 3 + 1));
      break;
    case 1:
      extents[i] = MTH_DECLARED(declared[pick]);
      break;
    case 2:
      extents[i] = MTH_LOCAL(locals[pick]);
      break;
    case 3:
      extents[i] = has_rest ? MTH_ANY : MTH_REST;
      has_rest = true;
      break;
    default:
      extents[i] = MTH_ANY;
      break;
    }
  }
  const mth_var three[] = {x, y, z}, two[] = {x, y};
  const int64_t axes[] = {-1}, permutation[] = {1, 0};
  const mth_arg last = MTH_ARG_IS("axis", 1, axes), swap = MTH_ARG_IS("axes", 2, permutation);
  const mth_arg first = MTH_ARG_I("axis", 0);
  mth_rule_id rule;
  switch (next_random(&r) % 10) {
  case 0:
  case 1:
  case 2:
    return state_shape(f, x, (mth_shape){rank, extents});
  case 3:
    return mth_solver_unify(f->solver, x, y, here(f));
  case 4:
    return apply_with(f, "matmul", 3, three, 0, NULL, &rule);
  case 5:
    return apply_with(f, "add", 3, three, 0, NULL, &rule);
  case 6:
    return apply_with(f, "sum", 2, two, 1, &last, &rule);
  case 7:
    return apply_with(f, "transpose", 2, two, 1, &swap, &rule);
  case 8:
    return apply_with(f, "concat", 3, three, 1, &first, &rule);
  default:
    return apply_with(f, "relu", 2, two, 0, NULL, &rule);
  }
}

static void add_vars(solver_fixture *f, mth_var *vars) {
  for (size_t i = 0; i < var_count; ++i)
    vars[i] = add_tensor(f, names[i]);
}

TEST(solver_store, refused_facts_leave_no_trace) {
  size_t refused = 0, taken = 0;
  for (uint64_t round = 0; round < 300; ++round) {
    solver_fixture f;
    mth_var vars[var_count];
    open_solver(&f);
    add_vars(&f, vars);
    uint64_t state = round;
    for (int step = 0; step < 25; ++step) {
      char before[4096];
      snprintf(before, sizeof before, "%s", tensors_text(&f, var_count, vars));
      const mth_status status = state_random(&f, vars, next_random(&state));
      if (status == MTH_OK) {
        ++taken;
        continue;
      }
      ++refused;
      EXPECT_INT(status, MTH_INVALID);
      EXPECT(f.seen.status == MTH_INVALID && f.seen.message[0]);
      EXPECT_TEXT(tensors_text(&f, var_count, vars), before);
    }
    close_solver(&f);
  }
  EXPECT(refused > 500 && taken > 500); // the test sees both
}

TEST(solver_store, rollback_forgets_what_was_taken) {
  for (uint64_t round = 0; round < 200; ++round) {
    solver_fixture f;
    mth_var vars[var_count];
    open_solver(&f);
    add_vars(&f, vars);
    uint64_t state = round + 1000;
    for (int step = 0; step < 8; ++step)
      (void)!state_random(&f, vars, next_random(&state));
    char before[4096];
    snprintf(before, sizeof before, "%s", tensors_text(&f, var_count, vars));
    const mth_solver_mark outer = mth_solver_begin(f.solver);
    for (int step = 0; step < 6; ++step) {
      const mth_solver_mark inner = mth_solver_begin(f.solver);
      (void)!state_random(&f, vars, next_random(&state));
      if (step % 2)
        mth_solver_commit(f.solver, inner);
      else
        mth_solver_rollback(f.solver, inner);
    }
    mth_solver_rollback(f.solver, outer);
    EXPECT_TEXT(tensors_text(&f, var_count, vars), before);
    // What follows is taken or refused as if nothing had been tried.
    const uint64_t fact = next_random(&state);
    solver_fixture g;
    mth_var others[var_count];
    open_solver(&g);
    add_vars(&g, others);
    uint64_t again = round + 1000;
    for (int step = 0; step < 8; ++step)
      (void)!state_random(&g, others, next_random(&again));
    EXPECT_INT(state_random(&f, vars, fact), state_random(&g, others, fact));
    char wanted[4096];
    snprintf(wanted, sizeof wanted, "%s", tensors_text(&g, var_count, others));
    EXPECT_TEXT(tensors_text(&f, var_count, vars), wanted);
    close_solver(&g);
    close_solver(&f);
  }
}

// States facts in an order made from `swaps`; true if all were taken. With `rank` every tensor has
// that rank from the start.
static bool state_in_order(solver_fixture *f, mth_var *vars, size_t rank, const uint64_t *facts,
                           size_t count, uint64_t swaps) {
  static const mth_extent any[] = {{.kind = MTH_EXTENT_ANY}, {.kind = MTH_EXTENT_ANY}};
  uint64_t order[16];
  memcpy(order, facts, count * sizeof *order);
  for (size_t i = count - 1; swaps && i > 0; --i) {
    const size_t j = next_random(&swaps) % (i + 1);
    const uint64_t kept = order[i];
    order[i] = order[j], order[j] = kept;
  }
  open_solver(f);
  add_vars(f, vars);
  for (size_t i = 0; rank && i < var_count; ++i)
    EXPECT(state_shape(f, vars[i], (mth_shape){rank, any}) == MTH_OK);
  for (size_t i = 0; i < count; ++i)
    if (state_random(f, vars, order[i]) != MTH_OK) return false;
  return true;
}

static void make_facts(uint64_t round, uint64_t *facts, size_t count) {
  uint64_t state = round * 7919 + 13;
  for (size_t i = 0; i < count; ++i)
    facts[i] = next_random(&state);
}

TEST(solver_store, facts_are_taken_in_every_order_or_in_none) {
  size_t taken_count = 0, refused_count = 0;
  for (uint64_t round = 0; round < 1500; ++round) {
    uint64_t facts[16];
    const size_t count = 4 + round % 8;
    make_facts(round, facts, count);
    for (uint64_t swaps = 0, taken = 0; swaps <= 3; ++swaps) {
      solver_fixture f;
      mth_var vars[var_count];
      const bool here_taken = state_in_order(&f, vars, 0, facts, count, swaps * (round + 977));
      if (swaps == 0) taken = here_taken;
      harness_check(taken == here_taken, false, __FILE__, __LINE__, "round %d: %s", (int)round,
                    f.seen.message);
      *(here_taken ? &taken_count : &refused_count) += 1;
      close_solver(&f);
    }
  }
  EXPECT(taken_count > 1000 && refused_count > 1000);
}

// Gives every dim that is not known a number, as far as the solver takes one.
static bool ground(solver_fixture *f, const mth_var *vars, uint64_t seed) {
  for (size_t i = 0; i < var_count; ++i)
    for (int64_t axis = 0; axis < mth_solver_rank(f->solver, vars[i]); ++axis) {
      const uint64_t first = next_random(&seed);
      bool taken = false;
      for (uint64_t tried = 0; !taken && tried < 12; ++tried) {
        const mth_dim *dim = mth_solver_dim(f->solver, vars[i], axis);
        const bool is_known = !strchr(mth_dim_text(f->dims, dim), '?');
        const mth_dim *number = mth_dim_constant(f->dims, (int64_t)((first + tried) % 12 + 1));
        taken = is_known || mth_solver_equate(f->solver, dim, number, here(f)) == MTH_OK;
      }
      if (!taken) return false;
    }
  return true;
}

// Whether what `from` knows of every dim may be stated in `to`.
static bool takes(solver_fixture *to, solver_fixture *from, const mth_var *vars) {
  for (size_t i = 0; i < var_count; ++i)
    for (int64_t axis = 0; axis < mth_solver_rank(from->solver, vars[i]); ++axis) {
      const char *text = mth_dim_text(from->dims, mth_solver_dim(from->solver, vars[i], axis));
      const mth_dim *known, *dim = mth_solver_dim(to->solver, vars[i], axis);
      EXPECT(mth_dim_parse(to->dims, text, here(to), &known) == MTH_OK);
      if (!dim || mth_solver_equate(to->solver, dim, known, here(to)) != MTH_OK) return false;
    }
  return true;
}

// Unknowns may be expressed by one another in several ways, so the numbers that one solver allows
// are tried in the other.
TEST(solver_store, the_same_numbers_remain_possible_in_every_order) {
  size_t compared = 0;
  for (uint64_t round = 0; round < 2000; ++round) {
    uint64_t facts[16];
    const size_t count = 4 + round % 6;
    make_facts(round + 5000, facts, count);
    for (uint64_t swaps = 1; swaps <= 2; ++swaps) {
      solver_fixture f, g;
      mth_var vars[var_count];
      const bool f_taken = state_in_order(&f, vars, 2, facts, count, 0);
      const bool g_taken = state_in_order(&g, vars, 2, facts, count, swaps * (round + 977));
      harness_check(f_taken == g_taken, false, __FILE__, __LINE__, "round %d: %s", (int)round,
                    f_taken ? g.seen.message : f.seen.message);
      if (f_taken && g_taken && ground(&g, vars, round)) {
        ++compared;
        harness_check(takes(&f, &g, vars), false, __FILE__, __LINE__, "round %d: %s", (int)round,
                      f.seen.message);
        char wanted[4096];
        snprintf(wanted, sizeof wanted, "%s", tensors_text(&g, var_count, vars));
        EXPECT_TEXT(tensors_text(&f, var_count, vars), wanted);
      }
      close_solver(&f);
      close_solver(&g);
    }
  }
  EXPECT(compared > 400);
}

// The writer makes a solver for each op, and the table of dims is the whole model's.
TEST(solver_store, a_small_solver_costs_little_beside_a_large_table) {
  solver_fixture f;
  open_solver(&f);
  for (int i = 0; i < 10000; ++i)
    EXPECT(mth_dim_fresh(f.dims) != NULL);
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_ANY, MTH_ANY));
  EXPECT_TEXT(tensor_text(&f, x), "any [u1, u2]");
  EXPECT(f.solver->symbol_slot_count <= 64);
  close_solver(&f);
}
