// logic.c: what ops on bits become.
#include "dialect/op_code.h"

static double and_numbers(const double *x) { return x[0] != 0 && x[1] != 0; }
static double or_numbers(const double *x) { return x[0] != 0 || x[1] != 0; }
static double differ_numbers(const double *x) { return (x[0] != 0) != (x[1] != 0); }

static const mth_code codes[] = {
    {.name = "logical_and", .number = and_numbers},
    {.name = "logical_or", .number = or_numbers},
    {.name = "logical_xor", .number = differ_numbers},
    {.name = "logical_not", .algebra = MTH_ALGEBRA_INVOLUTION},
};

const mth_code_family mth_logic_codes = {codes, sizeof codes / sizeof codes[0]};
