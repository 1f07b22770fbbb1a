// compile_time.c: from a composed model to the end of its first run, in a warm process.
//
// The goals: MLP 784-512-512-10 on a batch of 32, evaluate and gradients, in 200 ms; 12 equal
// transformer blocks compile to as many kernels as 3, in at most 1.5 of the time.
#include "bench/measure/compiled.h"
#include "frontend/mithril.h"
#include "frontend/mlir_writer.h"
#include "ir/models/layers.h"
#include "ir/models/transformer.h"

#include <string.h>
#include <time.h>

enum { ROUNDS = 7, BATCH = 32, TOKENS = 64, WIDTH = 128 };

static void must(mth_status status) { // the context has said why
  if (status != MTH_OK) bench_fail("%s", mth_status_name(status));
}

// A model, the shape of its input, and the entries that are compiled and run.
typedef struct subject {
  mth_context *context;
  mth_model *model;
  mth_shape input;
  mth_entry_kind kinds[2];
  size_t kind_count;
  int kernels, launches; // of the first entry, counted by each run
  double cpu;            // the least processor time of a run, in seconds
} subject;

static const char *entry_name(mth_entry_kind kind) {
  return kind == MTH_ENTRY_GRADIENTS ? "gradients" : "evaluate";
}

// Text, object, loading, binding, one run of each entry.
static void compile_and_run(void *user) {
  subject *const s = user;
  const clock_t start = clock();
  const mth_entry_shape shape = {"input", s->input};
  mth_entry_request entries[2];
  for (size_t i = 0; i < s->kind_count; ++i)
    entries[i] = (mth_entry_request){
        .name = entry_name(s->kinds[i]), .kind = s->kinds[i], .shapes = &shape, .shape_count = 1};
  const mth_write_options options = {.struct_bytes = sizeof options,
                                     .name = "subject",
                                     .entries = entries,
                                     .entry_count = s->kind_count};
  mth_text text = MTH_TEXT_INIT(mth_context_allocator(s->context));
  must(mth_write_module(s->model, &options, &text));
  static bench_compiled compiled;
  bench_load(&compiled, s->context, mth_text_get(&text));
  for (size_t i = 0; i < s->kind_count; ++i) {
    bench_call(&compiled, entries[i].name, 1);
    bench_bind_rest(&compiled, entries[i].name);
    const bench_side run = bench_run_of(&compiled);
    run.run(run.user);
    bench_count_kernels(&compiled, entries[0].name, &s->kernels, &s->launches);
    bench_call_deinit(&compiled);
  }
  bench_compiled_deinit(&compiled);
  mth_text_deinit(&text);
  const double cpu = (double)(clock() - start) / CLOCKS_PER_SEC;
  if (s->cpu == 0 || cpu < s->cpu) s->cpu = cpu;
}

static void mlp(mth_context *context) {
  static const char *const activations[] = {"Relu", "Relu", NULL};
  static const int64_t dimensions[] = {512, 512, 10};
  subject s = {.context = context,
               .input = MTH_SHAPE(MTH_N(BATCH), MTH_N(784)),
               .kinds = {MTH_ENTRY_EVALUATE, MTH_ENTRY_GRADIENTS},
               .kind_count = 2};
  must(mth_mlp(context, 3, activations, dimensions, &s.model));
  const bench_row row = bench_against_goal("mlp_compile_and_first_run", 1,
                                           (bench_side){compile_and_run, &s, NULL}, 0.2, ROUNDS);
  bench_report(&row);
  bench_note("processor time", s.cpu * 1e3, "ms");
  mth_model_destroy(s.model);
}

static subject blocks(mth_context *context, int count, mth_shape input) {
  subject s = {.context = context, .input = input, .kinds = {MTH_ENTRY_EVALUATE}, .kind_count = 1};
  must(mth_model_create(context, "Blocks", &s.model));
  for (int i = 0; i < count; ++i) {
    const mth_attention_options options = {
        .struct_bytes = sizeof options, .dim = WIDTH, .heads = 4};
    mth_model *block;
    must(mth_transformer_block(context, &options, &block));
    must(mth_model_append(s.model, block, NULL, NULL, 0));
  }
  must(mth_model_freeze(s.model));
  return s;
}

static void transformer(mth_context *context) {
  const mth_shape input = MTH_SHAPE(MTH_N(2), MTH_N(TOKENS), MTH_N(WIDTH));
  subject twelve = blocks(context, 12, input), three = blocks(context, 3, input);
  const bench_row row = bench_compare("12_blocks_compile", "3 blocks", 1,
                                      (bench_side){compile_and_run, &twelve, NULL},
                                      (bench_side){compile_and_run, &three, NULL}, ROUNDS);
  bench_report(&row);
  bench_note("12 blocks take of 3", 1 / row.ratio, "(goal 1.5)");
  bench_note("processor time of 12 blocks", twelve.cpu * 1e3, "ms");
  bench_note("processor time of  3 blocks", three.cpu * 1e3, "ms");
  bench_note("kernels of 12 blocks", twelve.kernels, "");
  bench_note("kernels of  3 blocks", three.kernels, "");
  mth_model_destroy(twelve.model);
  mth_model_destroy(three.model);
}

int main(void) {
  mth_context *const context = bench_context();
  mlp(context);
  transformer(context);
  mth_context_destroy(context);
  return 0;
}
