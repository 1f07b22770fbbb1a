// sized.h: public structs that may grow. Each begins with `size_t struct_bytes`, which its maker
// sets to sizeof; so a caller built against an older header stays understood.
#ifndef MTH_RUNTIME_SIZED_H
#define MTH_RUNTIME_SIZED_H
#include "runtime/status.h"

#include <stddef.h>

// Copies the fields that `given` has into `out`, which holds defaults and knows `out_bytes`.
// `given` may be NULL.
//
// Fails  MTH_INVALID if struct_bytes is not set, or tells of fields that we do not know. Nothing is
//        reported: the sink would be in the struct.
MTH_MUST_USE mth_status mth_sized_read(const void *given, void *out, size_t out_bytes);
#endif
