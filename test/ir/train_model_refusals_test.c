// train_model_refusals_test.c: what a TrainModel refuses: on text, and leaving everything as it
// was.
#include "test/ir/failing_heap.h"
#include "test/ir/train_fixture.h"

#include <math.h>

typedef struct fixture {
  mth_context *context;
  mth_train_model *train; // around x, weight, bias -> Linear -> y
  mth_model *model;
} fixture;

static fixture set_up(void) {
  fixture f = {.context = new_context()};
  mth_model *net = new_model(f.context);
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE("weight", "weight"),
                            MTH_WIRE("bias", "bias"), MTH_WIRE("output", "y")};
  EXPECT_INT(mth_model_add(net, new_linear(f.context, 4), NULL, wires, 4), MTH_OK);
  f.train = new_train(f.context, net);
  f.model = mth_train_model_get(f.train);
  return f;
}

static void tear_down(fixture *f) {
  mth_train_model_destroy(f->train);
  mth_context_destroy(f->context);
}

#define REFUSED(call, where, message) EXPECT_REFUSED(f.context, f.model, call, where, message)

TEST(train_model_refusals, what_can_not_be_trained) {
  fixture f = set_up();
  mth_train_model *train = NULL;
  mth_model *empty = new_model(f.context), *reserved = new_model(f.context);
  const mth_wire wire = MTH_WIRE("input", "loss");
  EXPECT_ERROR(f.context, mth_train_model_create(f.context, NULL, &train), "TrainModel",
               "the model to train is NULL");
  EXPECT_ERROR(f.context, mth_train_model_create(f.context, empty, &train), "model 'Model'",
               "wanted a model with an output, it has none");
  ASSERT(mth_model_append(reserved, new_op(f.context, "Relu"), NULL, &wire, 1) == MTH_OK);
  EXPECT_REFUSED(f.context, reserved, mth_train_model_create(f.context, reserved, &train),
                 "model 'Model'", "its key 'loss' has a name that a TrainModel reserves");
  EXPECT(!mth_model_is_frozen(reserved));
  EXPECT_ERROR(f.context, mth_train_model_create(f.context, f.model, &train), "TrainModel",
               "a TrainModel can not be a child");
  EXPECT_ERROR(f.context, mth_train_model_create(f.context, mth_train_model_inner(f.train), &train),
               "model 'TrainModel'", "the child 'Model' has a parent already; add a copy");
  mth_context *other = new_context();
  EXPECT_ERROR(other, mth_train_model_create(other, empty, &train), "TrainModel",
               "the model 'Model' is of another context");
  EXPECT_INT(mth_train_model_create(NULL, empty, &train), MTH_INVALID);
  mth_context_destroy(other);
  mth_model_destroy(empty);
  mth_model_destroy(reserved);
  tear_down(&f);
}

TEST(train_model_refusals, it_is_composed_by_its_own_calls_alone) {
  fixture f = set_up();
  mth_model *relu = new_op(f.context, "Relu"), *parent = new_model(f.context);
  REFUSED(mth_model_add(f.model, relu, NULL, NULL, 0), "model 'TrainModel'",
          "a TrainModel takes losses, regularizers and metrics, no other children or keys");
  REFUSED(mth_model_append(f.model, relu, NULL, NULL, 0), "model 'TrainModel'",
          "a TrainModel takes losses, regularizers and metrics, no other children or keys");
  REFUSED(mth_connection_rename(key(f.model, "x"), "z"), "model 'TrainModel'",
          "a TrainModel takes losses, regularizers and metrics, no other children or keys");
  EXPECT_REFUSED(f.context, parent, mth_model_add(parent, f.model, NULL, NULL, 0), "model 'Model'",
                 "a TrainModel can not be a child");
  EXPECT_INT(mth_connection_set_shape(key(f.model, "x"), MTH_SHAPE(MTH_N(2), MTH_N(3))), MTH_OK);
  mth_model_destroy(relu);
  mth_model_destroy(parent);
  tear_down(&f);
}

