// json_defaults.h: where a document without an argument means something else than the engine's own
// default. Private to frontend/.
#ifndef MTH_FRONTEND_JSON_DEFAULTS_H
#define MTH_FRONTEND_JSON_DEFAULTS_H
#include "ir/op.h"

// A document that does not give `arg` to the class means `value` (rules R5, R6 of the reference:
// its files keep its defaults). With `instead_of`: what it gives under that name is `arg`, an
// argument or a key, unless it gives `arg` as well; then both are meant as the engine's.
typedef struct mth_json_default {
  const char *class_name, *arg;
  const char *instead_of; // NULL: a default
  mth_arg value;
} mth_json_default;

// What the engine calls what a document calls `name`, of a class in any case.
const char *mth_json_native_name(const char *class_name, const char *name);
size_t mth_json_default_count(void);
const mth_json_default *mth_json_default_get(size_t index);
#endif
