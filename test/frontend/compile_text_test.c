// compile_text_test.c: the way from text to programs, with a compiler that only echoes.
#include "frontend/compile_text.h"
#include "runtime/call.h"
#include "test/harness/failing_allocator.h"
#include "test/harness/harness.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef struct setting {
  mth_diagnostic diagnostic;
  mth_sink sink;
  mth_context *context;
} setting;

static bool open_setting(setting *s, const mth_allocator *allocator) {
  *s = (setting){0};
  s->sink = mth_sink_keep_first(&s->diagnostic);
  setenv("MITHRIL_COMPILER", MTH_FAKE_COMPILER, 1);
  const mth_context_options options = {
      .struct_bytes = sizeof options, .allocator = allocator, .sink = &s->sink};
  return mth_context_create(&options, &s->context) == MTH_OK;
}

static void close_setting(setting *s) {
  mth_context_destroy(s->context);
  unsetenv("MITHRIL_COMPILER");
}

// Programs that the compiler has loaded and not unloaded.
static int loaded_count(void) {
  void *library = dlopen(MTH_FAKE_COMPILER, RTLD_NOW | RTLD_NOLOAD);
  const int *count = library ? dlsym(library, "fake_compiler_loaded") : NULL;
  const int value = count ? *count : -1;
  if (library) dlclose(library);
  return value;
}

static mth_module_text module_of(const char *text) {
  return (mth_module_text){text, strlen(text), "model.mlir"};
}

TEST(compile_text, what_is_asked_for_reaches_the_compiler) {
  setting s;
  ASSERT(open_setting(&s, NULL));
  const mth_module_text module = module_of("module @m {}");
  const mth_code_options options = {
      .struct_bytes = sizeof options, .cpu = "znver3", .features = "-fma"};
  mth_artifact artifact;
  ASSERT(mth_compile_text_to(s.context, &module, &options, MTH_EMIT_ASM, &artifact) == MTH_OK);
  const char *wanted = "emit 4 cpu znver3 features -fma: module @m {}";
  EXPECT_INT(artifact.byte_count, strlen(wanted));
  EXPECT(memcmp(artifact.bytes, wanted, strlen(wanted)) == 0);
  mth_release(mth_context_allocator(s.context), artifact.bytes);
  close_setting(&s);
}

static void keep_dump(void *user, const char *pass, const char *text, size_t text_bytes) {
  char *kept = user;
  strcat(strncat(strcat(kept, pass), text, text_bytes), ";");
}

TEST(compile_text, dumps_come_back) {
  setting s;
  ASSERT(open_setting(&s, NULL));
  char dumps[64] = "";
  const mth_module_text module = module_of("module @m {}");
  mth_code_options options = {
      .struct_bytes = sizeof options, .dump_after = "all", .dump = keep_dump, .dump_user = dumps};
  mth_artifact artifact;
  ASSERT(mth_compile_text_to(s.context, &module, &options, MTH_EMIT_MLIR, &artifact) == MTH_OK);
  mth_release(mth_context_allocator(s.context), artifact.bytes);
  EXPECT_TEXT(dumps, "alldumped;");
  options.dump = NULL;
  EXPECT(mth_compile_text_to(s.context, &module, &options, MTH_EMIT_MLIR, &artifact) ==
         MTH_INVALID);
  EXPECT_TEXT(s.diagnostic.where, "model.mlir");
  EXPECT_TEXT(s.diagnostic.message, "dump_after is 'all', but nobody receives dumps");
  close_setting(&s);
}

TEST(compile_text, a_program_is_loaded_runs_and_is_unloaded) {
  setting s;
  ASSERT(open_setting(&s, NULL));
  const mth_module_text module = module_of("module @sample {}");
  mth_program *program;
  ASSERT(mth_compile_text(s.context, &module, NULL, &program) == MTH_OK);
  EXPECT_INT(loaded_count(), 1);
  mth_call *call;
  EXPECT(mth_call_create(program, "evaluate", NULL, &call) == MTH_OK);
  mth_call_destroy(call);
  mth_program_destroy(program);
  EXPECT_INT(loaded_count(), 0);
  close_setting(&s);
}

