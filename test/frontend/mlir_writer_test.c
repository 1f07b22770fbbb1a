// mlir_writer_test.c: what the writer refuses, and that writing leaves the model as it was. What it
// writes is read by mithril-opt in the lit tests beside this file.
#include "frontend/mlir_writer.h"
#include "ir/models/optimizers.h"
#include "test/ir/model_fixture.h"

typedef struct fixture {
  mth_context *context;
  mth_model *model; // x -> Linear(4) -> "y"
  mth_text text;
} fixture;

static fixture set_up(void) {
  fixture f = {.context = new_context(), .text = MTH_TEXT_INIT(mth_default_allocator())};
  f.model = new_model(f.context);
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE("output", "y")};
  EXPECT_INT(mth_model_append(f.model, new_linear(f.context, 4), NULL, wires, 2), MTH_OK);
  EXPECT_INT(mth_model_expose(f.model, key(f.model, "y"), NULL), MTH_OK);
  EXPECT_INT(mth_model_freeze(f.model), MTH_OK);
  return f;
}

static void tear_down(fixture *f) {
  mth_text_deinit(&f->text);
  mth_model_destroy(f->model);
  mth_context_destroy(f->context);
}

static mth_status write(fixture *f, const mth_entry_request *entry) {
  const mth_write_options options = {
      .struct_bytes = sizeof options, .entries = entry, .entry_count = entry ? 1 : 0};
  mth_text_deinit(&f->text);
  return mth_write_module(f->model, &options, &f->text);
}

static bool has(const fixture *f, const char *wanted) {
  return strstr(mth_text_get(&f->text), wanted) != NULL;
}

TEST(mlir_writer, shapes_hold_for_one_entry) {
  fixture f = set_up();
  const mth_entry_shape fixed = {"x", MTH_SHAPE(MTH_N(2), MTH_N(8))};
  const mth_entry_shape symbolic = {"x", MTH_SHAPE(MTH_DECLARED("B"), MTH_N(6))};
  const mth_entry_request first = {.name = "f", .shapes = &fixed, .shape_count = 1};
  const mth_entry_request second = {.name = "f", .shapes = &symbolic, .shape_count = 1};
  char *before = dump(f.model);
  ASSERT(write(&f, &first) == MTH_OK);
  EXPECT(has(&f, "tensor<4x8xf32>"));
  ASSERT(write(&f, &second) == MTH_OK);
  EXPECT(has(&f, "tensor<?x6xf32, [\"B\"]> {mithril.port = \"x\"}"));
  EXPECT(has(&f, "mithril.init = \"uniform\", mithril.init_a = -4.08248290463863"));
  char *after = dump(f.model);
  EXPECT_TEXT(after, before);
  mth_release(mth_default_allocator(), before);
  mth_release(mth_default_allocator(), after);
  tear_down(&f);
}

TEST(mlir_writer, refuses_what_it_can_not_write) {
  fixture f = set_up();
  const mth_entry_shape fixed = {"x", MTH_SHAPE(MTH_N(2), MTH_N(8))};
  const mth_entry_shape unknown = {"z", MTH_SHAPE(MTH_N(2))};
  const char *no_output = "z";
  mth_entry_request entry = {.name = "f", .shapes = &unknown, .shape_count = 1};
  EXPECT_REFUSED(f.context, f.model, write(&f, &entry), "model 'Model', entry 'f'",
                 "there is no input 'z'; the model has weight, x, bias");
  entry = (mth_entry_request){.name = "f", .outputs = &no_output, .output_count = 1};
  EXPECT_REFUSED(f.context, f.model, write(&f, &entry), "model 'Model', entry 'f'",
                 "there is no output 'z'; the model has y");
  entry = (mth_entry_request){.name = "f g"};
  EXPECT_REFUSED(f.context, f.model, write(&f, &entry), "Model",
                 "an entry's name wants letters, digits and '_' and begins with no digit; found "
                 "'f g'");
  entry = (mth_entry_request){.name = "f", .kind = MTH_ENTRY_STEP};
  EXPECT_REFUSED(f.context, f.model, write(&f, &entry), "Model",
                 "the entry 'f' is a step and wants an optimizer");
  entry = (mth_entry_request){.name = "f",
                              .kind = MTH_ENTRY_GRADIENTS,
                              .loss = "y",
                              .shapes = &fixed,
                              .shape_count = 1};
  EXPECT_REFUSED(f.context, f.model, write(&f, &entry), "model 'Model', entry 'f'",
                 "the loss 'y' must be a scalar, its shape is [2, 4]");
  const char *both[] = {"weight", "bias"};
  entry = (mth_entry_request){.name = "f",
                              .kind = MTH_ENTRY_GRADIENTS,
                              .shapes = &fixed,
                              .shape_count = 1,
                              .constant_parameters = both,
                              .constant_parameter_count = 2};
  EXPECT_REFUSED(f.context, f.model, write(&f, &entry), "model 'Model', entry 'f'",
                 "there is nothing to train: no input that its outputs need is differentiable");
  EXPECT_INT(write(&f, NULL), MTH_INVALID); // no shapes
  EXPECT(strstr(mth_context_diagnostic(f.context)->message, "give shapes of the inputs"));
  tear_down(&f);
}

TEST(mlir_writer, an_empty_model_has_no_outputs) {
  fixture f = set_up();
  mth_model_destroy(f.model);
  f.model = new_model(f.context);
  EXPECT_ERROR(f.context, write(&f, NULL), "model 'Model'",
               "Models with no output keys can not be compiled.");
  tear_down(&f);
}

TEST(mlir_writer, two_declared_dims_that_would_broadcast_are_named) {
  fixture f = set_up();
  mth_model_destroy(f.model);
  f.model = new_op(f.context, "Add");
  const mth_entry_shape shapes[] = {{"left", MTH_SHAPE(MTH_DECLARED("B"))},
                                    {"right", MTH_SHAPE(MTH_DECLARED("T"))}};
  const mth_entry_request entry = {.name = "f", .shapes = shapes, .shape_count = 2};
  EXPECT_INT(write(&f, &entry), MTH_INVALID);
  const char *message = mth_context_diagnostic(f.context)->message;
  EXPECT(strstr(message, "B") && strstr(message, "T"));
  tear_down(&f);
}
