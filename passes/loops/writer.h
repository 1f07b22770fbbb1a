// writer.h: loops, index arithmetic and vectors, appended to a block in one call each.
#ifndef MTH_PASSES_LOOPS_WRITER_H
#define MTH_PASSES_LOOPS_WRITER_H
#include "mlir-c/IR.h"

#include <stdbool.h>
#include <stdint.h>

// Where ops go, and the types they need most.
typedef struct mth_writer {
  MlirContext context;
  MlirLocation loc;
  MlirBlock block; // ops are appended here, before `before` unless that is null
  MlirOperation before;
  MlirType index, i1, i32;
} mth_writer;

mth_writer mth_writer_get(MlirLocation loc, MlirBlock block, MlirOperation before);

// An index that may be known while compiling: `value` is null then.
typedef struct mth_index_value {
  MlirValue value;
  int64_t number;
} mth_index_value;

static inline mth_index_value mth_index_number(int64_t number) {
  return (mth_index_value){{NULL}, number};
}
static inline mth_index_value mth_index_of(MlirValue value) { return (mth_index_value){value, 0}; }
static inline bool mth_index_is(mth_index_value index, int64_t number) {
  return mlirValueIsNull(index.value) && index.number == number;
}

// Arithmetic on indices; what is known is folded.
MlirValue mth_write_index(mth_writer *w, mth_index_value index);
mth_index_value mth_write_add(mth_writer *w, mth_index_value a, mth_index_value b);
mth_index_value mth_write_subtract(mth_writer *w, mth_index_value a, mth_index_value b);
mth_index_value mth_write_multiply(mth_writer *w, mth_index_value a, mth_index_value b);
mth_index_value mth_write_floordiv(mth_writer *w, mth_index_value a, int64_t b); // a >= 0, b > 0
mth_index_value mth_write_modulo(mth_writer *w, mth_index_value a, int64_t b);   // a >= 0, b > 0
mth_index_value mth_write_min(mth_writer *w, mth_index_value a, mth_index_value b);

// An op of one result.
MlirValue mth_write_op(mth_writer *w, const char *name, MlirType type, intptr_t operand_count,
                       const MlirValue *operands);
MlirValue mth_write_op_with(mth_writer *w, const char *name, MlirType type, intptr_t operand_count,
                            const MlirValue *operands, intptr_t attribute_count,
                            const MlirNamedAttribute *attributes);
void mth_write_effect(mth_writer *w, const char *name, intptr_t operand_count,
                      const MlirValue *operands, intptr_t attribute_count,
                      const MlirNamedAttribute *attributes);
// arith.constant of a typed attribute.
MlirValue mth_write_constant(mth_writer *w, MlirType type, MlirAttribute value);
typedef enum mth_predicate { MTH_EQ = 0, MTH_SLT = 2, MTH_SLE = 3, MTH_SGE = 5 } mth_predicate;
MlirValue mth_write_compare(mth_writer *w, mth_predicate predicate, MlirValue a, MlirValue b);

// scf.for from `begin` below `end` by `step`. While the loop is open, ops go into its body;
// `carried` holds the values that go round: on entry the initial ones, inside the loop's own,
// after `mth_close_loop` the final ones.
typedef struct mth_loop {
  MlirOperation op;
  MlirValue induction;
  MlirBlock outer_block;
  MlirOperation outer_before;
} mth_loop;
mth_loop mth_open_loop(mth_writer *w, mth_index_value begin, mth_index_value end,
                       mth_index_value step, intptr_t carried_count, MlirValue *carried);
void mth_close_loop(mth_writer *w, mth_loop *loop, intptr_t carried_count, MlirValue *carried);

// scf.if without an else branch, or with one whose values are given by mth_else.
typedef struct mth_branch {
  MlirOperation op;
  MlirBlock outer_block;
  MlirOperation outer_before;
} mth_branch;
mth_branch mth_open_branch(mth_writer *w, MlirValue condition, intptr_t result_count,
                           const MlirType *results);
void mth_else(mth_writer *w, mth_branch *branch, intptr_t result_count, const MlirValue *results);
// `results`: in, the values of the branch that is open; out, those of the scf.if.
void mth_close_branch(mth_writer *w, mth_branch *branch, intptr_t result_count, MlirValue *results);

// Vectors.
MlirType mth_lanes_type(int64_t lanes, MlirType element);
MlirValue mth_write_broadcast(mth_writer *w, int64_t lanes, MlirValue scalar);
// start + lane * step for each lane, as indices.
MlirValue mth_write_steps(mth_writer *w, int64_t lanes, mth_index_value start, int64_t step);
// The first `count` lanes.
MlirValue mth_write_mask(mth_writer *w, int64_t lanes, mth_index_value count);
#endif
