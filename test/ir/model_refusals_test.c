// model_refusals_test.c: the texts of refusals that no other test states.
#include "ir/models/transformer.h"
#include "ir/physical_names.h"
#include "test/ir/model_fixture.h"

static mth_status add_one(mth_model *m, mth_model *child, mth_wire wire) {
  return mth_model_add(m, child, NULL, &wire, 1);
}

TEST(model_refusals, names_and_owners) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *outer = new_model(context), *relu = new_op(context, "Relu");
  mth_model *made = NULL;
  EXPECT_ERROR(context, mth_model_create(context, "my net", &made), "my net",
               "a class name wants letters, digits and '_' and begins with no digit; found "
               "'my net'");
  EXPECT_REFUSED(context, m, mth_model_add(m, relu, "1st", NULL, 0), "model 'Model'",
                 "a name wants letters, digits and '_' and begins with no digit; found '1st'");
  EXPECT_REFUSED(context, m, mth_model_expose(m, NULL, "x"), "model 'Model'",
                 "a connection was wanted, NULL was given");
  ASSERT(add_one(m, relu, MTH_WIRE("input", "x")) == MTH_OK);
  mth_connection *x = NULL;
  EXPECT_REFUSED(context, m, mth_model_add_input(m, "x", NULL, &x), "model 'Model'",
                 "there is a key 'x' already");
  ASSERT(mth_model_add(outer, m, "inner", NULL, 0) == MTH_OK);
  EXPECT_REFUSED(context, outer, mth_model_add_input(m, "y", NULL, &x), "model 'inner'",
                 "it is a child of 'Model' already and can not be changed");
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  mth_physical_name *names = NULL;
  size_t count = 0;
  EXPECT_ERROR(context, mth_list_physical_names(m, &arena, &names, &count), "model 'inner'",
               "a child can not be compiled; copy it");
  mth_arena_reset(&arena);
  mth_model_destroy(outer);
  mth_context_destroy(context);
}

