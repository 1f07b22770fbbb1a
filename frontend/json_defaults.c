// json_defaults.c: the table.
#include "frontend/json_defaults.h"

static const mth_json_default rows[] = {
    {.class_name = "Flatten", .arg = "start_dim", .value = {.kind = MTH_ARG_INT, .i = 0}},
    {.class_name = "Split", .arg = "sections", .instead_of = "split_size"},
};

size_t mth_json_default_count(void) { return sizeof rows / sizeof *rows; }
const mth_json_default *mth_json_default_get(size_t index) { return &rows[index]; }