TEST(compile_text, errors_name_the_module) {
  setting s;
  ASSERT(open_setting(&s, NULL));
  mth_module_text module = module_of("bad");
  mth_program *program;
  EXPECT(mth_compile_text(s.context, &module, NULL, &program) == MTH_INVALID);
  EXPECT_TEXT(s.diagnostic.where, "model.mlir");
  EXPECT_TEXT(s.diagnostic.message, "wanted a module, found 'bad'");
  module.name = NULL;
  s.diagnostic.status = MTH_OK;
  EXPECT(mth_compile_text(s.context, &module, NULL, &program) == MTH_INVALID);
  EXPECT_TEXT(s.diagnostic.where, "text");
  s.diagnostic.status = MTH_OK;
  setenv("MITHRIL_COMPILER", "/nowhere/compiler.so", 1);
  EXPECT(mth_compile_text(s.context, &module, NULL, &program) == MTH_INVALID);
  EXPECT(strstr(s.diagnostic.message, "the compiler cannot be opened: /nowhere/compiler.so"));
  const mth_code_options unsized = {0};
  EXPECT(mth_compile_text(s.context, &module, &unsized, &program) == MTH_INVALID);
  close_setting(&s);
}

TEST(compile_text, a_failure_that_nobody_reports_is_want_of_memory) {
  setting s;
  ASSERT(open_setting(&s, NULL));
  const mth_module_text module = module_of("faint");
  mth_program *program;
  EXPECT_INT(mth_compile_text(s.context, &module, NULL, &program), MTH_NO_MEMORY);
  EXPECT_TEXT(s.diagnostic.where, "model.mlir");
  EXPECT_TEXT(s.diagnostic.message, "no memory to compile");
  close_setting(&s);
}

TEST(compile_text, objects_that_are_none_or_of_another_abi_are_refused) {
  setting s;
  ASSERT(open_setting(&s, NULL));
  mth_program *program;
  EXPECT(mth_load_object(NULL, "nonsense", 8, &program) == MTH_INVALID);
  EXPECT(mth_compile_text(s.context, NULL, NULL, &program) == MTH_INVALID);
  EXPECT(mth_load_object(s.context, "nonsense", 8, &program) == MTH_INVALID);
  EXPECT_TEXT(s.diagnostic.where, "object");
  EXPECT_TEXT(s.diagnostic.message, "not an object");
  s.diagnostic.status = MTH_OK;
  EXPECT(mth_load_object(s.context, "emit 0 other abi", 16, &program) == MTH_INVALID);
  EXPECT_TEXT(s.diagnostic.message, "the table is of ABI 99, wanted 1: compile it again");
  EXPECT_INT(loaded_count(), 0);
  close_setting(&s);
}

TEST(compile_text, survives_every_allocation_failure) {
  setting s;
  mth_status status = MTH_NO_MEMORY;
  failing_allocator failing = {.fail_at = -1};
  const mth_allocator allocator = failing_allocator_hook(&failing);
  ASSERT(open_setting(&s, &allocator));
  const mth_module_text module = module_of("module @sample {}");
  const long live = failing.live;
  for (long fail_at = 0; status != MTH_OK; ++fail_at) {
    ASSERT(fail_at < 50);
    mth_program *program = NULL;
    failing.count = 0;
    failing.fail_at = fail_at;
    status = mth_compile_text(s.context, &module, NULL, &program);
    failing.fail_at = -1;
    EXPECT(status == MTH_OK || status == MTH_NO_MEMORY);
    EXPECT(status == MTH_OK || s.diagnostic.status == MTH_NO_MEMORY);
    mth_program_destroy(program);
    EXPECT_INT(failing.live, live);
  }
  close_setting(&s);
}
