// mithril: compiles, inspects and runs programs from the command line. Arguments in, files out; the
// rest is the library's.
#include "frontend/compile_text.h"
#include "frontend/json.h"
#include "frontend/mlir_writer.h"
#include "frontend/op_library.h"
#include "frontend/trial.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Exit codes.
enum { exit_ok = 0, exit_refused = 1, exit_usage = 2, exit_broken = 3 };

static const char *const help_text =
    "Usage: mithril COMMAND FILE [OPTION...]\n"
    "\n"
    "Commands\n"
    "  compile   make an object and its C header from a module (FILE.mlir) or a model "
    "(FILE.json);\n"
    "            a TrainModel gets the entries evaluate and gradients\n"
    "  inspect   tell entries, ports, launches and memory of these or of an object (FILE.o)\n"
    "  run       run one entry of these on made-up inputs\n"
    "\n"
    "Options of compile\n"
    "  -o PATH             where to write. An object's header goes beside it, as PATH with .h;\n"
    "                      -o - writes the object alone to the standard output.\n"
    "                      Default: FILE with .o; text goes to the standard output\n"
    "  --emit=KIND         obj (default), header, mlir (after form-kernels), linalg, llvm, asm\n"
    "\n"
    "Options of compile, and of inspect and run of a module\n"
    "  --cpu=NAME          native (default) or a name that LLVM knows\n"
    "  --features=LIST     such as +avx2,-fma\n"
    "  --load-op-library=FILE  ops of one's own (docs/add-an-op.md); may be repeated\n"
    "  --dump-after=PASS   print the IR after a pass, or after all, to the standard error\n"
    "\n"
    "Options of inspect and run\n"
    "  --dim NAME=VALUE    the value of a symbolic dim; may be repeated\n"
    "\n"
    "Options of run\n"
    "  --entry=NAME        default: the first\n"
    "  --threads=N         default: 1\n"
    "  --runs=N            default: 1\n"
    "  --seed=N            of parameters and inputs; default: 0\n"
    "  --profile           tell the time of each launch\n"
    "\n"
    "  --help, --version\n"
    "\n"
    "Exit code: 0 done, 1 the input was refused, 2 wrong arguments, 3 no memory or a broken\n"
    "invariant. Errors name file, line and column.\n";

enum { most_dims = 64, most_libraries = 64 };

typedef struct arguments {
  const char *command, *file, *output;
  mth_emit emit;
  mth_code_options code;
  mth_symbol_value dims[most_dims];
  size_t dim_count;
  const char *libraries[most_libraries];
  size_t library_count;
  mth_trial_options trial;
} arguments;

static const struct {
  const char *name;
  mth_emit emit;
} emit_names[] = {{"obj", MTH_EMIT_OBJECT},    {"header", MTH_EMIT_HEADER}, {"mlir", MTH_EMIT_MLIR},
                  {"linalg", MTH_EMIT_LINALG}, {"llvm", MTH_EMIT_LLVM},     {"asm", MTH_EMIT_ASM}};

enum {
  option_emit = 1,
  option_cpu,
  option_features,
  option_dump,
  option_library,
  option_dim,
  option_entry,
  option_threads,
  option_runs,
  option_seed,
  option_profile,
  option_help,
  option_version
};

static const struct option options[] = {
    {"emit", required_argument, NULL, option_emit},
    {"cpu", required_argument, NULL, option_cpu},
    {"features", required_argument, NULL, option_features},
    {"load-op-library", required_argument, NULL, option_library},
    {"dump-after", required_argument, NULL, option_dump},
    {"dim", required_argument, NULL, option_dim},
    {"entry", required_argument, NULL, option_entry},
    {"threads", required_argument, NULL, option_threads},
    {"runs", required_argument, NULL, option_runs},
    {"seed", required_argument, NULL, option_seed},
    {"profile", no_argument, NULL, option_profile},
    {"help", no_argument, NULL, option_help},
    {"version", no_argument, NULL, option_version},
    {NULL, 0, NULL, 0},
};

