// rule_test.c: rules as a user's op writes them; element types in logical models.
#include "ir/rule.h"
#include "test/ir/solver_fixture.h"

// outer: [m], [n] -> [m, n]
static mth_status infer_outer(mth_rule *rule) {
  const size_t result = mth_rule_result(rule, 0);
  MTH_TRY(mth_rule_state_rank(rule, 0, 1));
  MTH_TRY(mth_rule_state_rank(rule, 1, 1));
  MTH_TRY(mth_rule_state_rank(rule, result, 2));
  MTH_TRY(mth_rule_same_dim(rule, 0, 0, result, 0));
  MTH_TRY(mth_rule_same_dim(rule, 1, 0, result, 1));
  int64_t extent;
  if (mth_dim_is_constant(mth_rule_dim(rule, 0, 0), &extent) && extent > 100)
    return mth_rule_fail(rule, "'%s' is too long: %lld", mth_rule_name(rule, 0), (long long)extent);
  return mth_rule_same_type(rule, 0, 1);
}

static const mth_op_key sides[] = {
    {.name = "x", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_FLOAT},
    {.name = "y", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_ANY}};
static const mth_op_key out[] = {
    {.name = "output", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_FLOAT}};
static const mth_op outer = {.struct_bytes = sizeof(mth_op),
                             .abi = MTH_OP_ABI,
                             .name = "outer",
                             .inputs = sides,
                             .input_count = 2,
                             .outputs = out,
                             .output_count = 1,
                             .infer = infer_outer};

TEST(rule, serves_an_op_of_a_user) {
  solver_fixture f;
  open_solver(&f);
  EXPECT(mth_registry_add(f.registry, &outer, here(&f)) == MTH_OK);
  const mth_var vars[] = {add_tensor(&f, "a"), add_tensor(&f, "b"), add_tensor(&f, "c")};
  mth_rule_id rule;
  EXPECT(apply_with(&f, "outer", 3, vars, 0, NULL, &rule) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 3, vars), "float [u1]; float [u2]; float [u1, u2]");
  EXPECT(state_shape(&f, vars[2], MTH_SHAPE(MTH_N(101), MTH_ANY)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "outer: 'a' is too long: 101");
  EXPECT(state_shape(&f, vars[2], MTH_SHAPE(MTH_N(4), MTH_N(5))) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 3, vars), "float [4]; float [5]; float [4, 5]");
  close_solver(&f);
}

static mth_status infer_wrong_dtype(mth_rule *rule) {
  return mth_rule_state_dtype(rule, mth_rule_result(rule, 0), (mth_dtype)99);
}

static mth_status infer_wrong_argument(mth_rule *rule) {
  return mth_rule_state_arg(rule, "count", 0, &MTH_ARG_S(NULL, "three"));
}

TEST(rule, refuses_what_an_op_of_a_user_states_wrongly) {
  static const mth_op_key none[1],
      counted[] = {
          {.name = "count", .kind = MTH_KEY_ARG, .arg_kind = MTH_ARG_INT, .required = true}};
  const mth_op dtype = {.struct_bytes = sizeof(mth_op),
                        .abi = MTH_OP_ABI,
                        .name = "dtype_99",
                        .inputs = none,
                        .outputs = out,
                        .output_count = 1,
                        .infer = infer_wrong_dtype};
  mth_op argument = dtype;
  argument.name = "three", argument.inputs = counted, argument.input_count = 1;
  argument.infer = infer_wrong_argument;
  solver_fixture f;
  open_solver(&f);
  EXPECT(mth_registry_add(f.registry, &dtype, here(&f)) == MTH_OK);
  EXPECT(mth_registry_add(f.registry, &argument, here(&f)) == MTH_OK);
  const mth_var y = add_tensor(&f, "y");
  mth_rule_id rule;
  EXPECT(apply_with(&f, "dtype_99", 1, &y, 0, NULL, &rule) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "dtype_99: wanted an element type, found number 99");
  EXPECT(apply_with(&f, "three", 1, &y, 0, NULL, &rule) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "three: 'count' does not take 'three'");
  close_solver(&f);
}

