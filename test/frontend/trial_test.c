// trial_test.c: an entry on made-up inputs.
#include "frontend/trial.h"
#include "test/harness/failing_allocator.h"
#include "test/harness/harness.h"
#include "test/harness/sample_program.h"

#include <string.h>

static mth_status try_sample(mth_trial_options options, mth_text *text) {
  const mth_program_source source = {.struct_bytes = sizeof source, .desc = &sample_program};
  mth_program *program;
  MTH_TRY(mth_program_create(&source, &program));
  options.struct_bytes = sizeof options;
  const mth_status status = mth_trial_run(program, &options, text);
  mth_program_destroy(program);
  return status;
}

static const mth_symbol_value values[] = {{"T", 4}, {"B", 1}};

TEST(trial, runs_the_first_entry_and_shows_its_outputs) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  ASSERT(try_sample((mth_trial_options){.values = values, .value_count = 2}, &text) == MTH_OK);
  EXPECT(strncmp(mth_text_get(&text), "output f32 [4] = ", 17) == 0);
  EXPECT(strstr(mth_text_get(&text), "\ntwice f32 [9] = 0 1 2 3 4 5 6 7 ...\n1 run, the "));
  mth_text_deinit(&text);
}

TEST(trial, states_live_from_run_to_run) {
  mth_text once = MTH_TEXT_INIT(mth_default_allocator()), thrice = once;
  mth_trial_options options = {.entry = "step", .values = values, .value_count = 2};
  ASSERT(try_sample(options, &once) == MTH_OK);
  options.run_count = 3;
  ASSERT(try_sample(options, &thrice) == MTH_OK);
  EXPECT(strncmp(mth_text_get(&once), "loss f32 [] = ", 14) == 0);
  EXPECT(strncmp(mth_text_get(&once), mth_text_get(&thrice), 20) != 0);
  EXPECT(strstr(mth_text_get(&thrice), "3 runs, the fastest "));
  mth_text_deinit(&once);
  mth_text_deinit(&thrice);
}

TEST(trial, tells_the_time_of_each_launch) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  const mth_trial_options options = {.values = values, .value_count = 2, .profiles = true};
  ASSERT(try_sample(options, &text) == MTH_OK);
  EXPECT(strstr(mth_text_get(&text), "\nlaunch 0    dot "));
  EXPECT(strstr(mth_text_get(&text), "\nlaunch 1    plus_one "));
  EXPECT(strstr(mth_text_get(&text), " operations/ns\n"));
  mth_text_deinit(&text);
}

static void expect_refusal(mth_trial_options options, const char *message) {
  mth_diagnostic diagnostic = {0};
  const mth_sink sink = mth_sink_keep_first(&diagnostic);
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  options.sink = &sink;
  EXPECT(try_sample(options, &text) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.message, message);
  EXPECT_TEXT(mth_text_get(&text), "");
  mth_text_deinit(&text);
}

TEST(trial, says_what_is_missing) {
  expect_refusal((mth_trial_options){.entry = "train"},
                 "there is no entry 'train', wanted one of 'evaluate', 'step'");
  expect_refusal((mth_trial_options){0}, "the dim T of entry 'evaluate' has no value");
  static const mth_symbol_value huge[] = {{"T", INT64_MAX}};
  expect_refusal((mth_trial_options){.values = huge, .value_count = 1},
                 "a size of entry 'evaluate' is negative or too large");
}

TEST(trial, an_entry_without_code_is_refused) {
  mth_entry_desc late = sample_entries[1];
  late.run = NULL;
  const mth_program_desc desc = {MTH_PROGRAM_ABI, 1, "late", &late};
  mth_diagnostic diagnostic = {0};
  const mth_sink sink = mth_sink_keep_first(&diagnostic);
  const mth_program_source source = {.struct_bytes = sizeof source,
                                     .desc = &desc,
                                     .specialise = (mth_specialise_fn *)(uintptr_t)1};
  mth_program *program;
  ASSERT(mth_program_create(&source, &program) == MTH_OK);
  const mth_trial_options options = {.struct_bytes = sizeof options, .sink = &sink};
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  EXPECT(mth_trial_run(program, &options, &text) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.message, "entry 'step' has no code before its shapes are known");
  mth_program_destroy(program);
}

TEST(trial, survives_every_allocation_failure) {
  mth_status status = MTH_NO_MEMORY;
  for (long fail_at = 0; status != MTH_OK; ++fail_at) {
    ASSERT(fail_at < 100);
    failing_allocator failing = {.fail_at = fail_at};
    const mth_allocator allocator = failing_allocator_hook(&failing);
    mth_text text = MTH_TEXT_INIT(mth_default_allocator());
    status = try_sample(
        (mth_trial_options){.values = values, .value_count = 2, .allocator = &allocator}, &text);
    EXPECT(status == MTH_OK || status == MTH_NO_MEMORY);
    EXPECT_INT(failing.live, 0);
    mth_text_deinit(&text);
  }
}