TEST(train_model_refusals, wires_of_a_loss) {
  fixture f = set_up();
  mth_model *error = new_op(f.context, "SquaredError");
#define LOSS(...)                                                                                  \
  mth_train_model_add_loss(f.train, error, (const mth_wire[]){__VA_ARGS__},                        \
                           sizeof((const mth_wire[]){__VA_ARGS__}) / sizeof(mth_wire), NULL)
  const mth_wire input = MTH_WIRE("input", "y"), target = MTH_WIRE("target", "t");
  REFUSED(LOSS(input), "model 'SquaredError'", "the input 'target' of a loss has no wire");
  REFUSED(LOSS(MTH_WIRE("input", "x"), target), "model 'SquaredError'",
          "a loss wants at least one wire to an output of the model: y");
  REFUSED(LOSS(MTH_WIRE_TO("input", key(f.model, "x")), target), "model 'TrainModel'",
          "'x' of TrainModel is no output of the model: a connection must be one");
  REFUSED(LOSS(input, target, MTH_WIRE("output", "e")), "model 'SquaredError'",
          "the output 'output' of a loss is not wired; key_name names it");
  REFUSED(LOSS(input, MTH_WIRE("target", "final_cost")), "model 'SquaredError'",
          "the name 'final_cost' is reserved");
  REFUSED(LOSS(input, MTH_WIRE_AS("target", .name = "loss")), "model 'SquaredError'",
          "the name 'loss' is reserved");
  REFUSED(LOSS(input, MTH_WIRE("labels", "t"), target), "model 'SquaredError'",
          "there is no key 'labels'; the model has input, target, output");
  REFUSED(mth_train_model_add_loss(f.train, NULL, &input, 1, NULL), "model 'TrainModel'",
          "the loss is NULL");
  ASSERT(mth_connection_set_shape(key(f.model, "weight"), MTH_SHAPE(MTH_N(4), MTH_N(3))) == MTH_OK);
  const mth_facts facts = {.shape = &MTH_SHAPE(MTH_N(2), MTH_N(7))};
  mth_wire wide = target;
  wide.facts = &facts;
  REFUSED(LOSS(input, wide), "model 'TrainModel', key 't'",
          "SquaredError: dim -1 of 'y' is 4, of 't' it is 7; only a dim that is 1 broadcasts");
  EXPECT_INT(LOSS(MTH_WIRE_TO("input", key(f.model, "y")), target), MTH_OK);
  error = new_op(f.context, "SquaredError");
  EXPECT_INT(LOSS(MTH_WIRE_AS("input", .name = "y"), target), MTH_OK);
  tear_down(&f);
}

TEST(train_model_refusals, steps_and_names_of_a_loss) {
  fixture f = set_up();
  mth_model *error = new_op(f.context, "SquaredError"), *add = new_op(f.context, "Add");
  mth_model *two = new_model(f.context), *relu = new_op(f.context, "Relu");
  const mth_wire one[] = {MTH_WIRE("input", "input"), MTH_WIRE("output", "a")};
  const mth_wire other[] = {MTH_WIRE("input", "input"), MTH_WIRE("output", "b")};
  ASSERT(mth_model_add(two, new_op(f.context, "Relu"), NULL, one, 2) == MTH_OK);
  ASSERT(mth_model_add(two, new_op(f.context, "Relu"), NULL, other, 2) == MTH_OK);
  const mth_wire wires[] = {MTH_WIRE("input", "y"), MTH_WIRE("target", "t")};
  mth_loss_options options = {.struct_bytes = sizeof options, .steps = &add, .step_count = 1};
#define WITH_OPTIONS mth_train_model_add_loss(f.train, error, wires, 2, &options)
  REFUSED(WITH_OPTIONS, "model 'Add'", "wants one canonical input, there are 2: left, right");
  options.steps = &two;
  REFUSED(WITH_OPTIONS, "model 'Model'", "wanted a model of one output, it has 2");
  EXPECT(!mth_model_is_frozen(two));
  options.steps = (mth_model *[]){relu, relu};
  options.step_count = 2;
  REFUSED(WITH_OPTIONS, "model 'TrainModel'", "the child 'Relu' has a parent already; add a copy");
  options.steps = (mth_model *[]){NULL};
  options.step_count = 1;
  REFUSED(WITH_OPTIONS, "model 'TrainModel'", "a reduce step is NULL");
  options.step_count = 0;
  options.key_name = "loss";
  REFUSED(WITH_OPTIONS, "model 'TrainModel'", "the name 'loss' is reserved");
  options.key_name = "x";
  REFUSED(WITH_OPTIONS, "model 'TrainModel'", "there is a key 'x' already");
  options.key_name = NULL;
  options.coef = MTH_COEF_OF(&(mth_constant){.dtype = MTH_F32});
  REFUSED(WITH_OPTIONS, "model 'TrainModel'", "a constant wants data of f64, i64 or bool");
  options.struct_bytes = 1;
  EXPECT_INT(WITH_OPTIONS, MTH_INVALID);
  mth_model_destroy(error);
  mth_model_destroy(add);
  mth_model_destroy(two);
  mth_model_destroy(relu);
  tear_down(&f);
}