TEST(model_refusals, wires) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *relu = new_op(context, "Relu");
  mth_connection *x = NULL, *half = NULL;
  const double data = 0.5;
  const mth_constant constant = {.dtype = MTH_F64, .data = &data};
  ASSERT(mth_model_add_input(m, "x", NULL, &x) == MTH_OK);
  ASSERT(mth_model_add_constant(m, &constant, &half) == MTH_OK);
  const mth_wire part = MTH_WIRE(NULL, "x");
  EXPECT_REFUSED(context, m, add_one(m, relu, MTH_WIRE_PARTS("input", 1, &part)),
                 "model 'Relu', key 'input'", "it takes one connection, a list of 1 was given");
  EXPECT_REFUSED(context, m, add_one(m, relu, MTH_WIRE_F("output", 1)),
                 "model 'Relu', key 'output'", "an output can not be given a value");
  EXPECT_REFUSED(context, m, add_one(m, relu, MTH_WIRE_TO("output", half)),
                 "model 'Model', key '$1' (Model.constant)",
                 "it has a value and can not be written by 'output' of Relu");
  EXPECT_REFUSED(context, m, mth_model_set_canonical_inputs(m, &half, 1),
                 "model 'Model', key '$1' (Model.constant)",
                 "it has a value and can not be a canonical input");
  EXPECT_REFUSED(context, m, mth_model_set_canonical_outputs(m, &x, 1), "model 'Model', key 'x'",
                 "a canonical output must be an output");
  mth_connection *other = NULL;
  const double third = 0.25;
  const mth_constant another = {.dtype = MTH_F64, .data = &third};
  ASSERT(mth_model_add_constant(m, &another, &other) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_model_merge(m, (mth_connection *[]){half, other}, 2, NULL),
                 "model 'Model', key '$1' (Model.constant)",
                 "both sides have a value of their own");
  mth_model *tanh = new_op(context, "Tanh");
  ASSERT(add_one(m, tanh, MTH_WIRE("output", "t")) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_model_merge(m, (mth_connection *[]){half, key(m, "t")}, 2, NULL),
                 "model 'Model', key 't'", "a side has a value, 'Tanh' makes the other");
  mth_model_destroy(relu);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model_refusals, keys_of_children) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *relu = new_op(context, "Relu"), *inner = new_model(context);
  mth_model *concat = new_op(context, "Concat");
  EXPECT_REFUSED(context, m, add_one(m, relu, MTH_WIRE(NULL, "x")), "model 'Relu'",
                 "wire 0 has no key");
  EXPECT_REFUSED(context, m, mth_model_append(m, relu, NULL, &MTH_WIRE(NULL, "x"), 1),
                 "model 'Relu'", "wire 0 has no key");
  EXPECT_REFUSED(context, m, mth_model_add(m, concat, NULL, NULL, 0), "model 'Concat'",
                 "'inputs' takes several tensors: wire it to a list");
  const mth_wire part = MTH_WIRE(NULL, "x");
  EXPECT_REFUSED(context, m, add_one(m, concat, MTH_WIRE_PARTS("input", 1, &part)),
                 "model 'Concat'", "there is no key 'input'; the model has inputs, axis, output");
  EXPECT_REFUSED(context, m, add_one(m, concat, MTH_WIRE_PARTS("inputs", 0, NULL)),
                 "model 'Concat'", "'inputs' wants at least one tensor");
  ASSERT(add_one(inner, relu, MTH_WIRE("output", "h")) == MTH_OK);
  ASSERT(add_one(inner, new_op(context, "Tanh"), MTH_WIRE("input", "h")) == MTH_OK);
  EXPECT_REFUSED(context, m, add_one(m, inner, MTH_WIRE("h", "x")), "model 'Model'",
                 "the key 'h' is internal and can not be wired");
  mth_model_destroy(inner);
  mth_model_destroy(concat);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model_refusals, values_and_facts) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *softmax = new_op(context, "Softmax");
  mth_connection *x = NULL, *axis = key(softmax, "axis");
  const mth_dim *dim = NULL;
  const double data = 0.5;
  const mth_constant good = {.dtype = MTH_F64, .data = &data};
  const mth_constant bad_dtype = {.dtype = MTH_F32, .data = &data};
  const mth_constant bad_extent = {
      .dtype = MTH_F64, .rank = 1, .extents = (int64_t[]){-1}, .data = &data};
  ASSERT(mth_model_add_input(m, "x", NULL, &x) == MTH_OK);
  EXPECT_REFUSED(context, softmax,
                 mth_connection_set_initializer(axis, (mth_initializer){.kind = MTH_INIT_CONSTANT}),
                 "model 'Softmax', key 'axis'", "it is an argument and takes no initializer");
  EXPECT_REFUSED(context, m, mth_connection_set_constant(x, &bad_dtype), "model 'Model', key 'x'",
                 "a constant wants data of f64, i64 or bool");
  const mth_constant bad_name = {
      .dtype = MTH_F64, .rank = 1, .extents = (int64_t[]){1}, .data = &data, .named = MTH_EPSILON};
  EXPECT_REFUSED(context, m, mth_connection_set_constant(x, &bad_name), "model 'Model', key 'x'",
                 "a named number is one float, without dims");
  EXPECT_REFUSED(context, m, mth_connection_set_constant(x, &bad_extent), "model 'Model', key 'x'",
                 "the extent -1 of a constant is out of range");
  EXPECT_REFUSED(context, m, mth_connection_set_value(x, &MTH_ARG_S(NULL, "a")),
                 "model 'Model', key 'x'", "a tensor takes a number or a constant as its value");
  EXPECT_REFUSED(context, m,
                 mth_connection_set_initializer(x, (mth_initializer){.kind = (mth_init_kind)9}),
                 "model 'Model', key 'x'", "there is no initializer of kind 9");
  const mth_constant no_extents = {.dtype = MTH_F64, .rank = 2, .data = &data};
  EXPECT_REFUSED(context, m, mth_connection_set_constant(x, &no_extents), "model 'Model', key 'x'",
                 "a constant of rank 2 wants extents, found NULL");
  const int64_t ones[33] = {1};
  const mth_constant high = {.dtype = MTH_F64, .rank = 33, .extents = ones, .data = &data};
  EXPECT_REFUSED(context, m, mth_connection_set_constant(x, &high), "model 'Model', key 'x'",
                 "a constant has rank 32 or less, found 33");
  ASSERT(mth_connection_set_constant(x, &good) == MTH_OK);
  const double other_data = 1;
  const mth_constant other = {.dtype = MTH_F64, .data = &other_data};
  EXPECT_REFUSED(context, m, mth_connection_set_constant(x, &other), "model 'Model', key 'x'",
                 "it has another value already");
  EXPECT_REFUSED(context, m,
                 mth_connection_set_initializer(x, (mth_initializer){.kind = MTH_INIT_NORMAL}),
                 "model 'Model', key 'x'", "it has a value and takes no initializer");
  const char *where = "model 'Softmax', key 'axis'";
  EXPECT_ERROR(context, mth_connection_set_constant(axis, &good), where,
               "it is an argument and takes no tensor");
  EXPECT_ERROR(context, mth_connection_set_differentiable(axis, true), where,
               "it is an argument and can not be differentiable");
  EXPECT_ERROR(context, mth_connection_set_families(axis, MTH_FAMILY_INT), where,
               "it is an argument and has no element type");
  EXPECT_ERROR(context, mth_connection_dim(axis, 0, &dim), where,
               "it is an argument and has no dims");
  EXPECT_ERROR(context, add_one(m, softmax, MTH_WIRE("axis", "x")), "model 'Model', key 'x'",
               "it is a tensor, 'axis' of Softmax is an argument");
  mth_model *made = NULL;
  EXPECT_ERROR(context, mth_causal_self_attention(context, NULL, &made), "attention",
               "wants mth_attention_options of 40 bytes");
  mth_model_destroy(softmax);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// One of each kind of conflict between ops and what the user's own keys are.
