// json_train_random_test.c: TrainModels put together at random: what is written reads back equal,
// is written the same, and gives the same program.
#include "json_round_trip.h"

enum { train_models = 120, most_terms = 6 };

typedef struct drawing {
  mth_context *context;
  uint64_t state;
  mth_train_model *train;
  int losses, terms; // that were added
} drawing;

static size_t draw(drawing *d, size_t count) {
  d->state = d->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (size_t)(d->state >> 33) % count;
}

static mth_model *one_of(drawing *d, const char *const *names, size_t count) {
  mth_model *model = NULL;
  const mth_arg axis[] = {MTH_ARG_I("axis", -1), MTH_ARG_B("keepdim", true)};
  const char *const name = names[draw(d, count)];
  const bool takes_axis = strcmp(name, "Mean") == 0 || strcmp(name, "Max") == 0;
  EXPECT_INT(mth_model_create_class(d->context, name, axis, takes_axis ? draw(d, 3) : 0, &model),
             MTH_OK);
  return model;
}

static const double one = 1, quarter = 0.25;
static const mth_constant tensors[] = {{.dtype = MTH_F64, .data = &one},
                                       {.dtype = MTH_F64, .data = &quarter}};

static mth_coef draw_coef(drawing *d) {
  static const double numbers[] = {2, 0.1, -1e-30, 1e300};
  const size_t kind = draw(d, 8);
  if (kind < 4) return MTH_COEF(numbers[kind]);
  if (kind == 4) return MTH_COEF(__builtin_inf());
  return MTH_COEF_OF(&tensors[kind & 1]);
}

static mth_model *make_net(drawing *d) {
  mth_model *net = new_model(d->context);
  const bool is_named = draw(d, 2);
  const mth_wire wires[] = {MTH_WIRE("input", is_named ? "x" : NULL), MTH_WIRE("output", "y"),
                            MTH_WIRE("weight", draw(d, 2) ? "w" : NULL)};
  EXPECT_INT(mth_model_add(net, new_linear(d->context, 4), draw(d, 2) ? "head" : NULL, wires, 3),
             MTH_OK);
  const mth_wire more[] = {MTH_WIRE("input", "y"), MTH_WIRE_OUT("output", "z")};
  EXPECT_INT(mth_model_add(net, new_op(d->context, "Tanh"), NULL, more, 2), MTH_OK);
  EXPECT_INT(mth_model_expose(net, key(net, "y"), NULL), MTH_OK);
  return net;
}

static void add_loss(drawing *d, bool is_metric) {
  static const char *const losses[] = {"SquaredError",  "AbsoluteError", "HingeLoss",
                                       "QuadHingeLoss", "QuantileLoss",  "KLDivergence"};
  static const char *const steps[] = {"Sum", "Mean", "Max", "Min", "Relu"};
  static const double target[16] = {1, 0, 1};
  const mth_constant constant = {
      .dtype = MTH_F64, .rank = 2, .extents = (const int64_t[]){4, 4}, .data = target};
  mth_model *made[] = {one_of(d, steps, 5), one_of(d, steps, 5)};
  mth_model *model = one_of(d, losses, 6);
  char name[16];
  snprintf(name, sizeof name, "term%d", d->terms++);
  const char *const key_name = draw(d, 2) ? name : NULL;
  const size_t step_count = draw(d, 3);
  const mth_wire wires[] = {MTH_WIRE("input", draw(d, 2) ? "y" : "z"),
                            draw(d, 3) ? MTH_WIRE("target", draw(d, 2) ? "t" : "u")
                                       : MTH_WIRE_T("target", &constant)};
  const mth_loss_options loss = {.struct_bytes = sizeof loss,
                                 .steps = made,
                                 .step_count = step_count,
                                 .coef = draw(d, 2) ? draw_coef(d) : (mth_coef){0},
                                 .key_name = key_name};
  const mth_metric_options metric = {
      .struct_bytes = sizeof metric, .steps = made, .step_count = step_count, .key_name = key_name};
  const mth_status status = is_metric
                                ? mth_train_model_add_metric(d->train, model, wires, 2, &metric)
                                : mth_train_model_add_loss(d->train, model, wires, 2, &loss);
  d->losses += status == MTH_OK && !is_metric;
  if (status != MTH_OK) mth_model_destroy(model);
  for (size_t i = 0; i < 2; i++)
    if (status != MTH_OK || i >= step_count) mth_model_destroy(made[i]);
}

