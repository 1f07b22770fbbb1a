// random_generate.h: random plans. A plan is found while it is followed: what a step may be depends
// on what the model is by then.
#ifndef MTH_TEST_PROGRAMS_RANDOM_GENERATE_H
#define MTH_TEST_PROGRAMS_RANDOM_GENERATE_H
#include "test/programs/random_refusal.h"

// A plan and the model that came of it, both of the caller. False: a property of refusals does not
// hold, which is added to `failure`; the plan is what was done until then, *out_model NULL.
bool plan_generate(mth_context *context, draws *d, int depth, random_counts *counts,
                   mth_text *failure, plan **out_plan, mth_model **out_model);
#endif