TEST(train_model_refusals, regularizers) {
  fixture f = set_up();
  mth_model *sum = new_op(f.context, "Sum"), *product = new_op(f.context, "Multiply");
  const mth_wire wire = MTH_WIRE("input", "weight"), output = MTH_WIRE("input", "y");
  mth_regularization_options options = {.struct_bytes = sizeof options, .pattern = "^k"};
#define REGULARIZE(model, coef, count, wires, options)                                             \
  mth_train_model_add_regularization(f.train, model, coef, wires, count, options)
  const mth_coef one = MTH_COEF(1);
  REFUSED(REGULARIZE(sum, (mth_coef){0}, 1, &wire, NULL), "model 'TrainModel'",
          "a regularizer wants a coefficient, found none");
  REFUSED(REGULARIZE(sum, MTH_COEF((double)INFINITY), 1, &wire, NULL), "model 'TrainModel'",
          "a coefficient wants a finite number, found inf");
  mth_coef of_no_kind = one;
  of_no_kind.kind = 7;
  REFUSED(REGULARIZE(sum, of_no_kind, 1, &wire, NULL), "model 'TrainModel'",
          "there is no coefficient of kind 7");
  REFUSED(REGULARIZE(NULL, one, 1, &wire, NULL), "model 'TrainModel'", "the regularizer is NULL");
  REFUSED(REGULARIZE(sum, one, 1, &MTH_WIRE("input", "w"), NULL), "model 'Sum'",
          "a regularizer wants at least one wire to an input that can be trained: weight, x, bias");
  REFUSED(REGULARIZE(sum, one, 0, NULL, NULL), "model 'Sum'",
          "the input 'input' of a regularizer has no wire");
  REFUSED(REGULARIZE(sum, one, 1, &output, NULL), "model 'Sum'",
          "a regularizer wants at least one wire to an input that can be trained: weight, x, bias");
  const mth_wire both[] = {wire, MTH_WIRE_B("keepdim", true)};
  REFUSED(REGULARIZE(sum, one, 2, both, NULL), "model 'Sum'",
          "'keepdim' is no input without a value: a regularizer's wires name exactly those");
  const mth_wire sides[] = {MTH_WIRE("left", "weight"), MTH_WIRE("right", "s")};
  REFUSED(REGULARIZE(product, one, 2, sides, NULL), "model 'Multiply'",
          "wants one canonical input, there are 2: left, right");
  mth_regularization_options reg_key = {.struct_bytes = sizeof reg_key, .reg_key = "output"};
  REFUSED(REGULARIZE(product, one, 2, sides, &reg_key), "model 'Multiply'",
          "reg_key wants an input without a value, 'output' is none");
  REFUSED(REGULARIZE(sum, one, 1, &wire, &options), "model 'TrainModel'",
          "a regularizer takes a pattern or wires, found both");
  REFUSED(REGULARIZE(product, one, 0, NULL, &options), "model 'TrainModel'",
          "a pattern is for a regularizer of one input, 'Multiply' has 2");
  REFUSED(REGULARIZE(sum, one, 0, NULL, &options), "model 'TrainModel'",
          "the pattern '^k' is found in no input that can be trained; the model has weight, x, "
          "bias, y");
  options.pattern = "(";
  REFUSED(REGULARIZE(sum, one, 0, NULL, &options), "model 'TrainModel'",
          "'(' is no pattern: Unmatched ( or \\(");
  options.pattern = "weight|bias";
  options.key_name = "both";
  REFUSED(REGULARIZE(sum, one, 0, NULL, &options), "model 'TrainModel'",
          "there is a key 'both' already");
  mth_model *parent = new_model(f.context), *owned = new_op(f.context, "Sum");
  EXPECT_INT(mth_model_add(parent, owned, NULL, NULL, 0), MTH_OK);
  options.key_name = NULL;
  REFUSED(REGULARIZE(owned, one, 0, NULL, &options), "model 'TrainModel'",
          "the child 'Sum' has a parent already; add a copy");
  EXPECT_INT(mth_train_model_regularization_count(f.train), 0);
  mth_model_destroy(parent);
  mth_model_destroy(sum);
  mth_model_destroy(product);
  tear_down(&f);
}