static void add_regularization(drawing *d) {
  static const char *const regularizers[] = {"L1", "L2"};
  mth_model *model = one_of(d, regularizers, 2);
  const mth_regularization_options options = {.struct_bytes = sizeof options,
                                              .pattern = draw(d, 2) ? "^[wb]" : NULL};
  const mth_wire wire = MTH_WIRE("input", draw(d, 2) ? "bias" : "w");
  const mth_status status = mth_train_model_add_regularization(d->train, model, draw_coef(d), &wire,
                                                               options.pattern ? 0 : 1, &options);
  if (status != MTH_OK) mth_model_destroy(model);
}

static void state_facts(drawing *d) {
  mth_model *const model = mth_train_model_get(d->train);
  mth_connection *const input = mth_model_find(model, "x"), *w = mth_model_find(model, "w");
  if (input && draw(d, 2))
    EXPECT_INT(mth_connection_set_shape(input, MTH_SHAPE(MTH_N(4), MTH_LOCAL("n"))), MTH_OK);
  if (w && draw(d, 3) == 0) EXPECT_INT(mth_connection_set_differentiable(w, false), MTH_OK);
  const mth_initializer start = {MTH_INIT_NORMAL, 0, 0.02, NULL};
  if (w && draw(d, 3) == 0) EXPECT_INT(mth_connection_set_initializer(w, start), MTH_OK);
}

static mth_train_model *compose(drawing *d) {
  static const char *const combiners[] = {"Sum", "Mean", "Max"};
  mth_model *final = NULL;
  EXPECT_INT(mth_train_model_create(d->context, make_net(d), &d->train), MTH_OK);
  state_facts(d);
  for (size_t i = draw(d, most_terms) + 1; i; i--) {
    const size_t kind = draw(d, 4);
    if (kind == 3)
      add_regularization(d);
    else
      add_loss(d, kind == 2);
  }
  if (draw(d, 2)) {
    mth_model *const combiner = one_of(d, combiners, 3);
    if (mth_train_model_set_loss_combiner(d->train, combiner) != MTH_OK)
      mth_model_destroy(combiner);
  }
  if (d->losses && draw(d, 2)) (void)mth_train_model_finalize(d->train, &final);
  state_facts(d);
  return d->train;
}

static bool check(mth_train_model *train, trips *counts) {
  mth_context *context = mth_model_context(mth_train_model_get(train));
  mth_text first = MTH_TEXT_INIT(mth_default_allocator()), second = first, difference = first;
  mth_train_model *again = NULL;
  mth_model *model = NULL, *read = NULL;
  bool is_equal = false;
  const bool is_read =
      mth_write_json_train(train, &first) == MTH_OK &&
      mth_read_json_train(context, mth_text_get(&first), first.byte_count, &again) == MTH_OK;
  EXPECT_TEXT(is_read ? "" : mth_context_diagnostic(context)->message, "");
  if (is_read) {
    EXPECT_INT(mth_model_equal(mth_train_model_get(train), mth_train_model_get(again), &is_equal,
                               &difference),
               MTH_OK);
    EXPECT_TEXT(mth_text_get(&difference), "");
    EXPECT_INT(mth_write_json_train(again, &second), MTH_OK);
    EXPECT_TEXT(mth_text_get(&second), mth_text_get(&first));
  }
  const bool holds = is_read && is_equal && !strcmp(mth_text_get(&first), mth_text_get(&second));
  if (!holds) printf("%s\n", mth_text_get(&first));
  if (holds && mth_train_model_finalize(train, &model) == MTH_OK) {
    EXPECT_INT(mth_train_model_finalize(again, &read), MTH_OK);
    expect_same_programs(model, read, counts);
  }
  counts->documents += holds;
  mth_train_model_destroy(again);
  mth_text_deinit(&difference);
  mth_text_deinit(&second);
  mth_text_deinit(&first);
  return holds;
}

TEST(json_train_random, documents_are_the_same_again) {
  trips counts = {0};
  for (uint64_t seed = 1; seed <= train_models; seed++) {
    drawing d = {.context = new_context(), .state = seed};
    if (!check(compose(&d), &counts)) printf("seed %llu\n", (unsigned long long)seed);
    mth_train_model_destroy(d.train);
    mth_context_destroy(d.context);
  }
  printf("%d documents, %d programs\n", counts.documents, counts.programs);
  EXPECT_INT(counts.documents, train_models);
  EXPECT(counts.programs > train_models / 4);
}
