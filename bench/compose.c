// compose.c: composing and inferring deep models: no compiler, the solver's own time.
//
// The goals: 1,000 layers of Linear and Relu in a second, 4,000 in at most 4.5 times that; the same
// when each layer's weight is named, and when all biases are merged into one. Timed until the model
// is frozen; throwing it away is not part of it.
#include "bench/measure/compiled.h"
#include "frontend/mithril.h"
#include "ir/graph.h"
#include "ir/solver_core.h"

#include <stdio.h>
#include <stdlib.h>

enum { FEW = 1000, MANY = 4000, WIDTH = 64, ROUNDS = 5, MOST_RUNS = 64 };

static void must(mth_status status) { // the context has said why
  if (status != MTH_OK) bench_fail("%s", mth_status_name(status));
}

// How a model is put together.
typedef struct subject {
  size_t layers;
  bool names_weights, merges_biases;
  uint64_t steps; // of the solver, in the last run
  size_t symbols, variables;
  mth_model *made[MOST_RUNS]; // to be thrown away when all is measured
  size_t made_count;
} subject;

static void append(mth_model *model, mth_model *child, const mth_wire *wires, size_t count) {
  must(mth_model_append(model, child, NULL, wires, count));
}

static void merge_biases(mth_model *model, size_t layers) {
  mth_connection **biases = calloc(layers, sizeof(mth_connection *));
  size_t count = 0;
  for (size_t i = 0; biases && i < mth_model_child_count(model); ++i) {
    mth_connection *bias = mth_model_find(mth_model_child(model, i), "bias");
    if (bias) biases[count++] = bias;
  }
  if (count != layers) bench_fail("wanted %zu biases, found %zu", layers, count);
  must(mth_model_merge(model, biases, count, "bias"));
  free(biases);
}

// A chain of layers in a context of its own, frozen.
static void compose(void *user) {
  subject *const s = user;
  mth_context *const context = bench_context();
  mth_model *model, *child;
  char name[32];
  must(mth_model_create(context, NULL, &model));
  for (size_t i = 0; i < s->layers; ++i) {
    snprintf(name, sizeof name, "w%zu", i);
    const mth_wire wires[] = {MTH_WIRE("weight", name)};
    must(mth_linear(context, WIDTH, true, &child));
    append(model, child, wires, s->names_weights ? 1 : 0);
    must(mth_model_create_op(context, "relu", NULL, 0, &child));
    append(model, child, NULL, 0);
  }
  if (s->merges_biases) merge_biases(model, s->layers);
  mth_connection *input;
  must(mth_model_canonical_input(model, &input));
  must(mth_connection_set_shape(input, MTH_SHAPE(MTH_N(8), MTH_N(WIDTH))));
  must(mth_model_freeze(model));
  s->steps = mth_solver_run_count(context->solver);
  s->symbols = context->solver->symbols.count;
  s->variables = context->solver->vars.count;
  if (s->made_count == MOST_RUNS) bench_fail("more than %d runs of one subject", (int)MOST_RUNS);
  s->made[s->made_count++] = model;
}

static void throw_away(subject *s) {
  for (size_t i = 0; i < s->made_count; ++i) {
    mth_context *const context = mth_model_context(s->made[i]);
    mth_model_destroy(s->made[i]);
    mth_context_destroy(context);
  }
  s->made_count = 0;
}

static void measure(const char *few_name, const char *many_name, bool names, bool merges) {
  subject few = {.layers = FEW, .names_weights = names, .merges_biases = merges};
  subject many = {.layers = MANY, .names_weights = names, .merges_biases = merges};
  const bench_row goal = bench_against_goal(few_name, 1, (bench_side){compose, &few}, 1, ROUNDS);
  bench_report(&goal);
  throw_away(&few);
  const bench_row row = bench_compare(many_name, "1,000 layers", 1, (bench_side){compose, &many},
                                      (bench_side){compose, &few}, ROUNDS);
  bench_report(&row);
  bench_note("4,000 layers take of 1,000", 1 / row.ratio, "(goal 4.5)");
  bench_note("rules run for 1,000", (double)few.steps, "");
  bench_note("rules run for 4,000", (double)many.steps, "");
  bench_note("symbols of 4,000", (double)many.symbols, "");
  bench_note("variables of 4,000", (double)many.variables, "");
  throw_away(&few);
  throw_away(&many);
}

int main(void) {
  measure("compose_1000_layers", "compose_4000_layers", false, false);
  measure("compose_1000_named", "compose_4000_named", true, false);
  measure("compose_1000_merged", "compose_4000_merged", false, true);
  return 0;
}
