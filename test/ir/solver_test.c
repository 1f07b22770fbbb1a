// solver_test.c: facts flow both ways through ops; contradictions are refused with both sides.
#include "test/ir/solver_fixture.h"

#include <stdio.h>

// y = relu(x w + b)
typedef struct layer {
  mth_var x, w, b, product, sum, y;
} layer;

static layer add_layer(solver_fixture *fixture, mth_var x) {
  layer l = {.x = x};
  l.w = add_tensor(fixture, "w");
  l.b = add_tensor(fixture, "b");
  l.product = add_tensor(fixture, "product");
  l.sum = add_tensor(fixture, "sum");
  l.y = add_tensor(fixture, "y");
#define f (*fixture)
  const mth_shape shapes[] = {MTH_SHAPE(MTH_ANY, MTH_REST, MTH_LOCAL("in")),
                              MTH_SHAPE(MTH_LOCAL("in"), MTH_LOCAL("out")),
                              MTH_SHAPE(MTH_LOCAL("out"))};
  const mth_var vars[] = {l.x, l.w, l.b};
  EXPECT(mth_solver_state_shapes(f.solver, 3, vars, shapes, here(&f)) == MTH_OK);
  EXPECT(APPLY("matmul", l.x, l.w, l.product) == MTH_OK);
  EXPECT(APPLY("add", l.product, l.b, l.sum) == MTH_OK);
  EXPECT(APPLY("relu", l.sum, l.y) == MTH_OK);
#undef f
  return l;
}

