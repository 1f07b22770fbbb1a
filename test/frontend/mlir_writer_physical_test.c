// mlir_writer_physical_test.c: what options about keys make of a module.
#include "frontend/mlir_writer.h"
#include "test/ir/physical_fixture.h"

typedef struct fixture {
  mth_context *context;
  mth_model *model; // x -> Linear(2) -> y -> (y - t)^2 -> mean -> cost; y and cost exposed
  mth_text text;
  mth_entry_shape shapes[2];
  mth_entry_request entry;
} fixture;

static void add_error(mth_model *m) {
  add_op(m, "SquaredError", "y", "t", NULL);
  const mth_wire cost = MTH_WIRE("output", "cost");
  EXPECT_INT(mth_model_append(m, new_op(mth_model_context(m), "Mean"), NULL, &cost, 1), MTH_OK);
}

static const mth_extent x_extents[] = {{.kind = MTH_EXTENT_INT, .value = 4},
                                       {.kind = MTH_EXTENT_INT, .value = 3}};
static const mth_extent t_extents[] = {{.kind = MTH_EXTENT_INT, .value = 4},
                                       {.kind = MTH_EXTENT_INT, .value = 2}};

static fixture set_up(void) {
  fixture f = {.context = new_context(),
               .text = MTH_TEXT_INIT(mth_default_allocator()),
               .shapes = {{"x", {2, x_extents}}, {"t", {2, t_extents}}},
               .entry = {.name = "f", .shape_count = 2}};
  f.model = new_model(f.context);
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE("output", "y")};
  EXPECT_INT(mth_model_append(f.model, new_linear(f.context, 2), NULL, wires, 2), MTH_OK);
  expose(f.model, "y");
  add_error(f.model);
  expose(f.model, "cost");
  EXPECT_INT(mth_connection_set_families(key(f.model, "t"), MTH_FAMILY_FLOAT), MTH_OK);
  EXPECT_INT(mth_connection_set_families(key(f.model, "x"), MTH_FAMILY_FLOAT), MTH_OK);
  return f;
}

static void tear_down(fixture *f) {
  mth_text_deinit(&f->text);
  mth_model_destroy(f->model);
  mth_context_destroy(f->context);
}

static mth_status write(fixture *f, const mth_physical_options *physical) {
  f->entry.shapes = f->shapes;
  const mth_write_options options = {
      .struct_bytes = sizeof options, .entries = &f->entry, .entry_count = 1, .physical = physical};
  mth_text_deinit(&f->text);
  return mth_write_module(f->model, &options, &f->text);
}

static bool has(const fixture *f, const char *wanted) {
  return strstr(mth_text_get(&f->text), wanted) != NULL;
}

static bool has_port(const fixture *f, const char *name) {
  const char *entry = strstr(mth_text_get(&f->text), "mithril.entry");
  char wanted[64];
  snprintf(wanted, sizeof wanted, "mithril.port = \"%s\"", name);
  return entry && strstr(entry, wanted) != NULL;
}

TEST(mlir_writer_physical, a_constant_is_in_the_module) {
  fixture f = set_up();
  static const int64_t extents[] = {2, 3};
  static const double data[] = {1, 2, 3, 4, 5, 6};
  const mth_constant weight = {.dtype = MTH_F64, .rank = 2, .extents = extents, .data = data};
  const mth_key_constant constant = {MTH_REF("weight"), &weight, NULL};
  char *before = dump(f.model);
  ASSERT(mth_model_freeze(f.model) == MTH_OK);
  mth_release(mth_default_allocator(), before);
  before = dump(f.model);
  ASSERT(write(&f, OPTIONS(.constants = &constant, .constant_count = 1)) == MTH_OK);
  EXPECT(has(&f, "mithril.constant dense<[[1.00000000000000000e+00, 2.00000000000000000e+00, "));
  EXPECT(has(&f, "6.00000000000000000e+00]]> : tensor<2x3xf32>"));
  EXPECT(!has_port(&f, "weight") && has_port(&f, "bias") && has_port(&f, "x"));
  char *after = dump(f.model);
  EXPECT_TEXT(after, before);
  mth_release(mth_default_allocator(), before);
  mth_release(mth_default_allocator(), after);
  ASSERT(write(&f, NULL) == MTH_OK);
  EXPECT(has_port(&f, "weight"));
  tear_down(&f);
}

