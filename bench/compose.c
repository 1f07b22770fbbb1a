// compose.c: composing and inferring deep models, and what is made of them: no compiler.
//
// The goals: 1,000 layers of Linear and Relu in a second, 4,000 in at most 4.5 times that; the same
// when each layer's weight is named, and when all biases are merged into one. Timed until the model
// is frozen; it is thrown away after each run, so that every run finds the heap alike. Then, of one
// such model, each of the things that are made of it: none may grow faster than the model does by
// more than the processor's caches explain.
#include "bench/measure/compiled.h"
#include "frontend/mithril.h"
#include "ir/graph.h"
#include "ir/solver_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { FEW = 1000, MANY = 4000, WIDTH = 64, ROUNDS = 7, STAGE_ROUNDS = 3 };

static void must(mth_status status) { // the context has said why
  if (status != MTH_OK) bench_fail("%s", mth_status_name(status));
}

// How a model is put together, and the one that was.
typedef struct subject {
  size_t layers;
  bool names_weights, merges_biases;
  uint64_t steps; // of the solver, in the last run
  size_t symbols, variables;
  double least; // processor time of a run, in seconds; 0: none yet
  mth_model *model;
  mth_text document; // of the model
} subject;

static double processor_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

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
  const double begin = processor_now();
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
  s->model = model;
  const double took = processor_now() - begin;
  if (s->least == 0 || took < s->least) s->least = took;
}

static void throw_away(void *user) {
  subject *const s = user;
  mth_context *const context = mth_model_context(s->model);
  mth_model_destroy(s->model);
  mth_context_destroy(context);
}

static void measure(const char *few_name, const char *many_name, bool names, bool merges) {
  subject few = {.layers = FEW, .names_weights = names, .merges_biases = merges};
  subject many = {.layers = MANY, .names_weights = names, .merges_biases = merges};
  const bench_side ours = {compose, &many, throw_away}, theirs = {compose, &few, throw_away};
  const bench_row goal = bench_against_goal(few_name, 1, theirs, 1, ROUNDS);
  bench_report(&goal);
  const bench_row row = bench_compare(many_name, "1,000 layers", 1, ours, theirs, ROUNDS);
  bench_report(&row);
  bench_note("4,000 layers take of 1,000", 1 / row.ratio, "(goal 4.5)");
  bench_note("in processor time", many.least / few.least, "");
  bench_note("rules run for 1,000", (double)few.steps, "");
  bench_note("rules run for 4,000", (double)many.steps, "");
  bench_note("symbols of 4,000", (double)many.symbols, "");
  bench_note("variables of 4,000", (double)many.variables, "");
}

// ---- what is made of a model --------------------------------------------------------------------

static mth_text text_of(const subject *s) {
  return MTH_TEXT_INIT(mth_context_allocator(mth_model_context(s->model)));
}

static void flatten(void *user) {
  const subject *const s = user;
  mth_arena arena = MTH_ARENA_INIT(mth_context_allocator(mth_model_context(s->model)));
  const mth_physical_model *physical;
  mth_text text = text_of(s);
  must(mth_physical_model_create(s->model, NULL, &arena, &physical));
  must(mth_physical_model_summary(physical, NULL, &text));
  mth_text_deinit(&text);
  mth_arena_reset(&arena);
}

static void summarize(void *user) {
  mth_text text = text_of(user);
  mth_model_summary(((subject *)user)->model, NULL, &text);
  must(text.status);
  mth_text_deinit(&text);
}

static void write_document(void *user) {
  subject *const s = user;
  mth_text_deinit(&s->document);
  must(mth_write_json(s->model, &s->document));
}

static void read_document(void *user) {
  const subject *const s = user;
  mth_context *const context = bench_context();
  mth_model *model;
  must(mth_read_json(context, s->document.bytes, s->document.byte_count, &model));
  mth_model_destroy(model);
  mth_context_destroy(context);
}

static void copy(void *user) {
  mth_model *made;
  must(mth_model_copy(((subject *)user)->model, &made));
  mth_model_destroy(made);
}

static void write_program(void *user) {
  const subject *const s = user;
  const mth_write_options options = {.struct_bytes = sizeof options};
  mth_text text = text_of(s);
  must(mth_write_module(s->model, &options, &text));
  mth_text_deinit(&text);
}

static void measure_stages(void) {
  static const struct {
    const char *name;
    void (*run)(void *user);
  } stages[] = {
      {"physical_model_of_4000", flatten},
      {"summary_of_4000", summarize},
      {"write_mlir_of_4000", write_program},
      {"read_json_of_4000", read_document},
      // These make copies in the model's context, and what those told the solver stays.
      {"write_json_of_4000", write_document},
      {"copy_of_4000", copy},
  };
  subject few = {.layers = FEW}, many = {.layers = MANY};
  compose(&few);
  compose(&many);
  few.document = text_of(&few);
  many.document = text_of(&many);
  write_document(&few);
  write_document(&many);
  for (size_t i = 0; i < sizeof stages / sizeof *stages; ++i) {
    const bench_row row =
        bench_compare(stages[i].name, "1,000 layers", 1, (bench_side){stages[i].run, &many, NULL},
                      (bench_side){stages[i].run, &few, NULL}, STAGE_ROUNDS);
    bench_report(&row);
    bench_note("4,000 layers take of 1,000", 1 / row.ratio, "");
  }
  mth_text_deinit(&few.document);
  mth_text_deinit(&many.document);
  throw_away(&few);
  throw_away(&many);
}

int main(void) {
  measure("compose_1000_layers", "compose_4000_layers", false, false);
  measure("compose_1000_named", "compose_4000_named", true, false);
  measure("compose_1000_merged", "compose_4000_merged", false, true);
  measure_stages();
  return 0;
}
