// class_test.c: models by name and arguments: lookup, conversion of arguments, what is remembered,
// every refusal, every allocation failing once.
#include "ir/class.h"

#include "test/ir/failing_heap.h"
#include "test/ir/model_fixture.h"

TEST(class, is_found_in_any_case_and_falls_back_to_ops) {
  mth_context *context = new_context();
  mth_model *linear = NULL, *relu = NULL;
  char text[256];
  const mth_arg args[] = {MTH_ARG_I("dimension", 4), MTH_ARG_B("use_bias", false)};
  ASSERT(mth_model_create_class(context, "lineaR", args, 2, &linear) == MTH_OK);
  EXPECT_TEXT(mth_model_class_name(linear), "Linear");
  EXPECT_TEXT(shape_of(key(linear, "weight"), text), "[4, u1]");
  EXPECT(mth_model_find(linear, "bias") == NULL);
  ASSERT(mth_model_create_class(context, "relU", NULL, 0, &relu) == MTH_OK);
  EXPECT(mth_model_op(relu) != NULL);
  EXPECT(mth_model_class(relu) == NULL);
  mth_model_destroy(linear);
  mth_model_destroy(relu);
  mth_context_destroy(context);
}

TEST(class, remembers_arguments_also_in_copies) {
  mth_context *context = new_context();
  mth_model *mlp = NULL, *copy = NULL;
  const mth_arg names[] = {MTH_ARG_S(NULL, "relu"), {.kind = MTH_ARG_NONE}};
  const int64_t sizes[] = {8, 2};
  const mth_arg args[] = {MTH_ARG_IS("dimensions", 2, sizes),
                          MTH_ARG_TUPLE_OF("activations", 2, names)};
  ASSERT(mth_model_create_class(context, "MLP", args, 2, &mlp) == MTH_OK);
  ASSERT(mth_model_copy(mlp, &copy) == MTH_OK);
  mth_model_destroy(mlp);
  EXPECT_TEXT(mth_model_class(copy)->name, "MLP");
  const mth_arg *found = mth_model_class_args(copy);
  EXPECT_TEXT(found[0].key, "activations");
  ASSERT(found[0].count == 2 && found[0].items[0].kind == MTH_ARG_MODEL);
  EXPECT_TEXT(mth_model_class_name(found[0].items[0].model), "Relu");
  EXPECT_INT(found[0].items[1].kind, MTH_ARG_NONE);
  EXPECT_INT(found[1].items[1].i, 2);
  mth_model_destroy(copy);
  mth_context_destroy(context);
}

static mth_status make_twice(mth_context *context, const mth_arg *args, mth_model **out_model) {
  return mth_linear(context, 2 * args[0].i, args[1].f > 0.5, out_model);
}

static const mth_class_param twice_params[] = {
    {.name = "size", .takes = MTH_TAKES(INT), .is_required = true},
    {.name = "bias", .takes = MTH_TAKES(FLOAT), .value = {.kind = MTH_ARG_FLOAT, .f = 1}}};
static const mth_class twice = {.struct_bytes = sizeof twice,
                                .abi = MTH_CLASS_ABI,
                                .name = "Twice",
                                .params = twice_params,
                                .param_count = 2,
                                .create = make_twice};

TEST(class, of_a_user) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  char text[256];
  ASSERT(mth_register_class(context, &twice) == MTH_OK);
  EXPECT(mth_find_class(context, "TWICE") == &twice);
  const mth_arg args[] = {MTH_ARG_I("size", 3), MTH_ARG_I("bias", 0)};
  ASSERT(mth_model_create_class(context, "Twice", args, 2, &model) == MTH_OK);
  EXPECT_TEXT(shape_of(key(model, "weight"), text), "[6, u1]");
  EXPECT(mth_model_class(model) == &twice);
  EXPECT_INT(mth_model_class_args(model)[1].kind, MTH_ARG_FLOAT);
  EXPECT_ERROR(context, mth_register_class(context, &twice), "Twice",
               "there is a class 'Twice' already");
  mth_class bad = twice;
  bad.name = "relu";
  EXPECT_ERROR(context, mth_register_class(context, &bad), "relu",
               "there is a class 'relu' already");
  bad.name = "two words";
  EXPECT_ERROR(context, mth_register_class(context, &bad), "two words",
               "a class wants a name of letters and digits, and 'create'");
  bad.abi = 7;
  EXPECT_ERROR(context, mth_register_class(context, &bad), "two words",
               "wanted a class of 48 bytes and abi 1, found 48 and 7");
  mth_model_destroy(model);
  mth_context_destroy(context);
}