static void print_diagnostic(void *user, const mth_diagnostic *diagnostic) {
  (void)user;
  fprintf(stderr, "%s: error: %s\n", *diagnostic->where ? diagnostic->where : "mithril",
          diagnostic->message);
}

static void print_dump(void *user, const char *pass, const char *text, size_t text_bytes) {
  (void)user;
  fprintf(stderr, "// ---- after %s ----\n%.*s\n", pass, (int)text_bytes, text);
}

static int exit_code(mth_status status) {
  switch (status) {
  case MTH_OK:
    return exit_ok;
  case MTH_INVALID:
  case MTH_UNSUPPORTED:
    return exit_refused;
  case MTH_NO_MEMORY:
  case MTH_INTERNAL:
    break;
  }
  return exit_broken;
}

static int usage_error(const char *what, const char *value) {
  fprintf(stderr, "mithril: error: %s%s%s%s\nmithril: 'mithril --help' tells the rest\n", what,
          value ? " '" : "", value ? value : "", value ? "'" : "");
  return exit_usage;
}

// Reads a whole number that is not negative.
static bool read_number(const char *text, uint64_t *out) {
  char *end;
  errno = 0;
  const unsigned long long value = strtoull(text, &end, 10);
  if (*text < '0' || *text > '9' || *end || errno) return false;
  *out = value;
  return true;
}

// Reads "T=7". Cuts the text at '='.
static bool read_dim(char *text, mth_symbol_value *out) {
  char *equals = strchr(text, '=');
  uint64_t value;
  if (!equals || equals == text || !read_number(equals + 1, &value) || value > INT64_MAX)
    return false;
  *equals = 0;
  *out = (mth_symbol_value){text, (int64_t)value};
  return true;
}

static int read_arguments(int argc, char **argv, arguments *a) {
  opterr = 0;
  for (int option; (option = getopt_long(argc, argv, "o:", options, NULL)) != -1;) {
    uint64_t number = 0;
    const bool wants_number =
        option == option_threads || option == option_runs || option == option_seed;
    if (wants_number && !read_number(optarg, &number))
      return usage_error("wanted a whole number, found", optarg);
    switch (option) {
    case 'o':
      a->output = optarg;
      break;
    case option_cpu:
      a->code.cpu = optarg;
      break;
    case option_features:
      a->code.features = optarg;
      break;
    case option_dump:
      a->code.dump_after = optarg;
      break;
    case option_entry:
      a->trial.entry = optarg;
      break;
    case option_threads:
      a->trial.thread_count = number;
      break;
    case option_runs:
      a->trial.run_count = number;
      break;
    case option_seed:
      a->trial.seed = number;
      break;
    case option_profile:
      a->trial.profiles = true;
      break;
    case option_emit: {
      size_t k = 0;
      while (k < sizeof emit_names / sizeof emit_names[0] &&
             strcmp(emit_names[k].name, optarg) != 0)
        ++k;
      if (k == sizeof emit_names / sizeof emit_names[0])
        return usage_error("wanted obj, header, mlir, linalg, llvm or asm, found", optarg);
      a->emit = emit_names[k].emit;
      break;
    }
    case option_library:
      if (a->library_count == most_libraries) return usage_error("too many libraries, at", optarg);
      a->libraries[a->library_count++] = optarg;
      break;
    case option_dim:
      if (a->dim_count == most_dims) return usage_error("too many dims, at", optarg);
      if (!read_dim(optarg, &a->dims[a->dim_count++]))
        return usage_error("wanted NAME=VALUE, found", optarg);
      break;
    case option_help:
      fputs(help_text, stdout);
      exit(exit_ok);
    case option_version:
      puts("mithril " MTH_VERSION);
      exit(exit_ok);
    default:
      return usage_error("unknown or incomplete option", argv[optind - 1]);
    }
  }
  if (argc - optind < 2) return usage_error("wanted a command and a file", NULL);
  if (argc - optind > 2) return usage_error("one argument too many:", argv[optind + 2]);
  a->command = argv[optind];
  a->file = argv[optind + 1];
  a->trial.values = a->dims;
  a->trial.value_count = a->dim_count;
  return exit_ok;
}

