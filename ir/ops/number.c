// number.c: what arithmetic, comparison and logic of compile-time numbers mean.
//
// Values  an integer may be symbolic (ir/ops/value.c): then what a dim can say of it is computed,
//         and a comparison waits until it is decided. bools count as 0 and 1; floordiv and mod
//         round down; divide gives floats, power a float where the exponent is below 0. and, or and
//         xor of two bools are bools, else of the bits of integers; a shift moves them.
#include "ir/ops/signature.h"

#include <math.h>

static const mth_dim *number_dim(mth_rule *rule, int64_t value) {
  return mth_dim_constant(mth_rule_dims(rule), value);
}

// ---- arithmetic ---------------------------------------------------------------------------------

typedef enum operation {
  ADD,
  SUBTRACT,
  MULTIPLY,
  DIVIDE,
  FLOORDIV,
  MOD,
  MIN,
  MAX,
} operation;

// A scalar as far as it is known: an integer, or a real number.
typedef struct scalar {
  bool is_known;
  const mth_dim *integer; // NULL: `real`
  double real;
} scalar;

static mth_status read_scalar(mth_rule *rule, const char *key, scalar *out) {
  const mth_arg *value = mth_rule_arg(rule, key);
  int64_t number;
  *out = (scalar){.integer = mth_rule_int(rule, key)};
  if (value && value->kind == MTH_ARG_FLOAT && value->named) return MTH_OK; // not yet a number
  if (value && value->kind == MTH_ARG_BOOL && !(out->integer = number_dim(rule, value->b)))
    return MTH_NO_MEMORY;
  out->is_known = out->integer || (value && value->kind == MTH_ARG_FLOAT);
  if (value && !out->is_known)
    return mth_rule_fail(rule, "'%s' wants a number, found %s", key,
                         mth_rule_value_text(rule, value));
  if (out->is_known) out->real = out->integer ? 0 : value->f;
  if (out->integer && mth_dim_is_constant(out->integer, &number)) out->real = (double)number;
  return MTH_OK;
}

static const mth_dim *compute(mth_dim_table *dims, operation operation, const mth_dim *x,
                              const mth_dim *y) {
  switch (operation) {
  case ADD:
    return mth_dim_add(dims, x, y);
  case SUBTRACT:
    return mth_dim_subtract(dims, x, y);
  case MULTIPLY:
    return mth_dim_multiply(dims, x, y);
  case FLOORDIV:
    return mth_dim_floordiv(dims, x, y);
  case MOD:
    return mth_dim_mod(dims, x, y);
  case MIN:
    return mth_dim_min(dims, x, y);
  case MAX:
    return mth_dim_max(dims, x, y);
  case DIVIDE:
    break;
  }
  return NULL;
}

static mth_status state_real(mth_rule *rule, operation operation, double x, double y) {
  double result = 0;
  switch (operation) {
  case ADD:
    result = x + y;
    break;
  case SUBTRACT:
    result = x - y;
    break;
  case MULTIPLY:
    result = x * y;
    break;
  case DIVIDE:
    result = x / y;
    break;
  case FLOORDIV:
    result = floor(x / y);
    break;
  case MOD:
    result = x - y * floor(x / y);
    break;
  case MIN:
    result = x < y ? x : y;
    break;
  case MAX:
    result = x > y ? x : y;
    break;
  }
  return mth_rule_state_arg(rule, "output", 0, &MTH_ARG_F(NULL, result));
}

// An operand of an integer result is an integer, known or not.
static mth_status open_integer(mth_rule *rule, const char *key, scalar *value) {
  if (value->is_known) return MTH_OK;
  value->integer = mth_dim_fresh(mth_rule_dims(rule));
  value->is_known = true;
  return mth_rule_state_int(rule, key, value->integer);
}

static bool is_number(const scalar *value) {
  return value->is_known && (!value->integer || mth_dim_is_constant(value->integer, NULL));
}

