// solver_value_test.c: integers of arguments are symbols as dims are; lists and tuples are of the
// kind that the op takes (rule R4).
#include "ir/rule.h"
#include "test/ir/solver_fixture.h"

// grouped: [n, c] -> [n, c / groups, groups]
static mth_status infer_grouped(mth_rule *rule) {
  const size_t result = mth_rule_result(rule, 0);
  MTH_TRY(mth_rule_state_rank(rule, 0, 2));
  MTH_TRY(mth_rule_state_rank(rule, result, 3));
  const mth_dim *groups = mth_rule_int(rule, "groups");
  MTH_TRY(mth_rule_state_int(rule, "groups", mth_rule_dim(rule, result, 2)));
  if (!groups) return MTH_OK;
  mth_dim_table *dims = mth_rule_dims(rule);
  return mth_rule_state_dim(rule, result, 1,
                            mth_dim_floordiv(dims, mth_rule_dim(rule, 0, 1), groups));
}

static const mth_op_key in[] = {
    {.name = "input", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_ANY},
    {.name = "groups", .kind = MTH_KEY_ARG, .arg_kind = MTH_ARG_INT, .required = true}};
static const mth_op_key out[] = {
    {.name = "output", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_ANY}};
static const mth_op grouped = {.struct_bytes = sizeof(mth_op),
                               .abi = MTH_OP_ABI,
                               .name = "grouped",
                               .inputs = in,
                               .input_count = 2,
                               .outputs = out,
                               .output_count = 1,
                               .infer = infer_grouped};

static mth_var add_arg(solver_fixture *f, mth_arg_kind kind, const char *name) {
  mth_var var = {0};
  EXPECT(mth_solver_add_arg(f->solver, kind, name, &var) == MTH_OK);
  return var;
}

static mth_status give(solver_fixture *f, mth_var var, mth_arg value) {
  return mth_solver_state_value(f->solver, var, &value, here(f));
}

static const char *dim_text(solver_fixture *f, const mth_dim *dim) {
  return mth_dim_text(f->dims, dim);
}

TEST(solver_value, an_integer_flows_both_ways) {
  solver_fixture f;
  open_solver(&f);
  EXPECT(mth_registry_add(f.registry, &grouped, here(&f)) == MTH_OK);
  const mth_op *op = mth_registry_find(f.registry, "grouped");
  const mth_var x = add_tensor(&f, "x"), y = add_tensor(&f, "y");
  const mth_var groups = add_arg(&f, MTH_ARG_INT, "groups"), tensors[] = {x, y};
  mth_rule_id rule;
  EXPECT(mth_solver_apply(f.solver, op, 2, tensors, 1, &groups, here(&f), &rule) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 2, tensors), "any [u1, u2]; any [u3, u2 floordiv u4, u4]");
  // groups = x.shape[1], as a depthwise convolution has it
  EXPECT(give(&f, groups, MTH_ARG_D(NULL, mth_solver_dim(f.solver, x, 1))) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 2, tensors), "any [u1, u2]; any [u3, 1, u2]");
  const mth_arg *value = mth_solver_value(f.solver, groups);
  ASSERT(value && value->kind == MTH_ARG_DIM);
  EXPECT(state_shape(&f, y, MTH_SHAPE(MTH_ANY, MTH_ANY, MTH_N(6))) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 2, tensors), "any [u1, 6]; any [u2, 1, 6]");
  value = mth_solver_value(f.solver, groups);
  ASSERT(value && value->kind == MTH_ARG_INT);
  EXPECT_INT(value->i, 6);
  EXPECT(give(&f, groups, MTH_ARG_I(NULL, 5)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "argument 'groups' has the value 6 already");
  close_solver(&f);
}

TEST(solver_value, a_rule_reports_an_integer_that_contradicts) {
  solver_fixture f;
  open_solver(&f);
  EXPECT(mth_registry_add(f.registry, &grouped, here(&f)) == MTH_OK);
  const mth_var tensors[] = {add_tensor(&f, "x"),
                             shaped_tensor(&f, "y", MTH_SHAPE(MTH_ANY, MTH_ANY, MTH_N(2)))};
  const mth_arg four = MTH_ARG_I("groups", 4);
  mth_rule_id rule;
  EXPECT(apply_with(&f, "grouped", 2, tensors, 1, &four, &rule) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "grouped of 'x': 'groups' is 4, wanted 2");
  EXPECT_TEXT(tensors_text(&f, 2, tensors), "any [V1...]; any [u1, u2, 2]");
  close_solver(&f);
}

TEST(solver_value, integers_of_a_list_may_be_known_late) {
  solver_fixture f;
  open_solver(&f);
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_ANY)), y = add_tensor(&f, "y");
  const mth_var axes = add_arg(&f, MTH_ARG_INTS, "axes"), tensors[] = {y, add_tensor(&f, "z")};
  const mth_op *transpose = mth_registry_find(f.registry, "transpose");
  mth_rule_id rule;
  EXPECT(mth_solver_apply(f.solver, transpose, 2, tensors, 1, &axes, here(&f), &rule) == MTH_OK);
  const mth_dim *order[] = {mth_dim_constant(f.dims, 1), mth_solver_dim(f.solver, x, 0)};
  EXPECT(give(&f, axes, MTH_ARG_DS(NULL, 2, order)) == MTH_OK);
  EXPECT(state_shape(&f, y, MTH_SHAPE(MTH_N(2), MTH_N(3))) == MTH_OK);
  EXPECT_TEXT(tensor_text(&f, tensors[1]), "any [V1...]");
  EXPECT(mth_solver_equate(f.solver, order[1], mth_dim_constant(f.dims, 0), here(&f)) == MTH_OK);
  EXPECT_TEXT(tensor_text(&f, tensors[1]), "any [3, 2]");
  const mth_arg *value = mth_solver_value(f.solver, axes);
  ASSERT(value && value->kind == MTH_ARG_INTS && value->count == 2);
  EXPECT_INT(value->ints[1], 0);
  close_solver(&f);
}

