// trial.h: an entry tried on made-up inputs: to see that a program runs, what it gives and how long
// it takes. Public.
#ifndef MTH_FRONTEND_TRIAL_H
#define MTH_FRONTEND_TRIAL_H
#include "frontend/inspect.h"
#include "runtime/call.h"

typedef struct mth_trial_options {
  size_t struct_bytes; // sizeof(mth_trial_options)
  const char *entry;   // NULL: the first
  const mth_symbol_value *values;
  size_t value_count;
  uint64_t seed;                  // of the parameters and of the inputs
  size_t thread_count;            // 0: one
  size_t run_count;               // 0: one
  size_t shown_elems;             // of each output; 0: 8
  bool profiles;                  // also adds the time of each launch
  const mth_allocator *allocator; // NULL: the C heap
  const mth_sink *sink;           // NULL: reports are dropped
} mth_trial_options;

// Runs an entry `run_count` times and adds its outputs and the time of a run to `text`. Parameters
// start as the program says. A port that only reads is uniform on [0, 1) if it is float, from the
// stream of its name, and 0 otherwise; a state that is no parameter starts at 0.
//
// Fails  MTH_INVALID: no such entry, an entry whose code comes late, a symbol without a value;
//        whatever the run fails with.
MTH_MUST_USE mth_status mth_trial_run(mth_program *program, const mth_trial_options *options,
                                      mth_text *text);
#endif