TEST(mlir_writer_physical, an_argument_may_be_fixed_at_last) {
  mth_context *context = new_context();
  mth_model *reshape = new_op(context, "Reshape");
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  static const int64_t sizes[] = {3, 2};
  const mth_arg value = MTH_ARG_IS("shape", 2, sizes);
  const mth_key_constant shape = {MTH_REF("shape"), NULL, &value};
  const mth_key_shape input = {MTH_REF("input"), MTH_SHAPE(MTH_N(2), MTH_N(3))};
  const mth_write_options options = {.struct_bytes = sizeof options,
                                     .physical = OPTIONS(.constants = &shape, .constant_count = 1,
                                                         .shapes = &input, .shape_count = 1)};
  ASSERT(mth_connection_set_families(key(reshape, "input"), MTH_FAMILY_FLOAT) == MTH_OK);
  ASSERT(mth_write_module(reshape, &options, &text) == MTH_OK);
  EXPECT(strstr(mth_text_get(&text), "(tensor<2x3xf32>) -> tensor<3x2xf32>") != NULL);
  mth_text_deinit(&text);
  mth_model_destroy(reshape);
  mth_context_destroy(context);
}

TEST(mlir_writer_physical, a_constant_without_data_can_not_be_written) {
  fixture f = set_up();
  EXPECT_ERROR(f.context, write(&f, OPTIONS(FIXED("x"))), "model 'Model'",
               "the constant key 'x' has no data");
  tear_down(&f);
}

TEST(mlir_writer_physical, data_is_no_parameter) {
  fixture f = set_up();
  f.entry.kind = MTH_ENTRY_GRADIENTS;
  f.entry.loss = "cost";
  ASSERT(write(&f, OPTIONS(KEY(data, "weight"))) == MTH_OK);
  EXPECT(has(&f, "{mithril.port = \"weight\"}")); // no start
  EXPECT(has(&f, "{mithril.port = \"bias\", mithril.init"));
  EXPECT(!has_port(&f, "weight_gradient") && has_port(&f, "bias_gradient"));
  ASSERT(write(&f, NULL) == MTH_OK);
  EXPECT(has(&f, "{mithril.port = \"weight\", mithril.init"));
  tear_down(&f);
}

TEST(mlir_writer_physical, any_float_input_can_be_trained) {
  fixture f = set_up();
  f.entry.kind = MTH_ENTRY_GRADIENTS;
  f.entry.loss = "cost";
  ASSERT(write(&f, OPTIONS(KEY(trainable, "x"), KEYS(data, "weight", "bias"))) == MTH_OK);
  EXPECT(has_port(&f, "x_gradient") && !has_port(&f, "weight_gradient"));
  tear_down(&f);
}

TEST(mlir_writer_physical, what_is_discarded_has_no_port) {
  fixture f = set_up();
  ASSERT(write(&f, OPTIONS(KEYS(discard, "cost", "t"))) == MTH_OK);
  EXPECT(has_port(&f, "y") && !has_port(&f, "cost") && !has_port(&f, "t"));
  ASSERT(write(&f, OPTIONS(KEY(discard, "y"))) == MTH_OK);
  EXPECT(!has_port(&f, "y") && has_port(&f, "cost") && has_port(&f, "t"));
  const char *cost = "cost";
  f.entry.outputs = &cost;
  f.entry.output_count = 1;
  EXPECT_ERROR(f.context, write(&f, OPTIONS(KEY(discard, "cost"))), "model 'Model', entry 'f'",
               "there is no output 'cost'; the model has y");
  tear_down(&f);
}

TEST(mlir_writer_physical, something_must_be_left) {
  fixture f = set_up();
  EXPECT_ERROR(f.context, write(&f, OPTIONS(KEYS(discard, "y", "cost"))),
               "model 'Model', entry 'f'", "all outputs are discarded; nothing is left to compute");
  tear_down(&f);
}

