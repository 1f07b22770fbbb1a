// element.c: conversion between elements and f64.
#include "runtime/element.h"

#include <math.h>
#include <string.h>

// The bits of `value` in a format of `exponent_bits` and `mantissa_bits`, sign on top; f16 is 5 and
// 10, bf16 is 8 and 7. In C, because not every libgcc converts these types.
static uint16_t narrow_float(double value, int exponent_bits, int mantissa_bits) {
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const uint32_t sign = (uint32_t)(signbit(value) != 0) << (exponent_bits + mantissa_bits);
  const uint32_t infinity = ((1u << exponent_bits) - 1) << mantissa_bits;
  if (isnan(value)) return (uint16_t)(sign | infinity | 1u << (mantissa_bits - 1));
  if (isinf(value)) return (uint16_t)(sign | infinity);
  if (value == 0) return (uint16_t)sign;
  int exponent;
  frexp(value, &exponent); // |value| = m * 2^exponent, m in [0.5, 1)
  int place = exponent - 1 + bias;
  if (place < 1) place = 1; // subnormals share the smallest normals' spacing
  // An integer number of units in the last place; nearbyint rounds ties to even by default. A carry
  // out of the mantissa lands in the exponent, which is the right next number.
  const double units = nearbyint(ldexp(fabs(value), mantissa_bits - (place - bias)));
  const double bits = units + ldexp(place - 1, mantissa_bits);
  if (bits >= infinity) return (uint16_t)(sign | infinity);
  return (uint16_t)(sign | (uint32_t)bits);
}

static double widen_float(uint16_t bits, int exponent_bits, int mantissa_bits) {
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int place = bits >> mantissa_bits & ((1 << exponent_bits) - 1);
  const int mantissa = bits & ((1 << mantissa_bits) - 1);
  const double sign = bits >> (exponent_bits + mantissa_bits) ? -1.0 : 1.0;
  if (place == (1 << exponent_bits) - 1) return mantissa ? (double)NAN : sign * (double)INFINITY;
  if (place == 0) return sign * ldexp(mantissa, 1 - bias - mantissa_bits);
  return sign * ldexp(mantissa + (1 << mantissa_bits), place - bias - mantissa_bits);
}

// `value` cut to an integer of `bits` bits.
static int64_t saturate(double value, int bits) {
  const double limit = ldexp(1.0, bits - 1);
  if (isnan(value)) return 0;
  if (value >= limit) return bits == 64 ? INT64_MAX : ((int64_t)1 << (bits - 1)) - 1;
  if (value < -limit) return bits == 64 ? INT64_MIN : -((int64_t)1 << (bits - 1));
  return (int64_t)value;
}

void mth_element_store(mth_dtype dtype, double value, void *element) {
  union {
    uint8_t b;
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    uint16_t bits;
    float f32;
    double f64;
  } e = {0};
  switch (dtype) {
  case MTH_DTYPE_NONE:
    return;
  case MTH_BOOL:
    e.b = value != 0;
    break;
  case MTH_I8:
    e.i8 = (int8_t)saturate(value, 8);
    break;
  case MTH_I16:
    e.i16 = (int16_t)saturate(value, 16);
    break;
  case MTH_I32:
    e.i32 = (int32_t)saturate(value, 32);
    break;
  case MTH_I64:
    e.i64 = saturate(value, 64);
    break;
  case MTH_F16:
    e.bits = narrow_float(value, 5, 10);
    break;
  case MTH_BF16:
    e.bits = narrow_float(value, 8, 7);
    break;
  case MTH_F32:
    e.f32 = (float)value;
    break;
  case MTH_F64:
    e.f64 = value;
    break;
  }
  memcpy(element, &e, mth_dtype_get(dtype)->bits / 8);
}

double mth_element_load(mth_dtype dtype, const void *element) {
  uint16_t bits;
  int16_t i16;
  int32_t i32;
  int64_t i64;
  float f32;
  double f64;
  switch (dtype) {
  case MTH_DTYPE_NONE:
    return 0;
  case MTH_BOOL:
    return *(const uint8_t *)element != 0;
  case MTH_I8:
    return *(const int8_t *)element;
  case MTH_I16:
    return memcpy(&i16, element, sizeof i16), i16;
  case MTH_I32:
    return memcpy(&i32, element, sizeof i32), i32;
  case MTH_I64:
    return memcpy(&i64, element, sizeof i64), (double)i64;
  case MTH_F16:
    return memcpy(&bits, element, sizeof bits), widen_float(bits, 5, 10);
  case MTH_BF16:
    return memcpy(&bits, element, sizeof bits), widen_float(bits, 8, 7);
  case MTH_F32:
    return memcpy(&f32, element, sizeof f32), (double)f32;
  case MTH_F64:
    return memcpy(&f64, element, sizeof f64), f64;
  }
  return 0;
}