static mth_status infer_binary(mth_rule *rule, operation operation) {
  scalar x, y;
  MTH_TRY(read_scalar(rule, "left", &x));
  MTH_TRY(read_scalar(rule, "right", &y));
  const bool is_integer =
      mth_rule_arg_kind(rule, "output", 0) == MTH_ARG_INT || mth_rule_int(rule, "output") != NULL;
  const bool divides = operation == DIVIDE || operation == FLOORDIV || operation == MOD;
  if (divides && is_number(&y) && y.real == 0)
    return mth_rule_fail(rule, "a number is divided by 0");
  if (is_integer && operation != DIVIDE) {
    MTH_TRY(open_integer(rule, "left", &x));
    MTH_TRY(open_integer(rule, "right", &y));
  }
  if (!x.is_known || !y.is_known) return MTH_OK;
  if (operation != DIVIDE && x.integer && y.integer)
    return mth_rule_state_int(rule, "output",
                              compute(mth_rule_dims(rule), operation, x.integer, y.integer));
  if (!is_number(&x) || !is_number(&y)) return MTH_OK;
  return state_real(rule, operation, x.real, y.real);
}

static mth_status infer_add(mth_rule *rule) { return infer_binary(rule, ADD); }
static mth_status infer_subtract(mth_rule *rule) { return infer_binary(rule, SUBTRACT); }
static mth_status infer_multiply(mth_rule *rule) { return infer_binary(rule, MULTIPLY); }
static mth_status infer_divide(mth_rule *rule) { return infer_binary(rule, DIVIDE); }
static mth_status infer_floordiv(mth_rule *rule) { return infer_binary(rule, FLOORDIV); }
static mth_status infer_mod(mth_rule *rule) { return infer_binary(rule, MOD); }
static mth_status infer_min(mth_rule *rule) { return infer_binary(rule, MIN); }
static mth_status infer_max(mth_rule *rule) { return infer_binary(rule, MAX); }

static mth_status infer_negate(mth_rule *rule) {
  scalar x;
  MTH_TRY(read_scalar(rule, "input", &x));
  if (mth_rule_int(rule, "output")) MTH_TRY(open_integer(rule, "input", &x));
  if (!x.is_known) return MTH_OK;
  if (!x.integer) return mth_rule_state_arg(rule, "output", 0, &MTH_ARG_F(NULL, -x.real));
  mth_dim_table *dims = mth_rule_dims(rule);
  return mth_rule_state_int(rule, "output",
                            mth_dim_subtract(dims, mth_dim_constant(dims, 0), x.integer));
}

// ---- powers -------------------------------------------------------------------------------------

enum { most_factors = 64 }; // beyond it only 0, 1 and -1 have powers that fit

static mth_status infer_power(mth_rule *rule) {
  scalar x, y;
  int64_t exponent;
  MTH_TRY(read_scalar(rule, "left", &x));
  MTH_TRY(read_scalar(rule, "right", &y));
  if (!x.is_known || !y.is_known) return MTH_OK;
  const bool is_whole = x.integer && y.integer;
  if (is_whole && !mth_dim_is_constant(y.integer, &exponent)) return MTH_OK;
  if (is_whole && exponent >= 0) {
    // An exponent as large has the parity of one that is small: 0, 1 and -1 need no more.
    const int64_t factors = exponent > most_factors ? most_factors + exponent % 2 : exponent;
    const mth_dim *power = number_dim(rule, 1);
    for (int64_t i = 0; i < factors; ++i)
      power = mth_dim_multiply(mth_rule_dims(rule), power, x.integer);
    return mth_rule_state_int(rule, "output", power);
  }
  if (!is_number(&x) || !is_number(&y)) return MTH_OK;
  if (x.real == 0 && y.real < 0) return mth_rule_fail(rule, "0 has no power below 0");
  const double power = pow(x.real, y.real);
  if (isnan(power)) return mth_rule_fail(rule, "%g has no power %g", x.real, y.real);
  return mth_rule_state_arg(rule, "output", 0, &MTH_ARG_F(NULL, power));
}

// ---- comparison ---------------------------------------------------------------------------------

