// solver_run_test.c: cost is linear; each allocation may fail; sizes that do not fit are reported.
#include "test/ir/failing_heap.h"
#include "test/ir/solver_fixture.h"

// How often rules run while a chain of matmul, add and relu is composed and then given a shape.
static uint64_t runs_of_chain(size_t layer_count, bool input_first) {
  solver_fixture f;
  open_solver(&f);
  const mth_var input = add_tensor(&f, "x");
  const mth_shape batch = MTH_SHAPE(MTH_DECLARED("B"), MTH_N(64));
  if (input_first) EXPECT(state_shape(&f, input, batch) == MTH_OK);
  mth_var x = input;
  for (size_t i = 0; i < layer_count; ++i) {
    const mth_var own = add_tensor(&f, "own"), w = add_tensor(&f, "w"), b = add_tensor(&f, "b");
    const mth_var y = add_tensor(&f, "y"), z = add_tensor(&f, "z"), out = add_tensor(&f, "out");
    const mth_var vars[] = {own, w, b};
    const mth_shape shapes[] = {MTH_SHAPE(MTH_ANY, MTH_REST, MTH_LOCAL("in")),
                                MTH_SHAPE(MTH_LOCAL("in"), MTH_N(64)), MTH_SHAPE(MTH_N(64))};
    EXPECT(mth_solver_state_shapes(f.solver, 3, vars, shapes, here(&f)) == MTH_OK);
    EXPECT(APPLY("matmul", own, w, y) == MTH_OK);
    EXPECT(APPLY("add", y, b, z) == MTH_OK);
    EXPECT(APPLY("relu", z, out) == MTH_OK);
    EXPECT(mth_solver_unify(f.solver, x, own, here(&f)) == MTH_OK);
    x = out;
  }
  if (!input_first) EXPECT(state_shape(&f, input, batch) == MTH_OK);
  EXPECT_TEXT(tensor_text(&f, x), "int|float [B, 64]");
  const uint64_t runs = mth_solver_run_count(f.solver);
  close_solver(&f);
  return runs;
}

TEST(solver_run, cost_is_linear_in_layers) {
  for (int input_first = 0; input_first < 2; ++input_first) {
    const uint64_t small = runs_of_chain(100, input_first),
                   large = runs_of_chain(1000, input_first);
    harness_check(large <= 11 * small && large <= 30 * 1000, false, __FILE__, __LINE__,
                  "100 layers run %llu rules, 1000 layers %llu", (unsigned long long)small,
                  (unsigned long long)large);
  }
}

// Some of everything; stops at the first failure.
static mth_status exercise(solver_fixture *f) {
  mth_var x, w, y, r, c, shape;
  mth_rule_id rules[2];
  const mth_sink *sink = &f->sink;
  const mth_location at = {sink, NULL};
  MTH_TRY(mth_solver_add_tensor(f->solver, MTH_FAMILY_ANY, "x", &x));
  MTH_TRY(mth_solver_add_tensor(f->solver, MTH_FAMILY_ANY, "w", &w));
  MTH_TRY(mth_solver_add_tensor(f->solver, MTH_FAMILY_ANY, "y", &y));
  MTH_TRY(mth_solver_add_tensor(f->solver, MTH_FAMILY_ANY, "r", &r));
  MTH_TRY(mth_solver_add_tensor(f->solver, MTH_FAMILY_ANY, "c", &c));
  MTH_TRY(mth_solver_add_arg(f->solver, MTH_ARG_DIMS, "shape", &shape));
  const mth_var product[] = {x, w, y}, reshaped[] = {y, r}, copies[] = {r, r, r, r, c};
  MTH_TRY(mth_solver_apply(f->solver, mth_registry_find(f->registry, "matmul"), 3, product, 0, NULL,
                           at, &rules[0]));
  MTH_TRY(mth_solver_apply(f->solver, mth_registry_find(f->registry, "reshape"), 2, reshaped, 1,
                           &shape, at, &rules[1]));
  MTH_TRY(apply_with(f, "concat", 5, copies, 0, NULL, &rules[0]));
  const mth_var vars[] = {x, w};
  const mth_shape shapes[] = {MTH_SHAPE(MTH_DECLARED("B"), MTH_ANY, MTH_LOCAL("k")),
                              MTH_SHAPE(MTH_LOCAL("k"), MTH_N(8))};
  MTH_TRY(mth_solver_state_shapes(f->solver, 2, vars, shapes, at));
  const mth_dim *minus_one = mth_dim_constant(f->dims, -1), *four = mth_dim_constant(f->dims, 4);
  if (!minus_one || !four) return MTH_NO_MEMORY;
  const mth_dim *dims[] = {minus_one, four};
  const mth_arg value = MTH_ARG_DS("shape", 2, dims);
  MTH_TRY(mth_solver_state_value(f->solver, shape, &value, at));
  return mth_solver_decide(f->solver, 2, rules, at);
}

TEST(solver_run, every_allocation_may_fail) {
  bool done = false;
  size_t refused = 0;
  for (; !done && refused < 20000; ++refused) {
    failing_heap heap = {0, refused, 0};
    const mth_allocator allocator = failing_allocator(&heap);
    solver_fixture f = {.allocator = &allocator};
    f.sink = mth_sink_keep_first(&f.seen);
    mth_status status = mth_registry_create(&allocator, &f.registry);
    if (status == MTH_OK) status = mth_dim_table_create(&allocator, &f.dims);
    if (status == MTH_OK) status = mth_solver_create(&allocator, f.dims, &f.solver);
    if (status == MTH_OK) status = exercise(&f);
    done = heap.count <= refused;
    if (!harness_check(status == (done ? MTH_OK : MTH_NO_MEMORY), false, __FILE__, __LINE__,
                       "allocation %zu: %s, %s", refused, mth_status_name(status), f.seen.message))
      done = true;
    mth_solver_destroy(f.solver);
    mth_dim_table_destroy(f.dims);
    mth_registry_destroy(f.registry);
    EXPECT_INT(heap.live, 0);
  }
  EXPECT(done && refused > 30);
}

TEST(solver_run, reports_sizes_that_do_not_fit) {
  solver_fixture f;
  open_solver(&f);
  const int64_t huge = INT64_MAX / 2;
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_N(huge), MTH_N(huge)));
  const mth_var vars[] = {x, add_tensor(&f, "y")};
  const int64_t shape[] = {-1};
  const mth_arg flat = MTH_ARG_IS("shape", 1, shape);
  mth_rule_id rule;
  EXPECT(apply_with(&f, "reshape", 2, vars, 1, &flat, &rule) == MTH_UNSUPPORTED);
  EXPECT_TEXT(f.seen.message, "a size leaves 63 bits");
  EXPECT_TEXT(tensors_text(&f, 2, vars),
              "any [4611686018427387903, 4611686018427387903]; any [V1...]");
  const mth_dim *a = mth_dim_fresh(f.dims), *b = mth_dim_fresh(f.dims);
  const mth_var z = shaped_tensor(&f, "z", MTH_SHAPE(MTH_OF(mth_dim_floordiv(f.dims, a, b))));
  EXPECT(APPLY("relu", z, add_tensor(&f, "u")) == MTH_OK);
  EXPECT(mth_solver_equate(f.solver, b, mth_dim_constant(f.dims, 0), here(&f)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "a size is divided by 0");
  EXPECT_TEXT(tensor_text(&f, z), "int|float [u1 floordiv u2]");
  close_solver(&f);
}
