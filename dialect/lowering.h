// lowering.h: what core ops become inside kernels. One row per core op, in
// dialect/ops/lower_<family>.c.
//
// A kernel is made from rows alone: fusion looks at kinds, accesses and costs; code comes from the
// scalar functions. Nothing here knows tensors of MLIR.
#ifndef MTH_DIALECT_LOWERING_H
#define MTH_DIALECT_LOWERING_H
#include "ir/build.h"
#include "mlir-c/IR.h"

// How an op makes the elements of its result.
typedef enum mth_lowering_kind {
  MTH_LOWERING_MAP,      // result[i] = scalar(each operand at access(i))
  MTH_LOWERING_VIEW,     // result[i] = operand 0 at access(i)
  MTH_LOWERING_RESHAPE,  // operand 0's elements in row-major order under another shape
  MTH_LOWERING_REDUCE,   // folds axes of operand 0: accumulator = scalar(element, accumulator)
  MTH_LOWERING_CONTRACT, // sums of products that must still be packed
  MTH_LOWERING_PACKED,   // sums of products of packed operands
  MTH_LOWERING_SCATTER,  // folds rows of operand 1 into the result rows that operand 0 names
} mth_lowering_kind;

// Where an element lies along one axis: start + sum of step[t]*loop[t]. A loop is a number that the
// caller gave a meaning; -1: this term and those after it are absent.
enum { mth_index_terms = 4 };
typedef struct mth_index {
  const mth_dim *start;
  int64_t step[mth_index_terms];
  int32_t loop[mth_index_terms];
} mth_index;

// A core op with the types of its values.
typedef struct mth_core_op {
  const mth_op_site *site;
  const struct mth_lowering *lowering;
  const mth_type *operands, *results;
} mth_core_op;

// Writes the code of one scalar. Values of bool tensors are i1 here, f16 and bf16 are f32.
typedef struct mth_scalar mth_scalar;
struct mth_scalar {
  MlirContext context;
  MlirBlock block; // ops are appended here
  MlirLocation loc;
  const mth_core_op *op;
  mth_dtype dtype; // of the scalar to make, and of REDUCE's operands
  // The element's index along an axis of the result, of type index.
  MlirValue (*index)(mth_scalar *scalar, size_t axis);
  // An extent of an operand (from 0) or of the result (-1), of type index.
  MlirValue (*extent)(mth_scalar *scalar, int operand, size_t axis);
  // The element of an operand of `random_access` at these indices, which must lie inside.
  MlirValue (*read)(mth_scalar *scalar, size_t operand, const MlirValue *indices);
};

typedef struct mth_lowering {
  const char *name; // of the op
  mth_lowering_kind kind;
  int cost;     // of a scalar, in additions; above mth_cheap it is kept rather than made twice
  bool indexed; // `scalar` calls `index`
  bool masked;  // an access may lie outside of the operand; the element is zero there
  unsigned random_access; // bit i: `scalar` reads operand i itself; operands[i] is null
  MlirValue (*scalar)(mth_scalar *scalar, const MlirValue *operands);
  // Where operand `operand` is read for the result's element at `result`, one index per axis.
  // NULL: numpy broadcasting. False: not expressible; the value must be materialised first.
  bool (*access)(mth_dim_table *dims, const mth_core_op *op, size_t operand,
                 const mth_index *result, mth_index *out);
  // REDUCE: which axes of operand 0 are folded, and what the accumulator starts at.
  void (*axes)(const mth_core_op *op, bool *out_folded);
  MlirValue (*identity)(mth_scalar *scalar);
  // CONTRACT: writes the op as packs and a PACKED op, for register tiles of rows x columns.
  mth_status (*pack)(mth_builder *builder, const mth_op_site *site, int64_t rows, int64_t columns,
                     mth_value *out_result);
} mth_lowering;

enum { mth_cheap = 6, mth_axes_max = 32 };

// The rows of one file of dialect/ops.
typedef struct mth_lowering_family {
  const mth_lowering *rows;
  size_t count;
} mth_lowering_family;

// The row of an op, or NULL if it is not a core op.
const mth_lowering *mth_lowering_of(const mth_op *op);
// Whether decomposition ends at this op: it has a lowering or is a C kernel.
bool mth_op_is_core(const mth_op *op);

// Whether the op's scalar reads this operand itself. A list of operands may be longer than the set
// of bits: none of those behind its end has one.
bool mth_lowering_reads_itself(const mth_lowering *lowering, size_t operand);

// The access of any operand by any row: the row's own, or numpy broadcasting.
bool mth_lowering_access(mth_dim_table *dims, const mth_core_op *op, size_t operand,
                         const mth_index *result, mth_index *out);

// An index that is the same for all loops.
mth_index mth_index_constant(const mth_dim *start);
// An index that is one loop.
mth_index mth_index_loop(mth_dim_table *dims, size_t loop);
// out = start + scale * a + b. `start` and `b` may be NULL. False: more than mth_index_terms loops
// take part, or a number does not fit.
bool mth_index_combine(mth_dim_table *dims, const mth_dim *start, int64_t scale, const mth_index *a,
                       const mth_index *b, mth_index *out);
#endif
