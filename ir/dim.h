// dim.h: integer expressions over symbols, in normal form. Dims and the integer values of a
// logical model are both of this kind.
//
// Normal form: a sum of terms, each an integer coefficient times a product of atoms, in a fixed
// order. An atom is a symbol, or floordiv, mod, min or max of expressions. Equal expressions are
// one object of their table, so == on pointers decides equality of normal forms.
//
// Text, also in types of the dialect: "T", "2*T + 1", "B*H", "(T + 15) floordiv 16", "T mod 4",
// "min(T, 64)", "max(T, 1)". A symbol is a C identifier, or '?' and a number for one that the user
// did not name.
#ifndef MTH_IR_DIM_H
#define MTH_IR_DIM_H
#include "runtime/arena.h"
#include "runtime/diagnostic.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct mth_dim mth_dim;
typedef struct mth_dim_table mth_dim_table;

// A table owns its expressions; they live as long as it does.
MTH_MUST_USE mth_status mth_dim_table_create(const mth_allocator *allocator,
                                             mth_dim_table **out_table);
void mth_dim_table_destroy(mth_dim_table *table);
// How many allocations failed so far: tells a maker's NULL for want of memory from a number that
// does not fit.
size_t mth_dim_table_failure_count(const mth_dim_table *table);
// Why the last maker that failed, not for a NULL operand, gave NULL.
typedef enum mth_dim_failure {
  MTH_DIM_FAILURE_NONE,
  MTH_DIM_FAILURE_MEMORY,
  MTH_DIM_FAILURE_RANGE, // a number leaves 63 bits, a sum 4096 terms, a text 65,536 nodes
  MTH_DIM_FAILURE_ZERO,  // a divisor is 0
} mth_dim_failure;
mth_dim_failure mth_dim_table_failure(const mth_dim_table *table);
// Is the expression one of this table?
bool mth_dim_table_has(const mth_dim_table *table, const mth_dim *dim);
// Zeroed storage that dies with the table, or NULL without memory.
void *mth_dim_table_own(mth_dim_table *table, size_t count, size_t element_bytes);

// Makers. Each returns NULL without memory, if an operand is NULL, or if a coefficient leaves 63
// bits, a sum 4096 terms or a text 65,536 nodes; so calls nest, and the outermost result alone is
// checked. Division is by a non-zero divisor, rounding down; a divisor that is constant 0 gives
// NULL.
const mth_dim *mth_dim_constant(mth_dim_table *table, int64_t value);
const mth_dim *mth_dim_symbol(mth_dim_table *table, const char *name); // finds or makes it
const mth_dim *mth_dim_fresh(mth_dim_table *table); // a new unnamed symbol, "?0", "?1", ...
const mth_dim *mth_dim_add(mth_dim_table *table, const mth_dim *a, const mth_dim *b);
const mth_dim *mth_dim_subtract(mth_dim_table *table, const mth_dim *a, const mth_dim *b);
const mth_dim *mth_dim_multiply(mth_dim_table *table, const mth_dim *a, const mth_dim *b);
const mth_dim *mth_dim_floordiv(mth_dim_table *table, const mth_dim *a, const mth_dim *b);
const mth_dim *mth_dim_mod(mth_dim_table *table, const mth_dim *a, const mth_dim *b);
const mth_dim *mth_dim_min(mth_dim_table *table, const mth_dim *a, const mth_dim *b);
const mth_dim *mth_dim_max(mth_dim_table *table, const mth_dim *a, const mth_dim *b);

// Reads the text form. Fails with MTH_INVALID at `at`, naming the column of the text.
MTH_MUST_USE mth_status mth_dim_parse(mth_dim_table *table, const char *text, mth_location at,
                                      const mth_dim **out_dim);
// The text form, lent by the table. Never NULL for a dim that a maker returned... unless memory
// ran out.
const char *mth_dim_text(mth_dim_table *table, const mth_dim *dim);

bool mth_dim_is_constant(const mth_dim *dim, int64_t *out_value); // out_value may be NULL
bool mth_dim_is_symbol(const mth_dim *dim);                       // a bare symbol

// The structure, for code that walks an expression.
typedef enum mth_dim_kind {
  MTH_DIM_CONSTANT, // value
  MTH_DIM_SYMBOL,   // name
  MTH_DIM_ADD,      // two or more operands
  MTH_DIM_MULTIPLY, // two or more operands
  MTH_DIM_FLOORDIV, // two operands, as all below
  MTH_DIM_MOD,
  MTH_DIM_MIN,
  MTH_DIM_MAX,
} mth_dim_kind;

mth_dim_kind mth_dim_get_kind(const mth_dim *dim);
int64_t mth_dim_value(const mth_dim *dim);    // of a constant
const char *mth_dim_name(const mth_dim *dim); // of a symbol
// Of a symbol: its place among those of the table, in the order in which they were made, from 0.
uint32_t mth_dim_symbol_number(const mth_dim *dim);
size_t mth_dim_operand_count(const mth_dim *dim);
const mth_dim *mth_dim_operand(const mth_dim *dim, size_t index);

// Replaces symbols: `replace` returns what a symbol stands for (itself to keep it).
typedef const mth_dim *mth_dim_replace_fn(void *user, const mth_dim *symbol);
const mth_dim *mth_dim_substitute(mth_dim_table *table, const mth_dim *dim,
                                  mth_dim_replace_fn *replace, void *user);

// The value when each symbol has the value that `value_of` gives. Fails (false) on overflow,
// division by zero, or when value_of does.
typedef bool mth_dim_value_fn(void *user, const char *symbol, int64_t *out_value);
bool mth_dim_evaluate(const mth_dim *dim, mth_dim_value_fn *value_of, void *user,
                      int64_t *out_value);
#endif
