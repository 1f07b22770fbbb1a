// given.h: is what a caller gives there? A count with a NULL array is refused before it is read.
// Private to ir/ and frontend/.
#ifndef MTH_IR_GIVEN_H
#define MTH_IR_GIVEN_H
#include "ir/model.h"

// Fails  MTH_INVALID at `at`: "wanted 2 wires, found NULL".
MTH_MUST_USE mth_status mth_check_given(mth_location at, const void *array, size_t count,
                                        const char *what);
// A dim is one of this table.
// Fails  MTH_INVALID: a NULL, with the reason for which the last maker of dims gave it, or a dim of
//        another table. MTH_NO_MEMORY: that reason is want of memory.
MTH_MUST_USE mth_status mth_check_dim(mth_location at, const mth_dim_table *dims,
                                      const mth_dim *dim);
// The same of arguments and of what they hold: strings and models too. A slice has three items.
MTH_MUST_USE mth_status mth_check_args(mth_location at, const mth_dim_table *dims,
                                       const mth_arg *args, size_t count);
// The same of wires and of the parts of lists among them.
MTH_MUST_USE mth_status mth_check_wires(mth_location at, const mth_wire *wires, size_t count);
#endif
