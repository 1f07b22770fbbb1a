// extent.h: how long a kernel's values are, as expressions over its symbols.
#ifndef MTH_PASSES_LOOPS_EXTENT_H
#define MTH_PASSES_LOOPS_EXTENT_H
#include "ir/dim.h"
#include "passes/loops/writer.h"
#include "runtime/arena.h"

#include "mlir-c/AffineMap.h"

// A kernel function of form 5, 6 or 7, and a table for its expressions.
typedef struct mth_extents {
  mth_dim_table *table;
  mth_arena arena; // for the texts of expressions
  MlirOperation function;
  intptr_t first_symbol, symbol_count; // arguments of the function
} mth_extents;

// Fails  MTH_NO_MEMORY.
MTH_MUST_USE mth_status mth_extents_init(mth_extents *extents, MlirOperation function);
void mth_extents_deinit(mth_extents *extents);

// The extent of dim `dim` of a tensor or memref of the function.
// Fails  MTH_INTERNAL at the function if nothing says what a `?` is, MTH_INVALID there if what says
//        it is no expression.
MTH_MUST_USE mth_status mth_extent_get(mth_extents *extents, MlirValue value, intptr_t dim,
                                       const mth_dim **out_extent);
// The number of iterations of loop `loop` of a linalg.generic.
MTH_MUST_USE mth_status mth_extent_of_loop(mth_extents *extents, MlirOperation generic,
                                           intptr_t loop, const mth_dim **out_extent);
// Index arithmetic in the function as an expression; NULL if it is none.
const mth_dim *mth_extent_of_index(mth_extents *extents, MlirValue index);
// The expression as index arithmetic.
mth_index_value mth_extent_write(mth_extents *extents, mth_writer *w, const mth_dim *extent);

// An expression as an attribute: `512 : i64`, or a text.
MlirAttribute mth_extent_attribute(mth_extents *extents, const mth_dim *extent);

// Runs `run` on every kernel with a body in the module, until one fails.
typedef mth_status mth_kernel_visitor(MlirOperation function, void *user);
MTH_MUST_USE mth_status mth_visit_kernels(MlirOperation module, mth_kernel_visitor *visit,
                                          void *user);
// The linalg.generics of a kernel in order; returns how many, at most `capacity`.
size_t mth_kernel_generics(MlirOperation function, size_t capacity, MlirOperation *out_generics);
// How many loops of every generic are the kernel's grid, and of what rank its tiles are: a grid of
// rank 0 has tiles of rank 1.
int64_t mth_kernel_grid_rank(MlirOperation function);
int64_t mth_kernel_tile_rank(MlirOperation function);
// Of a linalg.generic.
MlirAffineMap mth_generic_map(MlirOperation generic, intptr_t operand);
intptr_t mth_generic_input_count(MlirOperation generic);
intptr_t mth_generic_loop_count(MlirOperation generic);
bool mth_generic_is_reduction(MlirOperation generic, intptr_t loop);
#endif