TEST(model_refusals, of_ops_name_the_keys_of_the_user) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  const struct {
    const char *name;
    mth_family families;
    mth_shape shape;
  } inputs[] = {{"rows", MTH_FAMILY_FLOAT, MTH_SHAPE(MTH_N(2), MTH_N(3))},
                {"other", MTH_FAMILY_FLOAT, MTH_SHAPE(MTH_N(2), MTH_N(4))},
                {"flags", MTH_FAMILY_BOOL, MTH_SHAPE(MTH_N(2), MTH_N(3))},
                {"ids", MTH_FAMILY_INT, MTH_SHAPE(MTH_N(2), MTH_N(3))},
                {"lone", MTH_FAMILY_FLOAT, MTH_SCALAR_SHAPE}};
  for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
    const mth_facts facts = {.families = inputs[i].families, .shape = &inputs[i].shape};
    mth_connection *made = NULL;
    ASSERT(mth_model_add_input(m, inputs[i].name, &facts, &made) == MTH_OK);
  }
#define OF(class_, args, where, message, ...)                                                      \
  do {                                                                                             \
    mth_model *made_ = NULL;                                                                       \
    const mth_arg args_[] = {args};                                                                \
    const mth_wire wires_[] = {__VA_ARGS__};                                                       \
    ASSERT(mth_model_create_class(context, class_, args_, args_[0].key ? 1 : 0, &made_) ==         \
           MTH_OK);                                                                                \
    EXPECT_REFUSED(context, m,                                                                     \
                   mth_model_add(m, made_, NULL, wires_, sizeof wires_ / sizeof *wires_),          \
                   "model 'Model', key '" where "'", message);                                     \
    mth_model_destroy(made_);                                                                      \
  } while (0)
