// dtype.h: element types.
#ifndef MTH_RUNTIME_DTYPE_H
#define MTH_RUNTIME_DTYPE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a logical model knows of an element type; compile binds a family to a dtype. A set of bits.
typedef enum mth_family {
  MTH_FAMILY_NONE = 0,
  MTH_FAMILY_BOOL = 1,
  MTH_FAMILY_INT = 2,
  MTH_FAMILY_FLOAT = 4,
  MTH_FAMILY_ANY = 7,
} mth_family;

typedef enum mth_dtype {
  MTH_DTYPE_NONE = 0,
#define MTH_DTYPE(name, value, bits, family, mlir, numpy, dl_code, dl_bits) MTH_##name = value,
#include "runtime/dtype.def"
#undef MTH_DTYPE
} mth_dtype;

typedef struct mth_dtype_info {
  mth_dtype dtype;
  size_t bits; // of storage
  mth_family family;
  const char *mlir, *numpy;
  uint8_t dlpack_code, dlpack_bits;
} mth_dtype_info;

// The row of `dtype`, or NULL if there is none.
const mth_dtype_info *mth_dtype_get(mth_dtype dtype);
// What reports call it: "f32", "i64", "bool"; "unknown" if there is no such dtype.
const char *mth_dtype_name(mth_dtype dtype);
// The row with this MLIR name ("f32"), or NULL.
const mth_dtype_info *mth_dtype_find_mlir(const char *name);
// The row with this DLPack code and bits, or NULL.
const mth_dtype_info *mth_dtype_find_dlpack(uint8_t code, uint8_t bits);
#endif