typedef enum relation { EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL } relation;

// -1, 0 or 1 as x is less than y, equal or greater; false while that is not decided. Integers are
// compared as such: not all of them are floats.
static bool compare(mth_rule *rule, const scalar *x, const scalar *y, int *out_order) {
  if (x->integer && y->integer) {
    int64_t difference;
    const mth_dim *d = mth_dim_subtract(mth_rule_dims(rule), x->integer, y->integer);
    if (!d || !mth_dim_is_constant(d, &difference)) return false;
    *out_order = (difference > 0) - (difference < 0);
    return true;
  }
  if (!is_number(x) || !is_number(y)) return false;
  *out_order = (x->real > y->real) - (x->real < y->real);
  return true;
}

static mth_status infer_relation(mth_rule *rule, relation relation) {
  scalar x, y;
  int order;
  MTH_TRY(read_scalar(rule, "left", &x));
  MTH_TRY(read_scalar(rule, "right", &y));
  if (!x.is_known || !y.is_known || !compare(rule, &x, &y, &order)) return MTH_OK;
  const bool holds[] = {[EQUAL] = order == 0,  [NOT_EQUAL] = order != 0,
                        [LESS] = order < 0,    [LESS_EQUAL] = order <= 0,
                        [GREATER] = order > 0, [GREATER_EQUAL] = order >= 0};
  return mth_rule_state_arg(rule, "output", 0, &MTH_ARG_B(NULL, holds[relation]));
}

static mth_status infer_equal(mth_rule *rule) { return infer_relation(rule, EQUAL); }
static mth_status infer_not_equal(mth_rule *rule) { return infer_relation(rule, NOT_EQUAL); }
static mth_status infer_less(mth_rule *rule) { return infer_relation(rule, LESS); }
static mth_status infer_less_equal(mth_rule *rule) { return infer_relation(rule, LESS_EQUAL); }
static mth_status infer_greater(mth_rule *rule) { return infer_relation(rule, GREATER); }
static mth_status infer_greater_equal(mth_rule *rule) {
  return infer_relation(rule, GREATER_EQUAL);
}

// ---- bits ---------------------------------------------------------------------------------------

// An integer; *out_bool: it is a bool. False while it is no number.
static mth_status read_bits(mth_rule *rule, const char *key, int64_t *out_bits, bool *out_bool,
                            bool *out_known) {
  scalar value;
  MTH_TRY(read_scalar(rule, key, &value));
  const mth_arg *arg = mth_rule_arg(rule, key);
  if (value.is_known && !value.integer)
    return mth_rule_fail(rule, "'%s' wants an integer or a bool, found %g", key, value.real);
  *out_bool = arg && arg->kind == MTH_ARG_BOOL;
  *out_known = value.is_known && mth_dim_is_constant(value.integer, out_bits);
  return MTH_OK;
}

static mth_status infer_bits(mth_rule *rule, char operation) {
  int64_t x, y;
  bool x_bool, y_bool, x_known, y_known;
  MTH_TRY(read_bits(rule, "left", &x, &x_bool, &x_known));
  MTH_TRY(read_bits(rule, "right", &y, &y_bool, &y_known));
  if (!x_known || !y_known) return MTH_OK;
  const int64_t bits = operation == '&' ? x & y : operation == '|' ? x | y : x ^ y;
  if (x_bool && y_bool) return mth_rule_state_arg(rule, "output", 0, &MTH_ARG_B(NULL, bits != 0));
  return mth_rule_state_int(rule, "output", number_dim(rule, bits));
}

static mth_status infer_and(mth_rule *rule) { return infer_bits(rule, '&'); }
static mth_status infer_or(mth_rule *rule) { return infer_bits(rule, '|'); }
static mth_status infer_xor(mth_rule *rule) { return infer_bits(rule, '^'); }

