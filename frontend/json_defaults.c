// json_defaults.c: the table.
#include "frontend/json_defaults.h"

#include <string.h>
#include <strings.h>

static const mth_json_default rows[] = {
    {.class_name = "Flatten", .arg = "start_dim", .value = {.kind = MTH_ARG_INT, .i = 0}},
    {.class_name = "Split", .arg = "sections", .instead_of = "split_size"},
    {.class_name = "Concat", .arg = "inputs", .instead_of = "input"},
};

const char *mth_json_native_name(const char *class_name, const char *name) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].instead_of && strcasecmp(rows[i].class_name, class_name) == 0 &&
        strcmp(rows[i].instead_of, name) == 0)
      return rows[i].arg;
  return name;
}

size_t mth_json_default_count(void) { return sizeof rows / sizeof *rows; }
const mth_json_default *mth_json_default_get(size_t index) { return &rows[index]; }