TEST(solver_value, arguments_of_any_kind_take_the_kind_of_what_they_meet) {
  solver_fixture f;
  open_solver(&f);
  const mth_var any = add_arg(&f, MTH_ARG_NONE, "any"), shape = add_arg(&f, MTH_ARG_DIMS, "shape");
  const mth_arg items[] = {MTH_ARG_I(NULL, 3), MTH_ARG_D(NULL, mth_dim_symbol(f.dims, "T"))};
  EXPECT(give(&f, any, MTH_ARG_TUPLE_OF(NULL, 2, items)) == MTH_OK);
  const mth_arg *value = mth_solver_value(f.solver, any);
  ASSERT(value && value->kind == MTH_ARG_TUPLE && value->count == 2);
  EXPECT_INT(value->items[0].i, 3);
  EXPECT(mth_solver_unify(f.solver, shape, any, here(&f)) == MTH_OK);
  value = mth_solver_value(f.solver, any);
  ASSERT(value && value->kind == MTH_ARG_DIMS && value->count == 2);
  EXPECT_TEXT(dim_text(&f, value->dims[1]), "T");
  const mth_var other = add_arg(&f, MTH_ARG_NONE, "other"),
                number = add_arg(&f, MTH_ARG_FLOAT, "p");
  EXPECT(give(&f, other, MTH_ARG_B(NULL, true)) == MTH_OK);
  EXPECT(mth_solver_unify(f.solver, number, other, here(&f)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "'p' and 'other' are to be one argument, but their values are of one "
                              "kind and true");
  EXPECT(mth_solver_unify(f.solver, shape, other, here(&f)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "'shape' and 'other' are to be one argument, but their values are "
                              "(3, T) and true");
  value = mth_solver_value(f.solver, other);
  EXPECT(value && value->kind == MTH_ARG_BOOL && value->b);
  close_solver(&f);
}

TEST(solver_value, tuples_and_slices_hold_values_of_any_kind) {
  solver_fixture f;
  open_solver(&f);
  const mth_dim *n = mth_dim_fresh(f.dims);
  const mth_arg bounds[] = {{.kind = MTH_ARG_NONE}, MTH_ARG_D(NULL, n), MTH_ARG_I(NULL, 2)};
  const mth_arg items[] = {{.kind = MTH_ARG_SLICE, .items = bounds},
                           {.kind = MTH_ARG_ELLIPSIS},
                           MTH_ARG_F(NULL, 0.5),
                           MTH_ARG_S(NULL, "a"),
                           MTH_ARG_T(NULL, MTH_F32),
                           MTH_ARG_TUPLE_OF(NULL, 0, NULL)};
  const mth_var tuple = add_arg(&f, MTH_ARG_TUPLE, "index");
  EXPECT(give(&f, tuple, MTH_ARG_TUPLE_OF(NULL, 6, items)) == MTH_OK);
  EXPECT(mth_solver_equate(f.solver, n, mth_dim_constant(f.dims, 7), here(&f)) == MTH_OK);
  const mth_arg *value = mth_solver_value(f.solver, tuple);
  ASSERT(value && value->kind == MTH_ARG_TUPLE && value->count == 6);
  EXPECT_INT(value->items[0].kind, MTH_ARG_SLICE);
  EXPECT_INT(value->items[0].items[1].i, 7);
  EXPECT_INT(value->items[5].count, 0);
  EXPECT(give(&f, tuple, MTH_ARG_TUPLE_OF(NULL, 2, items)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "argument 'index' has the value (slice(None, 7, 2), ..., 0.5, 'a', "
                              "f32, ()) already");
  const mth_arg model = {.kind = MTH_ARG_MODEL};
  const mth_var open = add_arg(&f, MTH_ARG_NONE, "open");
  EXPECT(give(&f, open, MTH_ARG_TUPLE_OF(NULL, 1, &model)) == MTH_INVALID);
  close_solver(&f);
}

TEST(solver_value, none_in_a_shape_is_a_dim_to_be_inferred) {
  solver_fixture f;
  open_solver(&f);
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_N(2), MTH_N(6))), y = add_tensor(&f, "y");
  const mth_var shape = add_arg(&f, MTH_ARG_DIMS, "shape"), tensors[] = {x, y};
  const mth_op *reshape = mth_registry_find(f.registry, "reshape");
  const mth_arg items[] = {MTH_ARG_I(NULL, 4), {.kind = MTH_ARG_NONE}};
  mth_rule_id rule;
  EXPECT(mth_solver_apply(f.solver, reshape, 2, tensors, 1, &shape, here(&f), &rule) == MTH_OK);
  EXPECT(give(&f, shape, MTH_ARG_TUPLE_OF(NULL, 2, items)) == MTH_OK);
  EXPECT_TEXT(tensor_text(&f, y), "any [4, 3]");
  const mth_var numbers = add_arg(&f, MTH_ARG_INTS, "numbers");
  EXPECT(give(&f, numbers, MTH_ARG_TUPLE_OF(NULL, 2, items)) == MTH_INVALID);
  EXPECT(give(&f, numbers, (mth_arg){.kind = MTH_ARG_NONE}) == MTH_OK);
  close_solver(&f);
}