TEST(train_model_refusals, metrics_and_combiners) {
  fixture f = set_up();
  mth_model *relu = new_op(f.context, "Relu"), *add = new_op(f.context, "Add");
  const mth_wire wire = MTH_WIRE("input", "x");
  REFUSED(mth_train_model_add_metric(f.train, relu, &wire, 1, NULL), "model 'Relu'",
          "a metric wants at least one wire to an output of the model: y");
  REFUSED(mth_train_model_add_metric(f.train, NULL, &wire, 1, NULL), "model 'TrainModel'",
          "the metric is NULL");
  REFUSED(mth_train_model_set_loss_combiner(f.train, NULL), "model 'TrainModel'",
          "the loss combiner is NULL");
  REFUSED(mth_train_model_set_loss_combiner(f.train, add), "model 'Add'",
          "wants one canonical input, there are 2: left, right");
  mth_model *pair = new_model(f.context), *none = new_model(f.context);
  mth_connection *x = NULL;
  ASSERT(mth_model_add(pair, new_op(f.context, "Sum"), NULL, &MTH_WIRE("input", "x"), 1) == MTH_OK);
  ASSERT(mth_model_add(pair, new_op(f.context, "Mean"), NULL, &MTH_WIRE("input", "x"), 1) ==
         MTH_OK);
  ASSERT(mth_model_add_input(none, "x", NULL, &x) == MTH_OK);
  REFUSED(mth_train_model_set_loss_combiner(f.train, pair), "model 'Model'",
          "wanted a model of one output, it has 2");
  REFUSED(mth_train_model_set_loss_combiner(f.train, none), "model 'Model'",
          "wanted a model of one output, it has 0");
  mth_model_destroy(pair);
  mth_model_destroy(none);
  REFUSED(mth_train_model_set_loss_combiner(f.train, mth_train_model_inner(f.train)),
          "model 'TrainModel'", "the child 'Model' has a parent already; add a copy");
  mth_context *other = new_context();
  mth_model *foreign = new_op(other, "Mean");
  REFUSED(mth_train_model_set_loss_combiner(f.train, foreign), "model 'TrainModel'",
          "the child 'Mean' is of another context");
  mth_model_destroy(foreign);
  mth_context_destroy(other);
  mth_model_destroy(relu);
  mth_model_destroy(add);
  tear_down(&f);
}

TEST(train_model_refusals, finalizing) {
  fixture f = set_up();
  mth_model *model = NULL, *relu = new_op(f.context, "Relu");
  const mth_wire wire = MTH_WIRE("input", "y");
  REFUSED(mth_train_model_finalize(f.train, &model), "model 'TrainModel'",
          "wanted at least one loss, found none");
  ASSERT(add_error(f.train, "y", "t", NULL) == MTH_OK);
  ASSERT(add_sum(f.train, MTH_COEF(1), "weight") == MTH_OK);
  ASSERT(mth_train_model_finalize(f.train, &model) == MTH_OK);
  EXPECT_REFUSED(f.context, f.model, mth_train_model_add_loss(f.train, relu, &wire, 1, NULL),
                 "model 'TrainModel'", "it is finalized and can not be changed");
  EXPECT_REFUSED(f.context, f.model, mth_train_model_add_metric(f.train, relu, &wire, 1, NULL),
                 "model 'TrainModel'", "it is finalized and can not be changed");
  EXPECT_REFUSED(f.context, f.model, add_sum(f.train, MTH_COEF(1), "bias"), "model 'TrainModel'",
                 "it is finalized and can not be changed");
  EXPECT_REFUSED(f.context, f.model, mth_train_model_set_loss_combiner(f.train, relu),
                 "model 'TrainModel'", "it is finalized and can not be changed");
  mth_model_destroy(relu);
  tear_down(&f);
}

