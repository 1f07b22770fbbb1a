// state_keys_test.c: what a model carries from run to run, in each kind of entry.
//
// Tolerance: none; small integers in f64.
#include "ir/models/optimizers.h"
#include "runtime/call.h"
#include "runtime/parameters.h"
#include "test/ir/physical_fixture.h"

enum { N = 2 };

typedef struct setting {
  mth_context *context;
  mth_model *model, *sgd;
  mth_program *program;
  mth_parameters *parameters;
  mth_call *call;
  int64_t extents[1];
  double b[N];
  DLTensor tensor;
} setting;

static const mth_initializer one = {MTH_INIT_CONSTANT, 1, 0, NULL};

// A child: a + b * weight -> c, a bound to c and 1 at first; relu(c) -> o, exposed by the parent.
static mth_model *new_counter(mth_context *context, bool nested) {
  mth_model *m = new_model(context);
  mth_connection *weight = NULL;
  const mth_facts parameter = {
      .shape = &MTH_SCALAR_SHAPE, .differentiable = true, .initializer = &one};
  EXPECT_INT(mth_model_add_input(m, "weight", &parameter, &weight), MTH_OK);
  add_op(m, "Multiply", "b", "weight", "step");
  add_op(m, "Add", "a", "step", "c");
  EXPECT_INT(mth_model_bind_state(m, key(m, "a"), key(m, "c"), &one), MTH_OK);
  add_op(m, "Relu", "c", NULL, "o");
  expose(m, "o");
  if (!nested) return m;
  mth_model *parent = new_model(context);
  const mth_wire wires[] = {MTH_WIRE("b", "b"), MTH_WIRE("weight", "weight"), MTH_WIRE("o", "o")};
  EXPECT_INT(mth_model_add(parent, m, "counter", wires, 3), MTH_OK);
  expose(parent, "o");
  return parent;
}

static bool set_up(setting *s, bool nested, mth_entry_request *entry) {
  *s = (setting){.context = new_context(), .extents = {N}, .b = {1, 1}};
  s->model = new_counter(s->context, nested);
  const mth_sgd_options sgd = {.struct_bytes = sizeof sgd, .learning_rate = 1};
  EXPECT_INT(mth_sgd(s->context, &sgd, &s->sgd), MTH_OK);
  if (entry->kind == MTH_ENTRY_STEP) entry->optimizer = s->sgd;
  const mth_key_shape shapes[] = {{MTH_REF("b"), MTH_SHAPE(MTH_N(N))},
                                  {MTH_REF("a"), MTH_SHAPE(MTH_N(N))}};
  const mth_compile_options options = {.struct_bytes = sizeof options,
                                       .float_dtype = MTH_F64,
                                       .entries = entry,
                                       .entry_count = 1,
                                       .physical = OPTIONS(.shapes = shapes, .shape_count = 2)};
  const mth_call_options reports = {.struct_bytes = sizeof reports,
                                    .sink = mth_context_sink(s->context)};
  const bool ok = mth_compile(s->model, &options, &s->program) == MTH_OK &&
                  mth_parameters_create(s->program, NULL, &s->parameters) == MTH_OK &&
                  mth_call_create(s->program, entry->name, &reports, &s->call) == MTH_OK &&
                  mth_parameters_bind(s->parameters, s->call) == MTH_OK;
  EXPECT_TEXT(mth_context_diagnostic(s->context)->message, "");
  s->tensor = (DLTensor){.data = s->b, .ndim = 1, .shape = s->extents};
  s->tensor.device = (DLDevice){1, 0};
  s->tensor.dtype = (DLDataType){2, 64, 1};
  return ok && mth_call_bind(s->call, "b", &s->tensor) == MTH_OK;
}

// Compiles the model as it is and binds everything.
static bool compile_and_bind(setting *s, const mth_entry_request *entry) {
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .float_dtype = MTH_F64, .entries = entry, .entry_count = 1};
  const bool ok = mth_compile(s->model, &options, &s->program) == MTH_OK &&
                  mth_parameters_create(s->program, NULL, &s->parameters) == MTH_OK &&
                  mth_call_create(s->program, entry->name, NULL, &s->call) == MTH_OK &&
                  mth_parameters_bind(s->parameters, s->call) == MTH_OK;
  EXPECT_TEXT(mth_context_diagnostic(s->context)->message, "");
  s->tensor = (DLTensor){.data = s->b, .ndim = 1, .shape = s->extents};
  s->tensor.device = (DLDevice){1, 0};
  s->tensor.dtype = (DLDataType){2, 64, 1};
  return ok && mth_call_bind(s->call, "b", &s->tensor) == MTH_OK;
}

static void tear_down(setting *s) {
  mth_call_destroy(s->call);
  mth_parameters_destroy(s->parameters);
  mth_program_destroy(s->program);
  mth_model_destroy(s->model);
  mth_model_destroy(s->sgd);
  mth_context_destroy(s->context);
}

static double first_of(const DLTensor *tensor) {
  EXPECT(tensor != NULL);
  return tensor ? *(const double *)tensor->data : -1;
}

static double output(setting *s, const char *name) {
  const DLTensor *tensor = NULL;
  EXPECT_INT(mth_call_run(s->call), MTH_OK);
  EXPECT_INT(mth_call_output(s->call, name, &tensor), MTH_OK);
  return first_of(tensor);
}

