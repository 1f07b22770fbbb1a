// char_lm: a character-level language model, composed, compiled and trained in this process.
//
//   char_lm [--text FILE] [--steps N] [--threads N] [--seed N] [--sample N] [--losses] [--write
//   FILE]
//
// --losses prints each loss as %a and nothing else; --write writes the program as textual IR, for
// `mithril compile`, and ends.
#include "examples/char_lm/corpus.h"
#include "examples/char_lm/language_model.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { batch = 32, length = 64, dim = 64, heads = 4 };

typedef struct options {
  const char *text, *write;
  int64_t steps, threads, seed, sample;
  bool losses_only;
} options;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool read_options(int argc, char **argv, options *out) {
  *out = (options){.text = "LICENSE", .steps = 600, .threads = 2, .seed = 1, .sample = 300};
  for (int i = 1; i < argc; ++i) {
    const char *name = argv[i];
    if (strcmp(name, "--losses") == 0) {
      out->losses_only = true;
      continue;
    }
    int64_t *number = strcmp(name, "--steps") == 0     ? &out->steps
                      : strcmp(name, "--threads") == 0 ? &out->threads
                      : strcmp(name, "--seed") == 0    ? &out->seed
                      : strcmp(name, "--sample") == 0  ? &out->sample
                                                       : NULL;
    const char **text = strcmp(name, "--text") == 0    ? &out->text
                        : strcmp(name, "--write") == 0 ? &out->write
                                                       : NULL;
    const char *value = ++i < argc ? argv[i] : NULL;
    char *end = NULL;
    if (number && value) *number = strtoll(value, &end, 10);
    if (text && value) *text = value;
    if ((!number && !text) || !value || (number && (*end || *number < 0))) {
      fprintf(stderr,
              "usage: %s [--text FILE] [--steps N] [--threads N] [--seed N] [--sample N]\n"
              "       [--losses] [--write FILE]\n",
              argv[0]);
      return false;
    }
  }
  return true;
}

// Everything that lives as long as the program runs.
typedef struct session {
  options options;
  corpus text;
  mth_context *context;
  mth_model *model, *adam;
  mth_program *program;
  mth_pool *pool;
  mth_parameters *parameters;
  mth_call *step, *next;
} session;

static int fail(const session *s, const char *doing) {
  const mth_diagnostic *said = mth_context_diagnostic(s->context);
  fprintf(stderr, "%s failed: %s%s%s\n", doing, said->where, *said->where ? ": " : "",
          said->message);
  return 1;
}

// Writes the program as textual IR.
static mth_status write_module(const session *s, const mth_entry_request *entries, size_t count) {
  const mth_write_options options = {
      .struct_bytes = sizeof options, .name = "char_lm", .entries = entries, .entry_count = count};
  mth_text module = MTH_TEXT_INIT(mth_context_allocator(s->context));
  mth_status status = mth_write_module(s->model, &options, &module);
  FILE *file = status == MTH_OK ? fopen(s->options.write, "w") : NULL;
  if (status == MTH_OK) {
    const bool written = file && fputs(mth_text_get(&module), file) >= 0;
    const bool closed = file && fclose(file) == 0;
    if (!written || !closed)
      status = mth_fail(MTH_INVALID, (mth_location){mth_context_sink(s->context), s->options.write},
                        "cannot be written");
  }
  mth_text_deinit(&module);
  return status;
}

// `step` trains on [batch, length]; `next` gives logits for one stretch of any length.
static mth_status compile(session *s) {
  const mth_extent trained[] = {MTH_N(batch), MTH_N(length)};
  const mth_extent sampled[] = {MTH_N(1), MTH_DECLARED("T")};
  const mth_entry_shape step_shapes[] = {{"ids", {2, trained}}, {"targets", {2, trained}}};
  const mth_entry_shape next_shapes[] = {{"ids", {2, sampled}}};
  const char *const logits[] = {"logits"};
  const mth_entry_request entries[] = {{.name = "step",
                                        .kind = MTH_ENTRY_STEP,
                                        .loss = "loss",
                                        .optimizer = s->adam,
                                        .shapes = step_shapes,
                                        .shape_count = 2},
                                       {.name = "next",
                                        .kind = MTH_ENTRY_EVALUATE,
                                        .outputs = logits,
                                        .output_count = 1,
                                        .shapes = next_shapes,
                                        .shape_count = 1}};
  if (s->options.write) return write_module(s, entries, 2);
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .name = "char_lm", .entries = entries, .entry_count = 2};
  return mth_compile(s->model, &options, &s->program);
}