TEST(rule, names_both_shapes_that_must_be_equal) {
  solver_fixture f;
  open_solver(&f);
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_N(2), MTH_REST));
  const mth_var y = shaped_tensor(&f, "y", MTH_SHAPE(MTH_N(3), MTH_ANY));
  EXPECT(APPLY("relu", x, y) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message,
              "Relu: 'x' has shape [2, ...], 'y' has shape [3, ?]; they must be equal");
  const mth_var rows = shaped_tensor(&f, "rows", MTH_SHAPE(MTH_N(4), MTH_N(2), MTH_N(3)));
  const mth_var w = shaped_tensor(&f, "w", MTH_SHAPE(MTH_N(3), MTH_N(5)));
  const mth_var product = shaped_tensor(&f, "product", MTH_SHAPE(MTH_N(6), MTH_N(2), MTH_N(5)));
  EXPECT(APPLY("matmul", rows, w, product) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "MatrixMultiply: 'rows' has shape [4, 2, 3], 'product' has shape "
                              "[6, 2, 5]; their leading dims must be equal");
  // The last axis of an unknown rank is folded: what is in front stays.
  const mth_var open = shaped_tensor(&f, "open", MTH_SHAPE(MTH_N(7), MTH_REST, MTH_ANY));
  const mth_var folded = shaped_tensor(&f, "folded", MTH_SHAPE(MTH_N(8), MTH_REST));
  const mth_var vars[] = {open, folded};
  const mth_arg last = MTH_ARG_IS("axis", 1, (const int64_t[]){-1});
  mth_rule_id rule;
  EXPECT(apply_with(&f, "sum", 2, vars, 1, &last, &rule) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "Sum: 'open' has shape [7, ..., ?], 'folded' has shape [8, ...]; "
                              "their leading dims must be equal");
  close_solver(&f);
}

TEST(rule, a_stated_size_is_not_negative) {
  solver_fixture f;
  open_solver(&f);
  const mth_var vars[] = {add_tensor(&f, "x"), add_tensor(&f, "y")};
  const mth_arg shape = MTH_ARG_IS("shape", 2, ((const int64_t[]){2, -3}));
  const mth_arg flat = MTH_ARG_IS("shape", 1, ((const int64_t[]){-2}));
  mth_rule_id rule;
  EXPECT(apply_with(&f, "broadcast_to", 2, vars, 1, &shape, &rule) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "BroadcastTo: dim 1 of 'y' would be -3, wanted 0 or more");
  EXPECT(apply_with(&f, "reshape", 2, vars, 1, &flat, &rule) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "Reshape: dim 0 of 'y' would be -2, wanted 0 or more");
  close_solver(&f);
}

// The family of Add's result from those of its operands.
static const char *added(solver_fixture *f, mth_family left, mth_family right, mth_family result) {
  const mth_var vars[] = {shaped_tensor(f, "l", MTH_SCALAR_SHAPE),
                          shaped_tensor(f, "r", MTH_SCALAR_SHAPE),
                          shaped_tensor(f, "s", MTH_SCALAR_SHAPE)};
  const mth_family families[] = {left, right, result};
  mth_rule_id rule;
  EXPECT(apply_with(f, "add", 3, vars, 0, NULL, &rule) == MTH_OK);
  for (size_t i = 0; i < 3; ++i)
    if (mth_solver_state_families(f->solver, vars[i], families[i], here(f)) != MTH_OK)
      return f->seen.message;
  return tensors_text(f, 3, vars);
}

TEST(rule, promotes_families_in_logical_models) {
  enum { b = MTH_FAMILY_BOOL, i = MTH_FAMILY_INT, r = MTH_FAMILY_FLOAT, any = MTH_FAMILY_ANY };
  solver_fixture f;
  open_solver(&f);
  EXPECT_TEXT(added(&f, b, b, any), "bool []; bool []; bool []");
  EXPECT_TEXT(added(&f, i, b, any), "int []; bool []; int []");
  EXPECT_TEXT(added(&f, i, r, any), "int []; float []; float []");
  EXPECT_TEXT(added(&f, i, any, any), "int []; any []; int|float []");
  EXPECT_TEXT(added(&f, any, any, i), "bool|int []; bool|int []; int []");
  EXPECT_TEXT(added(&f, i, i, r), "'s' holds int, wanted float");
  close_solver(&f);
}