// x 2^s, x // 2^s: x may be symbolic.
static mth_status infer_shift(mth_rule *rule, operation operation) {
  scalar x;
  int64_t shift;
  bool is_bool, is_known;
  MTH_TRY(read_scalar(rule, "left", &x));
  MTH_TRY(read_bits(rule, "right", &shift, &is_bool, &is_known));
  if (x.is_known && !x.integer)
    return mth_rule_fail(rule, "'left' wants an integer or a bool, found %g", x.real);
  if (!x.is_known || !is_known) return MTH_OK;
  if (shift < 0 || shift > 62)
    return mth_rule_fail(rule, "wanted a shift of 0 to 62, found %lld", (long long)shift);
  const mth_dim *factor = number_dim(rule, INT64_C(1) << shift);
  return mth_rule_state_int(rule, "output",
                            compute(mth_rule_dims(rule), operation, x.integer, factor));
}

static mth_status infer_shift_left(mth_rule *rule) { return infer_shift(rule, MULTIPLY); }
static mth_status infer_shift_right(mth_rule *rule) { return infer_shift(rule, FLOORDIV); }

// ---- the table ----------------------------------------------------------------------------------

#define ANY_VALUE(name_) MTH_NEEDED(name_, MTH_ARG_NONE)

static const mth_op_key value[] = {ANY_VALUE("input")};
static const mth_op_key pair[] = {ANY_VALUE("left"), ANY_VALUE("right")};
static const mth_op_key any[] = {ANY_VALUE("output")};
static const mth_op_key truth[] = {MTH_NEEDED("output", MTH_ARG_BOOL)};
static const mth_op_key integer[] = {MTH_NEEDED("output", MTH_ARG_INT)};

static const mth_op ops[] = {
    MTH_OP("scalar_add", "ScalarAdd", VALUE, pair, any, 0, infer_add),
    MTH_OP("scalar_subtract", "ScalarSubtract", VALUE, pair, any, 0, infer_subtract),
    MTH_OP("scalar_multiply", "ScalarMultiply", VALUE, pair, any, 0, infer_multiply),
    MTH_OP("scalar_divide", "ScalarDivide", VALUE, pair, any, 0, infer_divide),
    MTH_OP("scalar_floordiv", "ScalarFloorDivide", VALUE, pair, any, 0, infer_floordiv),
    MTH_OP("scalar_mod", "ScalarModulo", VALUE, pair, any, 0, infer_mod),
    MTH_OP("scalar_min", "ScalarMinimum", VALUE, pair, any, 0, infer_min),
    MTH_OP("scalar_max", "ScalarMaximum", VALUE, pair, any, 0, infer_max),
    MTH_OP("scalar_negate", "ScalarNegate", VALUE, value, any, 0, infer_negate),
    MTH_OP("scalar_power", "ScalarPower", VALUE, pair, any, 0, infer_power),
    MTH_OP("scalar_equal", "ScalarEqual", VALUE, pair, truth, 0, infer_equal),
    MTH_OP("scalar_not_equal", "ScalarNotEqual", VALUE, pair, truth, 0, infer_not_equal),
    MTH_OP("scalar_less", "ScalarLess", VALUE, pair, truth, 0, infer_less),
    MTH_OP("scalar_less_equal", "ScalarLessEqual", VALUE, pair, truth, 0, infer_less_equal),
    MTH_OP("scalar_greater", "ScalarGreater", VALUE, pair, truth, 0, infer_greater),
    MTH_OP("scalar_greater_equal", "ScalarGreaterEqual", VALUE, pair, truth, 0,
           infer_greater_equal),
    MTH_OP("scalar_and", "ScalarAnd", VALUE, pair, any, 0, infer_and),
    MTH_OP("scalar_or", "ScalarOr", VALUE, pair, any, 0, infer_or),
    MTH_OP("scalar_xor", "ScalarXOr", VALUE, pair, any, 0, infer_xor),
    MTH_OP("scalar_shift_left", "ScalarShiftLeft", VALUE, pair, integer, 0, infer_shift_left),
    MTH_OP("scalar_shift_right", "ScalarShiftRight", VALUE, pair, integer, 0, infer_shift_right),
};

mth_op_table mth_number_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