TEST(solver, infers_a_layer_forward_and_backward) {
  solver_fixture f;
  open_solver(&f);
  const layer a = add_layer(&f, add_tensor(&f, "x"));
  const mth_var of_a[] = {a.x, a.w, a.b, a.product, a.sum, a.y};
  EXPECT_TEXT(tensors_text(&f, 6, of_a),
              "int|float [u1, V1..., u2]; int|float [u2, u3]; any [u3]; "
              "int|float [u1, V1..., u3]; int|float [u1, V1..., u3]; int|float [u1, V1..., u3]");
  const layer b = add_layer(&f, a.y);
  EXPECT(state_shape(&f, b.w, MTH_SHAPE(MTH_N(16), MTH_N(10))) == MTH_OK);
  EXPECT(state_shape(&f, b.y, MTH_SHAPE(MTH_DECLARED("B"), MTH_ANY)) == MTH_OK);
  EXPECT(state_shape(&f, a.w, MTH_SHAPE(MTH_N(784), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 6, of_a), "int|float [B, 784]; int|float [784, 16]; any [16]; "
                                         "int|float [B, 16]; int|float [B, 16]; int|float [B, 16]");
  EXPECT(mth_solver_state_families(f.solver, b.y, MTH_FAMILY_FLOAT, here(&f)) == MTH_OK);
  EXPECT(mth_solver_state_families(f.solver, a.x, MTH_FAMILY_INT, here(&f)) == MTH_OK);
  close_solver(&f);
}

TEST(solver, names_both_sides_of_a_contradiction) {
  solver_fixture f;
  open_solver(&f);
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_N(2), MTH_N(3)));
  const mth_var w = shaped_tensor(&f, "w", MTH_SHAPE(MTH_N(4), MTH_N(5)));
  const mth_var y = add_tensor(&f, "y");
  EXPECT(APPLY("matmul", x, w, y) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message,
              "MatrixMultiply: dim -1 of 'x' is 3, dim -2 of 'w' is 4; they must be equal");
  EXPECT_TEXT(tensor_text(&f, y), "any [V1...]");
  const mth_var s = add_tensor(&f, "s");
  EXPECT(APPLY("relu", x, s) == MTH_OK);
  EXPECT(state_shape(&f, s, MTH_SHAPE(MTH_N(2), MTH_N(4))) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "'s' has shape [2, 3], wanted [2, 4]");
  const mth_var i = add_tensor(&f, "i");
  EXPECT(mth_solver_state_families(f.solver, i, MTH_FAMILY_INT, here(&f)) == MTH_OK);
  EXPECT(APPLY("exp", x, i) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "Exponential: 'i' holds int, wanted float");
  EXPECT(mth_solver_state_families(f.solver, i, MTH_FAMILY_FLOAT, here(&f)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "'i' holds int, wanted float");
  // far away from the call that is refused
  const mth_var z = add_tensor(&f, "z"), r = add_tensor(&f, "r");
  EXPECT(APPLY("relu", z, r) == MTH_OK);
  EXPECT(APPLY("add", r, x, add_tensor(&f, "t")) == MTH_OK);
  EXPECT(mth_solver_state_families(f.solver, z, MTH_FAMILY_BOOL, here(&f)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "'z' holds int or float, wanted bool");
  EXPECT(state_shape(&f, z, MTH_SHAPE(MTH_N(7), MTH_N(3))) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message,
              "Add: dim -2 of 'r' is 7, of 'x' it is 2; only a dim that is 1 broadcasts");
  EXPECT_TEXT(f.seen.where, "here");
  EXPECT_TEXT(tensor_text(&f, z), "int|float [V1...]");
  close_solver(&f);
}

TEST(solver, makes_two_variables_one) {
  solver_fixture f;
  open_solver(&f);
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_N(2), MTH_ANY));
  const mth_var a = add_tensor(&f, "a"), b = add_tensor(&f, "b");
  EXPECT(APPLY("exp", a, b) == MTH_OK);
  EXPECT(!mth_solver_is_same(f.solver, x, a));
  EXPECT(mth_solver_unify(f.solver, x, a, here(&f)) == MTH_OK);
  EXPECT(mth_solver_is_same(f.solver, x, a));
  EXPECT_TEXT(mth_solver_name(f.solver, a), "x");
  EXPECT(state_shape(&f, x, MTH_SHAPE(MTH_ANY, MTH_N(3))) == MTH_OK);
  EXPECT_TEXT(tensor_text(&f, b), "float [2, 3]");
  const mth_var c = shaped_tensor(&f, "c", MTH_SHAPE(MTH_N(2), MTH_N(4)));
  EXPECT(mth_solver_unify(f.solver, c, a, here(&f)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message,
              "'c' and 'x' are to be one tensor, but their shapes are [2, 4] and [2, 3]");
  const mth_var flag = add_tensor(&f, "flag");
  EXPECT(mth_solver_state_families(f.solver, flag, MTH_FAMILY_BOOL, here(&f)) == MTH_OK);
  EXPECT(mth_solver_unify(f.solver, b, flag, here(&f)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message,
              "'b' and 'flag' are to be one tensor, but one holds float, the other bool");
  mth_var axis, keepdim;
  EXPECT(mth_solver_add_arg(f.solver, MTH_ARG_INT, "axis", &axis) == MTH_OK);
  EXPECT(mth_solver_add_arg(f.solver, MTH_ARG_BOOL, "keepdim", &keepdim) == MTH_OK);
  EXPECT(mth_solver_unify(f.solver, b, axis, here(&f)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "'b' and 'axis' are to be one, but only 'b' is a tensor");
  EXPECT(mth_solver_unify(f.solver, keepdim, axis, here(&f)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message,
              "'keepdim' and 'axis' are to be one argument, but their kinds differ");
  close_solver(&f);
}

TEST(solver, values_become_known_late_and_early) {
  solver_fixture f;
  open_solver(&f);
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_ANY, MTH_ANY));
  const mth_var y = add_tensor(&f, "y");
  mth_var shape;
  EXPECT(mth_solver_add_arg(f.solver, MTH_ARG_DIMS, "shape", &shape) == MTH_OK);
  const mth_var tensors[] = {x, y};
  mth_rule_id rule;
  const mth_op *reshape = mth_registry_find(f.registry, "reshape");
  EXPECT(mth_solver_apply(f.solver, reshape, 2, tensors, 1, &shape, here(&f), &rule) == MTH_OK);
  EXPECT(mth_solver_value(f.solver, shape) == NULL);
  // reshape(x, [x.shape[1], x.shape[0]])
  const mth_dim *swapped[] = {mth_solver_dim(f.solver, x, 1), mth_solver_dim(f.solver, x, 0)};
  const mth_arg value = MTH_ARG_DS("shape", 2, swapped);
  EXPECT(mth_solver_state_value(f.solver, shape, &value, here(&f)) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 2, tensors), "any [u1, u2]; any [u2, u1]");
  EXPECT(state_shape(&f, y, MTH_SHAPE(MTH_N(3), MTH_N(4))) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 2, tensors), "any [4, 3]; any [3, 4]");
  const mth_arg *known = mth_solver_value(f.solver, shape);
  ASSERT(known && known->kind == MTH_ARG_DIMS && known->count == 2);
  EXPECT_TEXT(mth_dim_text(f.dims, known->dims[0]), "3");
  const int64_t other[] = {4, 3};
  const mth_arg wrong = MTH_ARG_IS("shape", 2, other), kind = MTH_ARG_S("shape", "wide");
  EXPECT(mth_solver_state_value(f.solver, shape, &wrong, here(&f)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "argument 'shape' has the value (3, 4) already");
  mth_var axis;
  EXPECT(mth_solver_add_arg(f.solver, MTH_ARG_INT, "axis", &axis) == MTH_OK);
  EXPECT(mth_solver_state_value(f.solver, axis, &kind, here(&f)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "argument 'axis' is given a value of another kind than it takes");
  close_solver(&f);
}

TEST(solver, takes_one_integer_for_a_list) {
  solver_fixture f;
  open_solver(&f);
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_N(2), MTH_N(3)));
  const mth_var tensors[] = {x, add_tensor(&f, "y")};
  const mth_arg axis = MTH_ARG_I("axis", 1);
  mth_rule_id rule;
  EXPECT(apply_with(&f, "sum", 2, tensors, 1, &axis, &rule) == MTH_OK);
  EXPECT_TEXT(tensor_text(&f, tensors[1]), "int|float [2]");
  close_solver(&f);
}

