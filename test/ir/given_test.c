// given_test.c: NULL where something is wanted, wherever a caller may give one, and dims of elsewhere.
#include "test/ir/model_fixture.h"

#define REFUSED(call, where, message) EXPECT_REFUSED(context, m, call, where, message)

TEST(given, arguments_are_there) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *made = NULL;
#define MAKE(...)                                                                                  \
  mth_model_create_op(context, "Mean", &(mth_arg){.key = "axis", __VA_ARGS__}, 1, &made)
  REFUSED(mth_model_create_op(context, "Relu", NULL, 3, &made), "model 'Relu'",
          "wanted 3 arguments, found NULL");
  REFUSED(mth_model_create_class(context, "Linear", NULL, 2, &made), "Linear",
          "wanted 2 arguments, found NULL");
  REFUSED(MAKE(.kind = MTH_ARG_INTS, .count = 2), "model 'Mean'",
          "wanted 2 integers of an argument, found NULL");
  REFUSED(MAKE(.kind = MTH_ARG_DIMS, .count = 2), "model 'Mean'",
          "wanted 2 dims of an argument, found NULL");
  REFUSED(MAKE(.kind = MTH_ARG_TUPLE, .count = 2), "model 'Mean'",
          "wanted 2 arguments, found NULL");
  REFUSED(MAKE(.kind = MTH_ARG_STRING), "model 'Mean'",
          "wanted the string of an argument, found NULL");
  REFUSED(MAKE(.kind = MTH_ARG_MODEL), "model 'Mean'",
          "wanted the model of an argument, found NULL");
  REFUSED(MAKE(.kind = (mth_arg_kind)77), "model 'Mean'", "there is no kind 77 of argument");
  REFUSED(MAKE(.kind = MTH_ARG_SLICE, .count = 1), "model 'Mean'",
          "a slice wants 3 items, found 1");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// A NULL is what the makers of dims give that fail.