static mth_status read_file(const char *path, mth_location at, mth_artifact *out) {
  FILE *file = fopen(path, "rb");
  size_t capacity = 0;
  *out = (mth_artifact){NULL, 0};
  if (!file) return mth_fail(MTH_INVALID, at, "cannot be read: %s", strerror(errno));
  do {
    capacity = capacity ? capacity * 2 : 65536;
    void *larger = realloc(out->bytes, capacity);
    if (!larger) break;
    out->bytes = larger;
    out->byte_count += fread((char *)larger + out->byte_count, 1, capacity - out->byte_count, file);
  } while (out->byte_count == capacity);
  const bool failed = ferror(file) != 0, is_whole = feof(file) != 0;
  fclose(file);
  if (failed) return mth_fail(MTH_INVALID, at, "cannot be read");
  return is_whole ? MTH_OK : mth_fail(MTH_NO_MEMORY, at, "no memory to read it");
}

// `path` may be NULL: the standard output.
static mth_status write_file(const char *path, mth_artifact bytes, const mth_sink *sink) {
  const mth_location at = {sink, path ? path : "standard output"};
  FILE *file = path ? fopen(path, "wb") : stdout;
  if (!file) return mth_fail(MTH_INVALID, at, "cannot be written: %s", strerror(errno));
  const size_t written = fwrite(bytes.bytes, 1, bytes.byte_count, file);
  const bool failed = (path ? fclose(file) : fflush(file)) != 0 || written != bytes.byte_count;
  return failed ? mth_fail(MTH_INVALID, at, "cannot be written") : MTH_OK;
}

// `path` with its extension replaced.
static mth_status change_extension(const char *path, const char *extension, mth_location at,
                                   char *out, size_t out_bytes) {
  const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
  const int stem = (int)(dot ? (size_t)(dot - path) : strlen(path));
  const int length = snprintf(out, out_bytes, "%.*s%s", stem, path, extension);
  if (length < 0 || (size_t)length >= out_bytes)
    return mth_fail(MTH_INVALID, at, "too long a path");
  return MTH_OK;
}

static bool has_extension(const char *path, const char *extension) {
  const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
  return dot && strcmp(dot, extension) == 0;
}

static bool has_parameters(const mth_model *model) {
  for (size_t i = 0; i < mth_model_connection_count(model); ++i)
    if (mth_connection_is_differentiable(mth_model_connection(model, i))) return true;
  return false;
}

// A TrainModel's module evaluates it and, if it has parameters, gives the gradients of its cost.
static mth_status write_training(mth_train_model *train, mth_text *text) {
  const mth_entry_request entries[] = {
      {.name = "evaluate"},
      {.name = "gradients", .kind = MTH_ENTRY_GRADIENTS, .loss = "final_cost"}};
  mth_write_options write = {.struct_bytes = sizeof write, .entries = entries};
  mth_model *model = NULL;
  MTH_TRY(mth_train_model_finalize(train, &model));
  write.entry_count = has_parameters(model) ? 2 : 1;
  return mth_write_module(model, &write, text);
}

// A model is compiled by way of its module, which evaluates it.
static mth_status write_module(mth_context *context, const char *path, mth_text *text) {
  const mth_write_options write = {.struct_bytes = sizeof write};
  mth_model *model = NULL;
  mth_train_model *train = NULL;
  MTH_TRY(mth_read_json_any_file(context, path, &model, &train));
  const mth_status status =
      train ? write_training(train, text) : mth_write_module(model, &write, text);
  mth_model_destroy(model);
  mth_train_model_destroy(train);
  return status;
}

