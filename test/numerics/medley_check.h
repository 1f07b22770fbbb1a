// medley_check.h: whether compiled code computes what a medley says.
#ifndef MTH_TEST_NUMERICS_MEDLEY_CHECK_H
#define MTH_TEST_NUMERICS_MEDLEY_CHECK_H
#include "test/numerics/medley.h"

// False with what is wrong in `failure`, if that is not NULL.
bool medley_holds(const medley *m, mth_text *failure);

// Makes a program that fails smaller, as long as it fails.
void medley_shrink(medley *m);
#endif
