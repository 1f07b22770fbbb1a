// random_shapes.h: random numbers for the shapes of a model's inputs, and the program's shapes
// against those that the model infers.
#ifndef MTH_TEST_PROGRAMS_RANDOM_SHAPES_H
#define MTH_TEST_PROGRAMS_RANDOM_SHAPES_H
#include "test/programs/random_refusal.h"

// `runs`: compiles it and runs it, too. False: the shapes differ, or the compiler refuses them.
bool check_compiled_shapes(const mth_model *model, draws *d, bool runs, random_counts *counts,
                           mth_text *failure);
#endif
