// shape.h: what may be said of a shape: a list of positions, each a number, a dim, a name, or any
// number of dims.
#ifndef MTH_IR_SHAPE_H
#define MTH_IR_SHAPE_H
#include "ir/dim.h"

#include <stddef.h>

// One position of a shape template. Local names mean the same dim within one call only.
typedef enum mth_extent_kind {
  MTH_EXTENT_ANY,      // any dim
  MTH_EXTENT_INT,      // value
  MTH_EXTENT_LOCAL,    // name: equal names in one call are equal dims
  MTH_EXTENT_DECLARED, // name: a symbolic dim of the program, checked at each call of it
  MTH_EXTENT_DIM,      // dim: an expression of mth_context_dims
  MTH_EXTENT_REST,     // any number of dims; name may be NULL. At most one in a template
} mth_extent_kind;

typedef struct mth_extent {
  mth_extent_kind kind;
  int64_t value;
  const char *name;
  const mth_dim *dim;
} mth_extent;

#define MTH_ANY ((mth_extent){.kind = MTH_EXTENT_ANY})
#define MTH_N(v) ((mth_extent){.kind = MTH_EXTENT_INT, .value = (v)})
#define MTH_LOCAL(s) ((mth_extent){.kind = MTH_EXTENT_LOCAL, .name = (s)})
#define MTH_DECLARED(s) ((mth_extent){.kind = MTH_EXTENT_DECLARED, .name = (s)})
#define MTH_OF(d) ((mth_extent){.kind = MTH_EXTENT_DIM, .dim = (d)})
#define MTH_REST ((mth_extent){.kind = MTH_EXTENT_REST})
#define MTH_REST_OF(s) ((mth_extent){.kind = MTH_EXTENT_REST, .name = (s)})

typedef struct mth_shape {
  size_t rank;
  const mth_extent *extents;
} mth_shape;

#define MTH_SHAPE(...)                                                                             \
  ((mth_shape){sizeof((mth_extent[]){__VA_ARGS__}) / sizeof(mth_extent),                           \
               (const mth_extent[]){__VA_ARGS__}})
#define MTH_SCALAR_SHAPE ((mth_shape){0, NULL})
#endif
