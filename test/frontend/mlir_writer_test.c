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
  entry = (mth_entry_request){
      .name = "f", .kind = MTH_ENTRY_GRADIENTS, .loss = "y", .shapes = &fixed, .shape_count = 1};
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

TEST(mlir_writer, refuses_requests_that_contradict_themselves) {
  fixture f = set_up();
  const mth_entry_shape fixed = {"x", MTH_SHAPE(MTH_N(2), MTH_N(8))};
  const char *twice[] = {"y", "y"};
  mth_entry_request entry = {.name = "f", .outputs = twice, .output_count = 2};
  EXPECT_ERROR(f.context, write(&f, &entry), "model 'Model', entry 'f'",
               "the output 'y' is asked for twice");
  mth_model *relu = new_op(f.context, "Relu");
  mth_connection *output = key(f.model, "y");
  entry = (mth_entry_request){
      .name = "f", .kind = MTH_ENTRY_STEP, .optimizer = relu, .shapes = &fixed, .shape_count = 1};
  ASSERT(mth_connection_class(output) == MTH_KEY_OUTPUT);
  EXPECT_INT(write(&f, &entry), MTH_INVALID); // the loss is no scalar
  const mth_entry_shape rows = {"x", MTH_SHAPE(MTH_N(2), MTH_DECLARED("F"))};
  entry = (mth_entry_request){.name = "f", .shapes = &rows, .shape_count = 1};
  EXPECT_ERROR(f.context, write(&f, &entry), "model 'Model', key '$1' (Linear.weight)",
               "it starts with numbers divided by sqrt(F), which is not known here");
  const mth_write_options bad_name = {.struct_bytes = sizeof bad_name, .name = "a b"};
  EXPECT_ERROR(f.context, mth_write_module(f.model, &bad_name, &f.text), "Model",
               "the program's name 'a b' is no C identifier");
  EXPECT_INT(mth_write_module(f.model, NULL, &f.text), MTH_INVALID);
  EXPECT_INT(mth_write_module(NULL, NULL, &f.text), MTH_INVALID);
  mth_model_destroy(relu);
  tear_down(&f);
}

TEST(mlir_writer, starts_a_layer_without_inputs_at_zero) {
  fixture f = set_up();
  const mth_entry_shape none = {"x", MTH_SHAPE(MTH_N(2), MTH_N(0))};
  const mth_entry_request entry = {.name = "f", .shapes = &none, .shape_count = 1};
  EXPECT_INT(write(&f, &entry), MTH_OK);
  EXPECT(has(&f, "mithril.init_b = 0.00000000000000000e+00 : f64"));
  tear_down(&f);
}

TEST(mlir_writer, refuses_what_stays_unknown) {
  fixture f = set_up();
  mth_model *equal = new_op(f.context, "Equal"), *relu = new_op(f.context, "Relu");
  mth_model *reshape = new_op(f.context, "Reshape");
  const mth_shape row = MTH_SHAPE(MTH_N(3));
  const mth_write_options plain = {.struct_bytes = sizeof plain};
  const mth_family whole = (mth_family)(MTH_FAMILY_INT | MTH_FAMILY_BOOL);
  ASSERT(mth_connection_set_shape(key(relu, "input"), MTH_SHAPE(MTH_ANY, MTH_N(3))) == MTH_OK);
  EXPECT_ERROR(f.context, mth_write_module(relu, &plain, &f.text), "model 'Relu', key 'input'",
               "its dim 0 is not known; give shapes of the inputs");
  ASSERT(mth_connection_set_shape(key(reshape, "input"), row) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(reshape, "output"), row) == MTH_OK);
  ASSERT(mth_connection_set_families(key(equal, "left"), whole) == MTH_OK);
  ASSERT(mth_connection_set_families(key(equal, "right"), whole) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(equal, "left"), row) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(equal, "right"), row) == MTH_OK);
  EXPECT_INT(mth_write_module(equal, &plain, &f.text), MTH_OK); // ints, if not floats
  EXPECT(has(&f, "(tensor<3xi64>, tensor<3xi64>) -> tensor<3xi1>"));
  const mth_entry_request step = {
      .name = "f", .kind = MTH_ENTRY_STEP, .optimizer = relu, .output_count = 0};
  const mth_write_options options = {
      .struct_bytes = sizeof options, .entries = &step, .entry_count = 1};
  mth_model *two = new_model(f.context);
  const mth_wire x = MTH_WIRE("input", "x");
  ASSERT(mth_model_add(two, new_op(f.context, "Relu"), NULL, &x, 1) == MTH_OK);
  ASSERT(mth_model_add(two, new_op(f.context, "Tanh"), NULL, &x, 1) == MTH_OK);
  EXPECT_ERROR(f.context, mth_write_module(two, &options, &f.text), "model 'Model', entry 'f'",
               "it wants the name of the loss among 2 outputs");
  mth_model_destroy(two);
  mth_model_destroy(equal);
  mth_model_destroy(relu);
  mth_model_destroy(reshape);
  tear_down(&f);
}