static mth_status compile_to_file(mth_context *context, const mth_module_text *module,
                                  const arguments *a, mth_emit emit, const char *path) {
  mth_artifact artifact;
  MTH_TRY(mth_compile_text_to(context, module, &a->code, emit, &artifact));
  const mth_status status = write_file(path, artifact, mth_context_sink(context));
  mth_release(mth_context_allocator(context), artifact.bytes);
  return status;
}

static mth_status compile(mth_context *context, const mth_module_text *module, const arguments *a) {
  const mth_location at = {mth_context_sink(context), a->file};
  const bool to_stdout = a->output && strcmp(a->output, "-") == 0;
  const char *object = to_stdout ? NULL : a->output;
  char beside[4096], header[4096];
  if (a->emit != MTH_EMIT_OBJECT || to_stdout)
    return compile_to_file(context, module, a, a->emit, object);
  if (!object) {
    MTH_TRY(change_extension(a->file, ".o", at, beside, sizeof beside));
    object = beside;
  }
  MTH_TRY(change_extension(object, ".h", at, header, sizeof header));
  MTH_TRY(compile_to_file(context, module, a, MTH_EMIT_OBJECT, object));
  return compile_to_file(context, module, a, MTH_EMIT_HEADER, header);
}

static mth_status show(mth_context *context, const mth_module_text *module, const arguments *a) {
  mth_program *program;
  if (has_extension(a->file, ".o"))
    MTH_TRY(mth_load_object(context, module->text, module->text_bytes, &program));
  else
    MTH_TRY(mth_compile_text(context, module, &a->code, &program));
  mth_text text = MTH_TEXT_INIT(mth_context_allocator(context));
  mth_status status = MTH_OK;
  if (strcmp(a->command, "run") == 0)
    status = mth_trial_run(program, &a->trial, &text);
  else
    mth_inspect_program(program, a->dims, a->dim_count, &text);
  if (status == MTH_OK) status = text.status;
  fputs(mth_text_get(&text), stdout);
  mth_text_deinit(&text);
  mth_program_destroy(program);
  return status;
}

int main(int argc, char **argv) {
  const mth_sink sink = {print_diagnostic, NULL};
  arguments a = {.emit = MTH_EMIT_OBJECT,
                 .code = {.struct_bytes = sizeof a.code, .dump = print_dump},
                 .trial = {.struct_bytes = sizeof a.trial, .sink = &sink}};
  const int usage = read_arguments(argc, argv, &a);
  if (usage != exit_ok) return usage;
  const bool is_compile = strcmp(a.command, "compile") == 0;
  if (!is_compile && strcmp(a.command, "inspect") != 0 && strcmp(a.command, "run") != 0)
    return usage_error("wanted compile, inspect or run, found", a.command);

  const mth_context_options context_options = {.struct_bytes = sizeof context_options,
                                               .sink = &sink};
  mth_context *context = NULL;
  mth_artifact file = {NULL, 0};
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  const bool is_model = has_extension(a.file, ".json");
  mth_status status = MTH_OK;
  if (!is_model) status = read_file(a.file, (mth_location){&sink, a.file}, &file);
  if (status == MTH_OK) status = mth_context_create(&context_options, &context);
  for (size_t i = 0; i < a.library_count && status == MTH_OK; ++i)
    status = mth_load_op_library(context, a.libraries[i]);
  if (status == MTH_OK && is_model) status = write_module(context, a.file, &text);
  if (status == MTH_OK) {
    const mth_module_text module = {is_model ? text.bytes : file.bytes,
                                    is_model ? text.byte_count : file.byte_count, a.file};
    status = is_compile ? compile(context, &module, &a) : show(context, &module, &a);
  }
  mth_context_destroy(context);
  mth_text_deinit(&text);
  free(file.bytes);
  return exit_code(status);
}
