// turn.h: reading along one loop what vectors want along another.
#ifndef MTH_PASSES_LOOPS_TURN_H
#define MTH_PASSES_LOOPS_TURN_H
#include "passes/loops/nest.h"

// Transposes `lanes` vectors of `lanes` elements in place, by interleaving halves. `lanes` is a
// power of two.
void mth_turn_vectors(mth_writer *w, int64_t lanes, MlirValue *vectors);

// Whether operand `operand` of the generic, or a read in its body, is strided along `vector_loop`
// but contiguous along `other`, and free of data: then it can be turned.
bool mth_can_turn_operand(MlirOperation generic, intptr_t operand, intptr_t vector_loop,
                          intptr_t other);
bool mth_can_turn_read(MlirOperation read, MlirOperation generic, intptr_t vector_loop,
                       intptr_t other);

// Notes in the nest what generics [first, first + count) read that must be turned. False if it is
// more than the nest holds.
bool mth_turn_find(mth_nest *nest, size_t first, size_t count, intptr_t vector_loop,
                   intptr_t other);
// Loads and turns it all: lanes x lanes elements, from `point`'s vector loop on and from `other`.
// Lanes of the vector loop beyond `last` read element `last` again.
MTH_MUST_USE mth_status mth_turn_load(mth_nest *nest, const mth_point *point, intptr_t vector_loop,
                                      intptr_t other, mth_index_value vector_begin,
                                      mth_index_value other_begin, const mth_index_value *last);
#endif