static mth_status prepare_calls(session *s) {
  const mth_pool_options pool = {.struct_bytes = sizeof pool,
                                 .thread_count = (size_t)s->options.threads,
                                 .sink = mth_context_sink(s->context)};
  MTH_TRY(mth_pool_create(&pool, &s->pool));
  const mth_parameters_options parameters = {.struct_bytes = sizeof parameters,
                                             .seed = (uint64_t)s->options.seed,
                                             .sink = mth_context_sink(s->context)};
  MTH_TRY(mth_parameters_create(s->program, &parameters, &s->parameters));
  const mth_call_options call = {
      .struct_bytes = sizeof call, .pool = s->pool, .sink = mth_context_sink(s->context)};
  MTH_TRY(mth_call_create(s->program, "step", &call, &s->step));
  MTH_TRY(mth_call_create(s->program, "next", &call, &s->next));
  MTH_TRY(mth_parameters_bind(s->parameters, s->step));
  return mth_parameters_bind(s->parameters, s->next);
}

// ---- training ----

static void show_progress(int64_t step, int64_t steps, double loss, double seconds) {
  const bool on_terminal = isatty(STDOUT_FILENO);
  if (!on_terminal && step % 50 != 0 && step != steps) return;
  const double rate = (double)step / seconds;
  printf("%sstep %5" PRId64 "/%" PRId64 "  loss %.4f  %6.1f steps/s  %4.0f s left%s",
         on_terminal ? "\r" : "", step, steps, loss, rate, (double)(steps - step) / rate,
         on_terminal && step != steps ? "" : "\n");
  fflush(stdout);
}

// Trains and returns the mean loss of the last 50 steps (of all, if there are fewer).
static mth_status train(session *s, double *out_loss, double *out_seconds) {
  static int64_t inputs[batch * length], targets[batch * length];
  int64_t shape[] = {batch, length};
  const DLTensor ids = mth_tensor_make(MTH_I64, 2, shape, inputs);
  const DLTensor wanted = mth_tensor_make(MTH_I64, 2, shape, targets);
  MTH_TRY(mth_call_bind(s->step, "ids", &ids));
  MTH_TRY(mth_call_bind(s->step, "targets", &wanted));
  const int64_t steps = s->options.steps, counted = steps < 50 ? steps : 50;
  double sum = 0;
  const double start = now();
  for (int64_t step = 1; step <= steps; ++step) {
    corpus_batch(&s->text, (uint64_t)s->options.seed, (uint64_t)step, batch, length, inputs,
                 targets);
    MTH_TRY(mth_call_run(s->step));
    const DLTensor *loss;
    MTH_TRY(mth_call_output(s->step, "loss", &loss));
    const double value = *(const float *)mth_tensor_data(loss);
    if (step > steps - counted) sum += value;
    if (s->options.losses_only)
      printf("%a\n", value);
    else
      show_progress(step, steps, value, now() - start);
  }
  *out_seconds = now() - start;
  *out_loss = counted ? sum / (double)counted : NAN;
  MTH_TRY(mth_call_bind(s->step, "ids", NULL));
  return mth_call_bind(s->step, "targets", NULL);
}

// ---- sampling ----

// Draws an id with probability exp(logits) / sum.
static int64_t draw(const float *logits, int64_t count, double uniform) {
  double most = -INFINITY, sum = 0;
  for (int64_t i = 0; i < count; ++i)
    most = fmax(most, logits[i]);
  for (int64_t i = 0; i < count; ++i)
    sum += exp(logits[i] - most);
  double left = uniform * sum;
  for (int64_t i = 0; i < count; ++i)
    if ((left -= exp(logits[i] - most)) < 0) return i;
  return count - 1;
}