TEST(mlir_writer_physical, inference_differentiates_nothing) {
  fixture f = set_up();
  ASSERT(write(&f, OPTIONS(.inference = true)) == MTH_OK);
  f.entry.kind = MTH_ENTRY_GRADIENTS;
  EXPECT_ERROR(f.context, write(&f, OPTIONS(.inference = true)), "Model",
               "the entry 'f' differentiates, but the program is for inference");
  tear_down(&f);
}

TEST(mlir_writer_physical, names_are_of_the_style_asked_for) {
  fixture f = set_up();
  ASSERT(write(&f, OPTIONS(.naming = MTH_NAMING_LONG)) == MTH_OK);
  EXPECT(has_port(&f, "linear_weight") && has_port(&f, "x") && !has_port(&f, "weight"));
  tear_down(&f);
}

TEST(mlir_writer_physical, safe_shapes_and_shapes_hold_in_every_entry) {
  fixture f = set_up();
  const mth_key_shape shape = {MTH_REF("x"), MTH_SHAPE(MTH_N(4), MTH_N(3))};
  f.entry.shape_count = 0;
  EXPECT_INT(write(&f, OPTIONS(.shapes = &shape, .shape_count = 1)), MTH_INVALID); // t: not known
  ASSERT(write(&f, OPTIONS(.shapes = &shape, .shape_count = 1, .safe_shapes = true)) == MTH_OK);
  EXPECT(has(&f, "tensor<4x2xf32> {mithril.port = \"t\"}"));
  tear_down(&f);
}

// ---- what has a derivative ----------------------------------------------------------------------

TEST(mlir_writer_physical, only_differentiable_outputs_take_cotangents) {
  fixture f = set_up();
  mth_model_destroy(f.model);
  f.model = new_model(f.context);
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE("output", "y")};
  ASSERT(mth_model_append(f.model, new_linear(f.context, 2), NULL, wires, 2) == MTH_OK);
  add_op(f.model, "Greater", "y", "t", "mask");
  add_op(f.model, "StopGradient", "y", NULL, "frozen");
  add_op(f.model, "Relu", "x", NULL, "plain");
  const char *const names[] = {"y", "mask", "frozen", "plain"};
  for (size_t i = 0; i < 4; i++)
    expose(f.model, names[i]);
  ASSERT(mth_connection_set_families(key(f.model, "x"), MTH_FAMILY_FLOAT) == MTH_OK);
  f.entry.kind = MTH_ENTRY_GRADIENTS;
  ASSERT(write(&f, NULL) == MTH_OK);
  EXPECT(has_port(&f, "y_gradient") && !has_port(&f, "mask_gradient"));
  EXPECT(has_port(&f, "frozen_gradient") && !has_port(&f, "plain_gradient"));
  for (size_t i = 0; i < 4; i++)
    EXPECT(has_port(&f, names[i]));
  const char *mask = "mask";
  f.entry.outputs = &mask;
  f.entry.output_count = 1;
  EXPECT_ERROR(f.context, write(&f, NULL), "model 'Model', entry 'f'",
               "none of its outputs is differentiable");
  tear_down(&f);
}

TEST(mlir_writer_physical, a_loss_must_be_differentiable) {
  fixture f = set_up();
  mth_model_destroy(f.model);
  f.model = new_model(f.context);
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE("output", "y")};
  ASSERT(mth_model_append(f.model, new_linear(f.context, 2), NULL, wires, 2) == MTH_OK);
  add_op(f.model, "Greater", "y", "y", "mask");
  add_op(f.model, "Mean", "mask", NULL, "cost");
  f.entry.kind = MTH_ENTRY_GRADIENTS;
  f.entry.loss = "cost";
  f.entry.shape_count = 1;
  EXPECT_ERROR(f.context, write(&f, NULL), "model 'Model', entry 'f'",
               "the loss 'cost' is not differentiable: no trained input reaches it through "
               "derivatives");
  tear_down(&f);
}