#define NO_ARGS ((mth_arg){0})
  const mth_wire rows = MTH_WIRE("input", "rows");
  const mth_wire pair[] = {MTH_WIRE(NULL, "rows"), MTH_WIRE(NULL, "other")};
  const mth_wire lone[] = {MTH_WIRE(NULL, "lone"), MTH_WIRE(NULL, "lone")};
  OF("Where", NO_ARGS, "other",
     "Where: dim -1 of 'rows' is 3, of 'other' it is 4; only a dim that is 1 broadcasts",
     MTH_WIRE("cond", "flags"), MTH_WIRE("input1", "rows"), MTH_WIRE("input2", "other"));
  OF("Where", NO_ARGS, "rows",
     "'rows' and 'Where.cond' are to be one tensor, but one holds float, the other bool",
     MTH_WIRE("cond", "rows"));
  OF("LogicalAnd", NO_ARGS, "rows",
     "'rows' and 'LogicalAnd.left' are to be one tensor, but one holds float, the other bool or "
     "int",
     MTH_WIRE("left", "rows"));
  OF("MatrixMultiply", NO_ARGS, "other",
     "'other' and 'MatrixMultiply.right' are to be one tensor, but their shapes are [2, 4] and "
     "[..., 3, ?]",
     MTH_WIRE("left", "rows"), MTH_WIRE("right", "other"));
  OF("Sum", MTH_ARG_I("axis", 2), "rows",
     "'rows' and 'Sum.input' are to be one tensor, but their shapes are [2, 3] and [..., ?, ?, ?]",
     rows);
  OF("Sum", MTH_ARG_IS("axis", 2, ((const int64_t[]){0, -2})), "rows",
     "Sum of 'rows': axis 0 is folded twice", rows);
  OF("ArgMax", MTH_ARG_I("axis", -3), "rows",
     "'rows' and 'ArgMax.input' are to be one tensor, but their shapes are [2, 3] and [..., ?, ?, "
     "?]",
     rows);
  OF("Concat", MTH_ARG_I("axis", 0), "other",
     "'other' and 'Concat.input2' are to be one tensor, but their shapes are [2, 4] and [?, 3]",
     MTH_WIRE_PARTS("inputs", 2, pair));
  OF("Concat", MTH_ARG_I("axis", 2), "rows",
     "Concat of 'rows', 'Concat.input2': axis 2 is outside of rank 2",
     MTH_WIRE_PARTS("inputs", 2, pair));
  OF("Concat", MTH_ARG_I("axis", 0), "lone",
     "Concat of 'lone', 'Concat.input2': axis 0 is outside of rank 0",
     MTH_WIRE_PARTS("inputs", 2, lone));
  OF("Transpose", MTH_ARG_IS("axes", 3, ((const int64_t[]){0, 2, 1})), "rows",
     "'rows' and 'Transpose.input' are to be one tensor, but their shapes are [2, 3] and [?, ?, ?]",
     rows);
  OF("Reshape", MTH_ARG_IS("shape", 2, ((const int64_t[]){4, -1})), "rows",
     "Reshape: the 6 elements of 'rows' do not divide by 4", rows);
  OF("BroadcastTo", MTH_ARG_IS("shape", 2, ((const int64_t[]){2, 4})), "rows",
     "BroadcastTo: dim -1 of 'rows' is 3, of 'BroadcastTo.output' it is 4; only a dim that is 1 "
     "broadcasts",
     rows);
  OF("Flatten", MTH_ARG_I("start_dim", 2), "rows",
     "'rows' and 'Flatten.input' are to be one tensor, but their shapes are [2, 3] and [?, ?, ..., "
     "?]",
     rows);
  OF("Item", NO_ARGS, "rows", "Item: dim 0 of 'rows' is 2, wanted 1", rows);
  OF("CrossEntropy", NO_ARGS, "rows",
     "'rows' and 'CrossEntropy.target' are to be one tensor, but one holds float, the other int",
     rows, MTH_WIRE("target", "rows"));
  OF("CrossEntropy", NO_ARGS, "ids",
     "'ids' and 'CrossEntropy.target' are to be one tensor, but their shapes are [2, 3] and [2]",
     rows, MTH_WIRE("target", "ids"));
  OF("CrossEntropy", MTH_ARG_B("categorical", false), "other",
     "'other' and 'CrossEntropy.target' are to be one tensor, but their shapes are [2, 4] and [2, "
     "3]",
     rows, MTH_WIRE("target", "other"));
#undef OF
#undef NO_ARGS
  mth_model_destroy(m);
  mth_context_destroy(context);
}