// A combiner of which only finalizing sees that it is of no use.
TEST(train_model_refusals, a_cost_that_can_not_be_put_together_leaves_the_parts) {
  fixture f = set_up();
  mth_model *model = NULL, *combiner = new_model(f.context);
  const mth_facts facts = {.shape = &MTH_SHAPE(MTH_N(3))};
  mth_wire wire = MTH_WIRE("input", "input");
  wire.facts = &facts;
  ASSERT(mth_model_append(combiner, new_op(f.context, "Sum"), NULL, &wire, 1) == MTH_OK);
  ASSERT(mth_train_model_set_loss_combiner(f.train, combiner) == MTH_OK);
  ASSERT(add_error(f.train, "y", "s", NULL) == MTH_OK);
  ASSERT(add_error(f.train, "y", "t", NULL) == MTH_OK);
  ASSERT(add_sum(f.train, MTH_COEF(1), "weight") == MTH_OK);
  for (size_t i = 0; i < 2; i++)
    REFUSED(mth_train_model_finalize(f.train, &model),
            "model 'TrainModel', key '$16' (Concat.output)",
            "'Concat.output' and 'Model.input' are to be one tensor, but their shapes are [2] and "
            "[3]");
  ASSERT(add_error(f.train, "y", "u", NULL) == MTH_OK);
  EXPECT_INT(mth_train_model_finalize(f.train, &model), MTH_OK);
  tear_down(&f);
}

// ---- memory -------------------------------------------------------------------------------------

static mth_status build(mth_context *context, mth_train_model **train) {
  mth_model *linear = NULL, *sum = NULL, *model = NULL;
  MTH_TRY(mth_linear(context, 4, true, &linear));
  mth_status status = mth_train_model_create(context, linear, train);
  if (status != MTH_OK) mth_model_destroy(linear);
  MTH_TRY(status);
  for (size_t i = 0; i < 2; i++) {
    mth_model *error = NULL;
    MTH_TRY(mth_model_create_op(context, "SquaredError", NULL, 0, &error));
    const mth_wire wires[] = {MTH_WIRE("input", "output"), MTH_WIRE("target", "target")};
    const mth_loss_options options = {.struct_bytes = sizeof options, .coef = MTH_COEF(2)};
    status = mth_train_model_add_loss(*train, error, wires, 2, &options);
    if (status != MTH_OK) mth_model_destroy(error);
    MTH_TRY(status);
  }
  MTH_TRY(mth_model_create_op(context, "Sum", NULL, 0, &sum));
  const mth_regularization_options options = {.struct_bytes = sizeof options, .pattern = "s$|t$"};
  status = mth_train_model_add_regularization(*train, sum, MTH_COEF(1), NULL, 0, &options);
  if (status != MTH_OK) mth_model_destroy(sum);
  MTH_TRY(status);
  return mth_train_model_finalize(*train, &model);
}

TEST(train_model_refusals, every_allocation_may_fail) {
  mth_status status = MTH_NO_MEMORY;
  size_t n = 0;
  for (; status != MTH_OK && n < 40000; n++) {
    failing_heap heap = {.refused = n};
    const mth_allocator allocator = failing_allocator(&heap);
    const mth_context_options options = {.struct_bytes = sizeof options, .allocator = &allocator};
    mth_context *context = NULL;
    mth_train_model *train = NULL;
    status = mth_context_create(&options, &context);
    if (status == MTH_OK) status = build(context, &train);
    mth_train_model_destroy(train);
    mth_context_destroy(context);
    if (status != MTH_OK) EXPECT_INT(status, MTH_NO_MEMORY);
    if (!harness_check(heap.live == 0, false, __FILE__, __LINE__,
                       "%zu blocks left after allocation %zu failed", heap.live, n))
      return;
  }
  EXPECT_INT(status, MTH_OK);
  EXPECT(n > 100); // the sweep swept something
}