TEST(state_keys, each_run_begins_where_the_last_one_ended) {
  for (int nested = 0; nested < 2; nested++) {
    setting s;
    mth_entry_request entry = {.name = "evaluate"};
    ASSERT(set_up(&s, nested, &entry));
    for (int run = 0; run < 3; run++) {
      EXPECT(output(&s, "o") == 2 + run);
      EXPECT(first_of(mth_parameters_find(s.parameters, "a")) == 2 + run);
    }
    tear_down(&s);
  }
}

TEST(state_keys, an_entry_may_leave_them_alone) {
  setting s;
  mth_entry_request entry = {.name = "evaluate", .keeps_states = true};
  ASSERT(set_up(&s, true, &entry));
  for (int run = 0; run < 3; run++)
    EXPECT(output(&s, "o") == 2);
  tear_down(&s);
}

TEST(state_keys, gradients_write_them_too) {
  setting s;
  double cotangent[N] = {3, 4};
  mth_entry_request entry = {.name = "gradients", .kind = MTH_ENTRY_GRADIENTS};
  ASSERT(set_up(&s, true, &entry));
  DLTensor tensor = s.tensor;
  tensor.data = cotangent;
  ASSERT(mth_call_bind(s.call, "o_gradient", &tensor) == MTH_OK);
  EXPECT(output(&s, "weight_gradient") == 7); // b . cotangent
  EXPECT(output(&s, "o") == 3);
  EXPECT(first_of(mth_parameters_find(s.parameters, "a")) == 3);
  tear_down(&s);
}

// sum((a + b weight)) of one element each: the gradient of weight is b1 + b2.
TEST(state_keys, a_training_step_updates_parameters_and_states) {
  setting s;
  mth_entry_request entry = {.name = "step", .kind = MTH_ENTRY_STEP, .loss = "loss"};
  s = (setting){.context = new_context(), .extents = {N}, .b = {1, 1}};
  mth_model *m = new_model(s.context), *counter = new_counter(s.context, false);
  const mth_wire wires[] = {MTH_WIRE("b", "b"), MTH_WIRE("weight", "weight"), MTH_WIRE("o", "o")};
  ASSERT(mth_model_add(m, counter, "counter", wires, 3) == MTH_OK);
  add_op(m, "Sum", "o", NULL, "loss");
  expose(m, "loss");
  s.model = m;
  const mth_sgd_options sgd = {.struct_bytes = sizeof sgd, .learning_rate = 0.25};
  ASSERT(mth_sgd(s.context, &sgd, &s.sgd) == MTH_OK);
  const mth_entry_shape shapes[] = {{"b", MTH_SHAPE(MTH_N(N))}, {"a", MTH_SHAPE(MTH_N(N))}};
  entry.optimizer = s.sgd;
  entry.shapes = shapes;
  entry.shape_count = 2;
  ASSERT(compile_and_bind(&s, &entry));
  EXPECT(output(&s, "loss") == 4); // a = 1, weight = 1
  EXPECT(first_of(mth_parameters_find(s.parameters, "a")) == 2);
  EXPECT(first_of(mth_parameters_find(s.parameters, "weight")) == 0.5);
  EXPECT(output(&s, "loss") == 5); // a = 2, weight = 0.5
  EXPECT(first_of(mth_parameters_find(s.parameters, "a")) == 2.5);
  EXPECT(first_of(mth_parameters_find(s.parameters, "weight")) == 0);
  tear_down(&s);
}

TEST(state_keys, a_new_state_may_be_an_output) {
  setting s;
  mth_entry_request entry = {.name = "evaluate"};
  s = (setting){.context = new_context(), .extents = {N}, .b = {1, 1}};
  s.model = new_counter(s.context, false);
  expose(s.model, "c");
  const mth_entry_shape shapes[] = {{"b", MTH_SHAPE(MTH_N(N))}, {"a", MTH_SHAPE(MTH_N(N))}};
  entry.shapes = shapes;
  entry.shape_count = 2;
  ASSERT(compile_and_bind(&s, &entry));
  for (int run = 0; run < 3; run++) {
    EXPECT(output(&s, "c") == 2 + run);
    EXPECT(first_of(mth_parameters_find(s.parameters, "a")) == 2 + run);
  }
  tear_down(&s);
}

TEST(state_keys, a_state_that_is_written_and_not_read) {
  setting s = {.context = new_context(), .extents = {N}, .b = {5, 6}};
  s.model = new_model(s.context);
  add_op(s.model, "Relu", "b", NULL, "seen");
  add_op(s.model, "Tanh", "last", NULL, "other");
  ASSERT(mth_model_bind_state(s.model, key(s.model, "last"), key(s.model, "seen"), &one) == MTH_OK);
  add_op(s.model, "Negate", "b", NULL, "o");
  expose(s.model, "o");
  const mth_entry_shape shape = {"b", MTH_SHAPE(MTH_N(N))};
  const mth_entry_request entry = {.name = "evaluate", .shapes = &shape, .shape_count = 1};
  ASSERT(compile_and_bind(&s, &entry));
  EXPECT(first_of(mth_parameters_find(s.parameters, "last")) == 1);
  EXPECT(output(&s, "o") == -5);
  EXPECT(first_of(mth_parameters_find(s.parameters, "last")) == 5);
  tear_down(&s);
}
