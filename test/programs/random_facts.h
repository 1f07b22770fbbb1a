// random_facts.h: what is known of a model, whatever the order of its children.
#ifndef MTH_TEST_PROGRAMS_RANDOM_FACTS_H
#define MTH_TEST_PROGRAMS_RANDOM_FACTS_H
#include "test/programs/random_plan.h"

// Do two models that were composed in different orders know the same? Keys are compared by name: of
// the models, and of their named children. Classes, families, what is trained, ranks, numbers and
// values must be equal, unknown dims equal up to renaming: where they are written differently
// ([u1 - 2], [u1] and [u1], [u1 + 2]), both models are told numbers, which must mean the same.
// Both models are changed. A difference is added to `failure`.
bool same_facts(mth_model *a, mth_model *b, draws *d, mth_text *failure);
// What is known of each named key, as text for people.
void add_facts(const mth_model *model, mth_text *text);
#endif