// Prints text drawn from the model, a character at a time, each from up to `length` before it.
static mth_status sample(session *s) {
  int64_t context[length], shape[] = {1, 0};
  memcpy(context, s->text.ids, sizeof context[0]);
  DLTensor ids = mth_tensor_make(MTH_I64, 2, shape, context);
  MTH_TRY(mth_call_bind(s->next, "ids", &ids));
  shape[1] = length; // the longest: no run allocates after this
  MTH_TRY(mth_call_reserve(s->next));
  shape[1] = 1;
  for (int64_t i = 0; i < s->options.sample; ++i) {
    MTH_TRY(mth_call_run(s->next));
    const DLTensor *logits;
    MTH_TRY(mth_call_output(s->next, "logits", &logits));
    const float *last =
        (const float *)mth_tensor_data(logits) + (shape[1] - 1) * s->text.vocabulary;
    double uniform;
    mth_random_uniform(MTH_F64, (uint64_t)s->options.seed, 1, (uint64_t)i, 1, &uniform);
    const int64_t id = draw(last, s->text.vocabulary, uniform);
    putchar(s->text.characters[id]);
    if (shape[1] == length)
      memmove(context, context + 1, (length - 1) * sizeof context[0]);
    else
      shape[1] += 1;
    context[shape[1] - 1] = id;
  }
  putchar('\n');
  return mth_call_bind(s->next, "ids", NULL);
}

static void close_session(session *s) {
  mth_call_destroy(s->step);
  mth_call_destroy(s->next);
  mth_parameters_destroy(s->parameters);
  mth_pool_destroy(s->pool);
  mth_program_destroy(s->program);
  mth_model_destroy(s->adam);
  mth_model_destroy(s->model);
  mth_context_destroy(s->context);
  corpus_free(&s->text);
}

static int run(session *s) {
  const bool talks = !s->options.losses_only;
  const language_model_options network = {
      .vocabulary = s->text.vocabulary, .context = length, .dim = dim, .heads = heads};
  const mth_adam_options adam = {.struct_bytes = sizeof adam, .learning_rate = 3e-3};
  double start = now(), loss, seconds;
  if (language_model_create(s->context, &network, &s->model) != MTH_OK ||
      mth_adam(s->context, &adam, &s->adam) != MTH_OK)
    return fail(s, "composing the model");
  if (talks) {
    printf("%zu characters, %" PRId64 " different; entropy %.2f nats, given the one before %.2f\n",
           s->text.length, s->text.vocabulary, corpus_unigram_entropy(&s->text),
           corpus_bigram_entropy(&s->text));
    printf("composed in %.1f ms\n", (now() - start) * 1e3);
  }
  start = now();
  if (compile(s) != MTH_OK) return fail(s, "compiling");
  if (s->options.write) return 0;
  if (talks) printf("compiled in %.0f ms\n", (now() - start) * 1e3);
  if (prepare_calls(s) != MTH_OK) return fail(s, "preparing");
  if (train(s, &loss, &seconds) != MTH_OK) return fail(s, "training");
  if (!talks) return 0;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("mean loss of the last steps %.3f nats; %.2f ms a step; peak memory %.0f MB\n", loss,
         seconds / (double)s->options.steps * 1e3, (double)usage.ru_maxrss / 1024);
  printf("a sample:\n");
  return sample(s) == MTH_OK ? 0 : fail(s, "sampling");
}

int main(int argc, char **argv) {
  session s = {0};
  if (!read_options(argc, argv, &s.options)) return 2;
  if (!corpus_read(s.options.text, &s.text)) return 1;
  if (s.text.length <= length) {
    fprintf(stderr, "'%s' has %zu characters, wanted more than %d\n", s.options.text, s.text.length,
            length);
    corpus_free(&s.text);
    return 1;
  }
  if (mth_context_create(NULL, &s.context) != MTH_OK) {
    fprintf(stderr, "no memory\n");
    return 1;
  }
  const int status = run(&s);
  close_session(&s);
  return status;
}