TEST(given, dims_are_there) {
  mth_context *context = new_context();
  mth_dim_table *dims = mth_context_dims(context);
  mth_model *m = new_model(context), *made = NULL;
  mth_connection *x = NULL;
  const char *at_x = "model 'Model', key 'x'";
  ASSERT(mth_model_add_input(m, "x", NULL, &x) == MTH_OK);
  REFUSED(mth_connection_set_shape(x, MTH_SHAPE(MTH_OF(NULL))), at_x, "wanted a dim, found NULL");
  const mth_dim *one = mth_dim_constant(dims, 1), *most = mth_dim_constant(dims, INT64_MAX);
  const mth_dim *none = mth_dim_floordiv(dims, one, mth_dim_constant(dims, 0));
  REFUSED(mth_connection_set_shape(x, MTH_SHAPE(MTH_REST, MTH_OF(none))), at_x,
          "wanted a dim, found NULL: a size is divided by 0");
  REFUSED(mth_model_create_class(context, "Linear", &MTH_ARG_D("dimension", none), 1, &made),
          "Linear", "wanted a dim, found NULL: a size is divided by 0");
  none = mth_dim_add(dims, most, one);
  REFUSED(mth_model_create_op(context, "Reshape", &MTH_ARG_DS("shape", 1, &none), 1, &made),
          "model 'Reshape'", "wanted a dim, found NULL: a size leaves 63 bits");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(given, dims_and_models_are_of_this_context) {
  mth_context *context = new_context(), *far = new_context();
  mth_model *m = new_model(context), *linear = new_linear(context, 2), *made = NULL;
  mth_model *relu = new_op(far, "Relu");
  mth_connection *x = NULL;
  const char *at_x = "model 'Model', key 'x'", *message = "a dim is of another context";
  const mth_dim *k = mth_dim_symbol(mth_context_dims(far), "K");
  ASSERT(mth_model_add_input(m, "x", NULL, &x) == MTH_OK);
  REFUSED(mth_connection_set_shape(x, MTH_SHAPE(MTH_ANY, MTH_OF(k))), at_x, message);
  REFUSED(mth_connection_set_initializer(x, (mth_initializer){MTH_INIT_UNIFORM, -1, 1, k}), at_x,
          message);
  REFUSED(mth_model_create_op(context, "Reshape", &MTH_ARG_DS("shape", 1, &k), 1, &made),
          "model 'Reshape'", message);
  REFUSED(mth_model_create_class(context, "Linear", &MTH_ARG_D("dimension", k), 1, &made), "Linear",
          message);
  const mth_wire size[] = {MTH_WIRE("input", "x"), MTH_WIRE_D("input_size", k)};
  REFUSED(mth_model_add(m, linear, NULL, size, 2), "model 'Linear', key 'input'", message);
  REFUSED(mth_model_create_class(context, "Layer", &MTH_ARG_M("activation", relu), 1, &made),
          "Layer", "the model 'Relu' of an argument is of another context");
  mth_model_destroy(linear);
  mth_model_destroy(relu);
  mth_model_destroy(m);
  mth_context_destroy(far);
  mth_context_destroy(context);
}

TEST(given, wires_shapes_and_connections_are_there) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *relu = new_op(context, "Relu"), *made = NULL;
  mth_connection *x = NULL;
  ASSERT(mth_model_add_input(m, "x", NULL, &x) == MTH_OK);
  const mth_wire list = MTH_WIRE_PARTS("input", 2, NULL);
  const mth_arg tuple = {.kind = MTH_ARG_TUPLE, .count = 1};
  const mth_key_ref *none = NULL;
  REFUSED(mth_model_add(m, relu, NULL, NULL, 2), "model 'Relu'", "wanted 2 wires, found NULL");
  REFUSED(mth_model_append(m, relu, NULL, NULL, 2), "model 'Relu'", "wanted 2 wires, found NULL");
  REFUSED(mth_model_add(m, relu, NULL, &list, 1), "model 'Relu'", "wanted 2 wires, found NULL");
  REFUSED(mth_connection_set_shape(x, (mth_shape){3, NULL}), "model 'Model', key 'x'",
          "wanted 3 extents of a shape, found NULL");
  REFUSED(mth_connection_set_value(x, &tuple), "model 'Model', key 'x'",
          "wanted 1 arguments, found NULL");
  REFUSED(mth_model_expose_all(m, NULL, 2), "model 'Model'", "wanted 2 outputs, found NULL");
  REFUSED(mth_model_merge(m, NULL, 2, NULL), "model 'Model'", "wanted 2 connections, found NULL");
  REFUSED(mth_model_set_canonical_inputs(m, NULL, 2), "model 'Model'",
          "wanted 2 connections, found NULL");
  REFUSED(mth_model_from(context, NULL, NULL, 2, &made), "outputs", "wanted 2 outputs, found NULL");
  REFUSED(mth_model_create_index(context, 2, NULL, &made), "index", "wanted 2 items, found NULL");
  EXPECT_INT(mth_connections_set_shapes(2, NULL, NULL), MTH_INVALID);
  EXPECT(mth_express(m, "add", 2, NULL, 0, NULL) == NULL);
  EXPECT_ERROR(context, mth_model_take_failure(m), "model 'Model'",
               "wanted 2 operands, found NULL");
  EXPECT(mth_apply(new_op(context, "Relu"), NULL, NULL, 2) == NULL);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "it can not be applied: no wire is a connection");
  EXPECT(mth_express(m, "relu", 1, &x, 1, NULL) == NULL);
  EXPECT_ERROR(context, mth_model_take_failure(m), "model 'Model'",
               "wanted 1 arguments, found NULL");
  ASSERT(mth_model_append(m, relu, NULL, &MTH_WIRE("input", "x"), 1) == MTH_OK);
  mth_arena arena = MTH_ARENA_INIT(mth_context_allocator(context));
  const mth_physical_model *program = NULL;
  const mth_physical_options options = {
      .struct_bytes = sizeof options, .data_keys = none, .data_count = 2};
  EXPECT_ERROR(context, mth_physical_model_create(m, &options, &arena, &program), "model 'Model'",
               "a data key list of 2 is NULL");
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  const mth_write_options entries = {.struct_bytes = sizeof entries, .entry_count = 2};
  EXPECT_ERROR(context, mth_write_module(m, &entries, &text), "model 'Model'",
               "wanted 2 entries, found NULL");
  mth_text_deinit(&text);
  mth_arena_reset(&arena);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(given, wires_and_steps_of_losses_are_there) {
  mth_context *context = new_context();
  mth_train_model *train = NULL;
  mth_model *loss = new_op(context, "SquaredError"), *sum = new_op(context, "Sum");
  ASSERT(mth_train_model_create(context, new_linear(context, 2), &train) == MTH_OK);
  mth_model *m = mth_train_model_get(train);
  const mth_loss_options steps = {.struct_bytes = sizeof steps, .step_count = 2};
  REFUSED(mth_train_model_add_loss(train, loss, NULL, 2, NULL), "model 'SquaredError'",
          "wanted 2 wires, found NULL");
  REFUSED(mth_train_model_add_loss(train, loss, NULL, 0, &steps), "model 'SquaredError'",
          "wanted 2 reduce steps, found NULL");
  REFUSED(mth_train_model_add_regularization(train, sum, MTH_COEF(1), NULL, 1, NULL),
          "model 'TrainModel'", "wanted 1 wires, found NULL");
  mth_model_destroy(loss);
  mth_model_destroy(sum);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}
