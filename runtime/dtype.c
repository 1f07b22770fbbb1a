// dtype.c: the table of element types.
#include "runtime/dtype.h"

#include <string.h>

static const mth_dtype_info table[] = {
#define MTH_DTYPE(name, value, bits, family, mlir, numpy, dl_code, dl_bits)                        \
  {MTH_##name, bits, MTH_FAMILY_##family, mlir, numpy, dl_code, dl_bits},
#include "runtime/dtype.def"
#undef MTH_DTYPE
};

enum { row_count = sizeof table / sizeof table[0] };

const mth_dtype_info *mth_dtype_get(mth_dtype dtype) {
  for (size_t i = 0; i < row_count; ++i)
    if (table[i].dtype == dtype) return &table[i];
  return NULL;
}

const char *mth_dtype_name(mth_dtype dtype) {
  const mth_dtype_info *row = mth_dtype_get(dtype);
  if (!row) return "unknown";
  return dtype == MTH_BOOL ? row->numpy : row->mlir; // MLIR's name of bool, i1, is its width
}

const mth_dtype_info *mth_dtype_find_mlir(const char *name) {
  for (size_t i = 0; i < row_count; ++i)
    if (strcmp(table[i].mlir, name) == 0) return &table[i];
  return NULL;
}

const mth_dtype_info *mth_dtype_find_dlpack(uint8_t code, uint8_t bits) {
  for (size_t i = 0; i < row_count; ++i)
    if (table[i].dlpack_code == code && table[i].dlpack_bits == bits) return &table[i];
  return NULL;
}