TEST(solver, a_dim_of_one_tensor_is_the_size_of_another) {
  solver_fixture f;
  open_solver(&f);
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_ANY, MTH_ANY, MTH_N(4)));
  // groups = C // 2
  const mth_dim *groups =
      mth_dim_floordiv(f.dims, mth_solver_dim(f.solver, x, 1), mth_dim_constant(f.dims, 2));
  const mth_var w = shaped_tensor(&f, "w", MTH_SHAPE(MTH_OF(groups)));
  EXPECT_TEXT(tensor_text(&f, w), "any [u1 floordiv 2]");
  EXPECT(state_shape(&f, x, MTH_SHAPE(MTH_ANY, MTH_N(6), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(tensor_text(&f, w), "any [3]");
  EXPECT_TEXT(mth_dim_text(f.dims, mth_solver_simplify(f.solver, groups)), "3");
  close_solver(&f);
}

TEST(solver, decides_broadcasts_and_element_types_when_asked) {
  solver_fixture f;
  open_solver(&f);
  const mth_var a = shaped_tensor(&f, "a", MTH_SHAPE(MTH_ANY)),
                b = shaped_tensor(&f, "b", MTH_SHAPE(MTH_ANY)), c = add_tensor(&f, "c");
  const mth_var vars[] = {a, b, c};
  mth_rule_id rule;
  EXPECT(apply_with(&f, "add", 3, vars, 0, NULL, &rule) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 3, vars), "any [u1]; any [u2]; any [u3]");
  const mth_solver_mark mark = mth_solver_begin(f.solver);
  EXPECT(mth_solver_decide(f.solver, 1, &rule, here(&f)) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 3, vars), "float [u1]; float [u1]; float [u1]");
  mth_solver_rollback(f.solver, mark);
  EXPECT_TEXT(tensors_text(&f, 3, vars), "any [u1]; any [u2]; any [u3]");
  EXPECT(state_shape(&f, a, MTH_SHAPE(MTH_DECLARED("T"))) == MTH_OK);
  EXPECT(state_shape(&f, b, MTH_SHAPE(MTH_DECLARED("S"))) == MTH_OK);
  EXPECT(mth_solver_decide(f.solver, 1, &rule, here(&f)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message,
              "Add: dim -1 of 'a' is T, of 'b' it is S; only a dim that is 1 broadcasts");
  close_solver(&f);
}

TEST(solver, equates_dims_and_reports_what_differs) {
  solver_fixture f;
  open_solver(&f);
  const mth_dim *t = mth_dim_symbol(f.dims, "T"), *four = mth_dim_constant(f.dims, 4);
  const mth_dim *u = mth_dim_fresh(f.dims);
  EXPECT(mth_solver_equate(f.solver, u, t, here(&f)) == MTH_OK);
  EXPECT(mth_solver_simplify(f.solver, u) == t);
  EXPECT(mth_solver_equate(f.solver, u, four, here(&f)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "two sizes are to be equal: T and 4");
  close_solver(&f);
}