TEST(class, refusals) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  EXPECT_ERROR(context, mth_model_create_class(context, "Linea", NULL, 0, &model), "Linea",
               "there is no class 'Linea'");
  EXPECT_ERROR(context, mth_model_create_class(context, NULL, NULL, 0, &model), "",
               "there is no class ''");
  const mth_arg width = MTH_ARG_I("width", 1);
  EXPECT_ERROR(context, mth_model_create_class(context, "linear", &width, 1, &model), "Linear",
               "there is no argument 'width'; it takes dimension, use_bias");
  const mth_arg again[] = {MTH_ARG_I("dimension", 1), MTH_ARG_I("dimension", 1)};
  EXPECT_ERROR(context, mth_model_create_class(context, "Linear", again, 2, &model), "Linear",
               "the argument 'dimension' is given twice");
  EXPECT_ERROR(context, mth_model_create_class(context, "Layer", NULL, 0, &model), "Layer",
               "the argument 'activation' is missing");
  const mth_arg odd[] = {MTH_ARG_S(NULL, "Relu"), MTH_ARG_I(NULL, 3)};
  const int64_t ones[] = {1, 1};
  const mth_arg wrong[] = {MTH_ARG_TUPLE_OF("activations", 2, odd),
                           MTH_ARG_IS("dimensions", 2, ones)};
  EXPECT_ERROR(context, mth_model_create_class(context, "MLP", wrong, 2, &model), "MLP",
               "the argument 'activations' takes models, element 1 is an integer");
  const mth_arg integers[] = {MTH_ARG_IS("activations", 2, ones),
                              MTH_ARG_IS("dimensions", 2, ones)};
  EXPECT_ERROR(context, mth_model_create_class(context, "MLP", integers, 2, &model), "MLP",
               "the argument 'activations' takes a tuple or a model, found integers");
  const mth_arg text = MTH_ARG_S("dimension", "four");
  EXPECT_ERROR(context, mth_model_create_class(context, "Linear", &text, 1, &model), "Linear",
               "the argument 'dimension' takes None or an integer or a dim, found a string");
  const mth_arg unknown = MTH_ARG_S("activation", "Reloo");
  EXPECT_ERROR(context, mth_model_create_class(context, "Layer", &unknown, 1, &model), "Reloo",
               "there is no class 'Reloo'");
  const mth_arg none[] = {{.key = "activations", .kind = MTH_ARG_TUPLE},
                          {.key = "dimensions", .kind = MTH_ARG_TUPLE}};
  EXPECT_ERROR(context, mth_model_create_class(context, "MLP", none, 2, &model), "MLP",
               "an MLP wants at least one layer, 0 were given");
  const int64_t sizes[] = {8, 2};
  const mth_arg uneven[] = {MTH_ARG_TUPLE_OF("activations", 1, &(mth_arg){.kind = MTH_ARG_NONE}),
                            MTH_ARG_IS("dimensions", 2, sizes)};
  EXPECT_ERROR(context, mth_model_create_class(context, "MLP", uneven, 2, &model), "MLP",
               "an MLP wants as many dimensions as activations, found 2 and 1");
  EXPECT(model == NULL);
  mth_context_destroy(context);
}

static mth_status make_and_copy(const mth_allocator *allocator) {
  const mth_context_options options = {.struct_bytes = sizeof options, .allocator = allocator};
  mth_context *context = NULL;
  mth_model *layer = NULL, *copy = NULL;
  MTH_TRY(mth_context_create(&options, &context));
  const mth_arg args[] = {MTH_ARG_S("activation", "Tanh"), MTH_ARG_I("dimension", 3)};
  mth_status status = mth_model_create_class(context, "Layer", args, 2, &layer);
  if (status == MTH_OK) status = mth_model_copy(layer, &copy);
  mth_model_destroy(layer);
  mth_model_destroy(copy);
  mth_context_destroy(context);
  return status;
}

TEST(class, every_allocation_may_fail) {
  failing_heap heap = {.refused = 0};
  mth_status status = MTH_NO_MEMORY;
  for (; status != MTH_OK && heap.refused < 100000; heap.refused++) {
    heap.count = 0;
    const mth_allocator allocator = failing_allocator(&heap);
    status = make_and_copy(&allocator);
    EXPECT(status == MTH_OK || status == MTH_NO_MEMORY);
    EXPECT_INT(heap.live, 0);
  }
  EXPECT_INT(status, MTH_OK);
}

TEST(class, scaling_predicts_as_many_points_as_there_are_distances) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  char text[256];
  ASSERT(mth_model_create_class(context, "MDS", &MTH_ARG_I("prediction_dim", 3), 1, &model) ==
         MTH_OK);
  ASSERT(mth_connection_set_shape(key(model, "input"), MTH_SHAPE(MTH_N(7), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(shape_of(key(model, "input"), text), "[7, 7]");
  EXPECT_TEXT(shape_of(key(model, "coords"), text), "[7, 3]");
  mth_model_destroy(model);
  mth_context_destroy(context);
}
