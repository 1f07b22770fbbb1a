// named_number.h: numbers that depend on the precision that a program is compiled with. Public.
#ifndef MTH_IR_NAMED_NUMBER_H
#define MTH_IR_NAMED_NUMBER_H
#include "runtime/dtype.h"

typedef enum mth_named_number {
  MTH_NOT_NAMED = 0,
#define MTH_NAMED_NUMBER(enumerator, number, ...) MTH_##enumerator = (number),
#include "ir/named_number.def"
#undef MTH_NAMED_NUMBER
} mth_named_number;

// The number in programs whose floats are of this dtype; MTH_F64 is what models compute with.
double mth_named_number_value(mth_named_number named, mth_dtype dtype);
// "EPSILON"; NULL: not named.
const char *mth_named_number_name(mth_named_number named);
// MTH_NOT_NAMED: there is no such name.
mth_named_number mth_named_number_find(const char *name);
#endif
