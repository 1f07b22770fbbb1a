// random_refusal.h: what a refused call must leave behind: the model, equal to a copy made before
// it, and a report with a name of the user's.
#ifndef MTH_TEST_PROGRAMS_RANDOM_REFUSAL_H
#define MTH_TEST_PROGRAMS_RANDOM_REFUSAL_H
#include "test/programs/random_compose.h"

// What a test says of the models it made.
typedef struct random_counts {
  int models, steps, refused, wrong, orders, documents, compiled, run;
  // No equal copy of a step's model; no document, no program, no other order of a model.
  int unwritten, uncompiled;
} random_counts;

// Does the step, which is the last of the plan and is marked if it is refused. `child` is its own.
// False: a property does not hold, which is added to `failure`.
bool random_attempt(composing *c, plan *p, mth_model *child, random_counts *counts,
                    mth_text *failure);
// A call that must be refused, drawn from those that the model allows now.
bool random_wrong(composing *c, draws *d, random_counts *counts, mth_text *failure);
#endif