TEST(mlir_writer, an_argument_needs_a_value) {
  fixture f = set_up();
  mth_model *iota = new_op(f.context, "iota");
  const mth_write_options plain = {.struct_bytes = sizeof plain};
  ASSERT(mth_connection_set_shape(key(iota, "output"), MTH_SHAPE(MTH_N(3))) == MTH_OK);
  EXPECT_INT(mth_write_module(iota, &plain, &f.text), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(f.context)->message,
              "its value is not known; give it, or shapes of the inputs");
  mth_model_destroy(iota);
  tear_down(&f);
}

TEST(mlir_writer, a_symbolic_integer_must_be_a_number_in_the_end) { // R4
  mth_context *context = new_context();
  mth_model *m = new_model(context), *softmax = NULL;
  mth_connection *x = NULL;
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  const mth_dim *dims[2];
  ASSERT(mth_model_add_input(m, "x", NULL, &x) == MTH_OK);
  ASSERT(mth_connection_unpack(x, 2, dims) == MTH_OK);
  ASSERT(mth_model_create_op(context, "Softmax", &MTH_ARG_D("axis", dims[0]), 1, &softmax) ==
         MTH_OK);
  ASSERT(mth_model_add(m, softmax, NULL, &MTH_WIRE("input", "x"), 1) == MTH_OK);
  const mth_entry_shape open[] = {{"x", MTH_SHAPE(MTH_DECLARED("C"), MTH_N(8))},
                                  {"x", MTH_SHAPE(MTH_ANY, MTH_N(8))},
                                  {"x", MTH_SHAPE(MTH_N(1), MTH_N(8))}};
  mth_entry_request entry = {.name = "f", .shapes = &open[0], .shape_count = 1};
  const mth_write_options options = {
      .struct_bytes = sizeof options, .entries = &entry, .entry_count = 1};
  EXPECT_ERROR(context, mth_write_module(m, &options, &text), "model 'Softmax', key 'axis'",
               "it must be a number when the program is written, it is C");
  entry.shapes = &open[1];
  EXPECT_ERROR(context, mth_write_module(m, &options, &text), "model 'Softmax', key 'axis'",
               "its value is not known; give it, or shapes of the inputs");
  entry.shapes = &open[2];
  mth_text_deinit(&text);
  text = MTH_TEXT_INIT(mth_default_allocator());
  ASSERT(mth_write_module(m, &options, &text) == MTH_OK);
  EXPECT(strstr(mth_text_get(&text), "{axis = 1 : i64}") != NULL);
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  mth_outline outline = {0};
  entry.shape_count = 0; // an outline waits for the shapes
  ASSERT(mth_write_outline(m, &options, &arena, &outline) == MTH_OK);
  EXPECT(outline.is_late[0]);
  mth_arena_reset(&arena);
  mth_text_deinit(&text);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(mlir_writer, a_value_that_is_an_output_must_hold_numbers) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *tuple = NULL, *mixed = NULL;
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  const mth_write_options options = {.struct_bytes = sizeof options};
  ASSERT(mth_model_create_op_of(context, "ToTuple", 2, &MTH_ARG_S("input1", "a"), 1, &tuple) ==
         MTH_OK);
  ASSERT(mth_model_add(m, tuple, NULL, (mth_wire[]){MTH_WIRE_I("input2", 1)}, 1) == MTH_OK);
  EXPECT_ERROR(context, mth_write_module(m, &options, &text),
               "model 'Model', key '$2' (ToTuple.output)",
               "its value can not be a tensor: it is not known, or holds no numbers");
  const mth_arg numbers[] = {MTH_ARG_F("input1", 0.5),
                             MTH_ARG_D("input2", mth_dim_symbol(mth_context_dims(context), "T"))};
  ASSERT(mth_model_create_op_of(context, "ToTuple", 2, numbers, 2, &mixed) == MTH_OK);
  EXPECT_ERROR(context, mth_write_module(mixed, &options, &text), "model 'ToTuple', key 'output'",
               "its value can not be a tensor: it is not known, or holds no numbers");
  mth_text_deinit(&text);
  mth_model_destroy(mixed);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(mlir_writer, an_optimizer_has_keys_of_its_own) {
  fixture f = set_up();
  mth_model *mean = new_op(f.context, "Mean"), *relu = new_op(f.context, "Relu"), *m = NULL;
  const mth_entry_shape fixed = {"x", MTH_SHAPE(MTH_N(2), MTH_N(8))};
  ASSERT(mth_model_copy(f.model, &m) == MTH_OK);
  mth_model_destroy(f.model);
  f.model = new_model(f.context);
  ASSERT(mth_model_append(f.model, m, NULL, (mth_wire[]){MTH_WIRE("x", "x")}, 1) == MTH_OK);
  ASSERT(mth_model_append(f.model, mean, NULL, (mth_wire[]){MTH_WIRE("output", "loss")}, 1) ==
         MTH_OK);
  mth_entry_request entry = {
      .name = "f", .kind = MTH_ENTRY_STEP, .optimizer = relu, .shapes = &fixed, .shape_count = 1};
  EXPECT_ERROR(f.context, write(&f, &entry), "model 'Relu'",
               "there is no key 'parameter'; the model has input, output");
  entry.optimizer = m;
  EXPECT_INT(write(&f, &entry), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(f.context)->message,
              "an optimizer must be a model of its own, of the same context");
  mth_model_destroy(relu);
  tear_down(&f);
}

TEST(mlir_writer, binds_families_and_casts_to_the_widest) {
  fixture f = set_up();
  mth_model *add = new_op(f.context, "Add");
  const mth_shape row = MTH_SHAPE(MTH_N(3));
  ASSERT(mth_connection_set_families(key(add, "left"), MTH_FAMILY_INT) == MTH_OK);
  ASSERT(mth_connection_set_families(key(add, "right"), MTH_FAMILY_FLOAT) == MTH_OK);
  const mth_entry_shape shapes[] = {{"left", row}, {"right", row}};
  const mth_entry_request entry = {.name = "f", .shapes = shapes, .shape_count = 2};
  const mth_write_options options = {.struct_bytes = sizeof options,
                                     .float_dtype = MTH_F64,
                                     .int_dtype = MTH_I32,
                                     .entries = &entry,
                                     .entry_count = 1};
  ASSERT(mth_write_module(add, &options, &f.text) == MTH_OK);
  EXPECT(has(&f, "%2 = mithril.cast %0 {dtype = f64} : (tensor<3xi32>) -> tensor<3xf64>"));
  EXPECT(has(&f, "%3 = mithril.add %2, %1 : (tensor<3xf64>, tensor<3xf64>) -> tensor<3xf64>"));
  mth_model_destroy(add);
  tear_down(&f);
}

static mth_status infer_twice(mth_rule *rule) { return mth_rule_same_shape(rule, 0, 1); }

TEST(mlir_writer, a_named_number_is_that_of_the_precision) {
  static const struct {
    mth_dtype dtype;
    const char *threshold, *right;
  } rows[] = {{MTH_F64, "threshold = 2.22044604925031308e-16", "dense<2.22044604925031308e-16>"},
              {MTH_F32, "threshold = 1.19209290000000012e-07", "dense<1.19209290000000012e-07>"},
              {MTH_F16, "threshold = 9.77000000000000004e-04", "dense<9.77000000000000004e-04>"}};
  const mth_arg robust[] = {MTH_ARG_B("robust", true), MTH_ARG_NAMED("threshold", MTH_EPSILON)};
  mth_context *context = new_context();
  for (size_t i = 0; i < 3; i++) {
    mth_model *m = new_model(context), *log = NULL;
    const mth_wire wires[] = {
        MTH_WIRE("left", "y"),
        {.key = "right", .kind = MTH_WIRE_VALUE, .value = MTH_ARG_NAMED(NULL, MTH_EPSILON)}};
    const mth_wire x[] = {MTH_WIRE("input", "x"), MTH_WIRE("output", "y")};
    const mth_entry_shape shape = {"x", MTH_SHAPE(MTH_N(2))};
    const mth_entry_request entry = {.name = "evaluate", .shapes = &shape, .shape_count = 1};
    const mth_write_options options = {.struct_bytes = sizeof options,
                                       .float_dtype = rows[i].dtype,
                                       .entries = &entry,
                                       .entry_count = 1};
    mth_text text = MTH_TEXT_INIT(mth_default_allocator());
    ASSERT(mth_model_create_op(context, "Log", robust, 2, &log) == MTH_OK);
    ASSERT(mth_model_add(m, log, NULL, x, 2) == MTH_OK);
    ASSERT(mth_model_add(m, new_op(context, "Add"), NULL, wires, 2) == MTH_OK);
    ASSERT(mth_write_module(m, &options, &text) == MTH_OK);
    EXPECT(strstr(mth_text_get(&text), rows[i].threshold) != NULL);
    EXPECT(strstr(mth_text_get(&text), rows[i].right) != NULL);
    if (!strstr(mth_text_get(&text), rows[i].right)) printf("%s\n", mth_text_get(&text));
    mth_text_deinit(&text);
    mth_model_destroy(m);
  }
  mth_context_destroy(context);
}

TEST(mlir_writer, an_op_from_outside_is_custom) {
  static const mth_op_key input[] = {
      {.name = "input", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_FLOAT}};
  static const mth_op_key output[] = {
      {.name = "output", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_FLOAT}};
  static const mth_op twice = {.struct_bytes = sizeof twice,
                               .abi = MTH_OP_ABI,
                               .name = "my_twice",
                               .model = "MyTwice",
                               .inputs = input,
                               .input_count = 1,
                               .outputs = output,
                               .output_count = 1,
                               .infer = infer_twice};
  fixture f = set_up();
  ASSERT(mth_register_op(f.context, &twice) == MTH_OK);
  mth_model *model = new_op(f.context, "MyTwice");
  const mth_entry_shape shape = {"input", MTH_SHAPE(MTH_N(3))};
  const mth_entry_request entry = {.name = "f", .shapes = &shape, .shape_count = 1};
  const mth_write_options options = {
      .struct_bytes = sizeof options, .entries = &entry, .entry_count = 1};
  ASSERT(mth_write_module(model, &options, &f.text) == MTH_OK);
  EXPECT(has(&f, "mithril.custom \"my_twice\" (%0) : (tensor<3xf32>) -> tensor<3xf32>"));
  mth_model_destroy(model);
  tear_down(&f);
}

TEST(mlir_writer, a_parameter_can_be_taken_out_of_training) {
  fixture f = set_up();
  const mth_entry_shape fixed = {"x", MTH_SHAPE(MTH_N(2), MTH_N(8))};
  const mth_entry_request entry = {
      .name = "f", .kind = MTH_ENTRY_GRADIENTS, .shapes = &fixed, .shape_count = 1};
  ASSERT(write(&f, &entry) == MTH_OK);
  EXPECT(has(&f, "weight_gradient") && has(&f, "bias_gradient"));
  ASSERT(mth_connection_set_differentiable(mth_model_find(mth_model_child(f.model, 0), "weight"),
                                           false) == MTH_OK);
  ASSERT(write(&f, &entry) == MTH_OK);
  EXPECT(!has(&f, "weight_gradient") && has(&f, "bias_gradient"));
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

TEST(mlir_writer, a_list_that_was_not_wired_is_named) {
  mth_context *context = new_context();
  mth_model *concat = new_op(context, "Concat");
  mth_text text = MTH_TEXT_INIT(mth_context_allocator(context));
  const mth_write_options options = {.struct_bytes = sizeof options};
  EXPECT_ERROR(context, mth_write_module(concat, &options, &text), "model 'Concat'",
               "it is not known how many tensors 'inputs' takes");
  mth_text_deinit(&text);
  mth_model_destroy(concat);
  mth_context_destroy(context);
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
