// inline.h: putting the body of a model where it is used.
#ifndef MTH_DIALECT_INLINE_H
#define MTH_DIALECT_INLINE_H
#include "dialect/value_map.h"
#include "ir/dim.h"

typedef struct mth_inline_request {
  MlirOperation function; // model whose body is copied; it stays as it is
  intptr_t operand_count;
  const MlirValue *operands;
  MlirOperation before; // the copies go in front of it
  MlirLocation around;  // each copy is located at callsite(its own location at `around`)
  mth_dim_table *dims;
  mth_arena *arena;
  size_t *room; // how many ops may still be copied; counted down
} mth_inline_request;

// A few models that use each other twice stand for more ops than any memory holds, so a pass that
// replaces them by their bodies begins with this room.
enum { mth_inline_room = 1 << 18 };

// Copies the ops of the body, the return excepted, with the symbols of the model bound to the dims
// of the operands. out_values maps every value of the body to its copy.
//
// Fails  MTH_INVALID at request->before if the operands do not fit the model; MTH_UNSUPPORTED
//        there without room. Copies made before the failure stay: the module is thrown away.
MTH_MUST_USE mth_status mth_inline_body(const mth_inline_request *request,
                                        mth_value_map *out_values);
// Counts one op down. Fails as above.
MTH_MUST_USE mth_status mth_inline_count(size_t *room, MlirOperation before);
#endif