TEST(rule, folds_last_axes_of_an_unknown_rank) {
  solver_fixture f;
  open_solver(&f);
  const mth_var vars[] = {add_tensor(&f, "x"), add_tensor(&f, "y")};
  const int64_t axes[] = {-1};
  const mth_arg axis = MTH_ARG_IS("axis", 1, axes);
  mth_rule_id rule;
  EXPECT(apply_with(&f, "reduce_max", 2, vars, 1, &axis, &rule) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 2, vars), "any [V1..., u1]; any [V1...]");
  EXPECT(state_shape(&f, vars[1], MTH_SHAPE(MTH_N(2), MTH_N(3))) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 2, vars), "any [2, 3, u1]; any [2, 3]");
  close_solver(&f);
}

TEST(rule, a_slice_of_an_unknown_tensor_fixes_its_rank) {
  solver_fixture f;
  open_solver(&f);
  const mth_var vars[] = {add_tensor(&f, "x"), add_tensor(&f, "y")};
  const mth_dim *start[] = {mth_dim_constant(f.dims, 0), mth_dim_constant(f.dims, 1)};
  const mth_dim *size[] = {mth_dim_constant(f.dims, 2), mth_dim_fresh(f.dims)};
  const mth_arg args[] = {MTH_ARG_DS("start", 2, start), MTH_ARG_DS("size", 2, size)};
  mth_rule_id rule;
  EXPECT(apply_with(&f, "slice", 2, vars, 2, args, &rule) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 2, vars), "any [u1, u2]; any [2, u3]");
  EXPECT(state_shape(&f, vars[0], MTH_SHAPE(MTH_N(1), MTH_ANY)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "SliceTensor of 'x': axis 0: 2 elements from 0 leave its extent 1");
  close_solver(&f);
}

// reshape(x, [B, 2, C // 2, H]) of x = [B, C, H], then back.
TEST(rule, channels_are_shuffled_before_their_number_is_known) {
  solver_fixture f;
  open_solver(&f);
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_ANY, MTH_ANY, MTH_ANY));
  const mth_var apart[] = {x, add_tensor(&f, "groups")};
  const mth_var together[] = {apart[1], add_tensor(&f, "y")};
  const mth_dim *dims[3], *two = mth_dim_constant(f.dims, 2);
  for (int64_t i = 0; i < 3; ++i)
    dims[i] = mth_solver_dim(f.solver, x, i);
  const mth_dim *split[] = {dims[0], two, mth_dim_floordiv(f.dims, dims[1], two), dims[2]};
  const mth_arg to_groups = MTH_ARG_DS("shape", 4, split), back = MTH_ARG_DS("shape", 3, dims);
  mth_rule_id rules[2];
  EXPECT(apply_with(&f, "reshape", 2, apart, 1, &to_groups, &rules[0]) == MTH_OK);
  EXPECT(apply_with(&f, "reshape", 2, together, 1, &back, &rules[1]) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 2, apart), "any [u1, u2, u3]; any [u1, 2, u2 floordiv 2, u3]");
  EXPECT(state_shape(&f, x, MTH_SHAPE(MTH_DECLARED("B"), MTH_N(5), MTH_ANY)) == MTH_INVALID);
  EXPECT_TEXT(
      f.seen.message,
      "Reshape of 'groups': the numbers of elements before and after differ: 4*?*B and 5*?*B");
  EXPECT(state_shape(&f, x, MTH_SHAPE(MTH_DECLARED("B"), MTH_N(8), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 2, together), "any [B, 2, 4, u1]; any [B, 8, u1]");
  close_solver(&f);
}
