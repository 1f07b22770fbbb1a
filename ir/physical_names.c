// physical_names.c: names of a program's inputs and outputs.
#include "ir/physical_names.h"

#include "ir/physical_core.h"

static void add(mth_physical_name *names, size_t *count, const mth_physical_key *key,
                bool is_output) {
  names[(*count)++] = (mth_physical_name){
      .connection = key->connection, .name = key->name, .path = key->path, .is_output = is_output};
}

static bool is_open_input(const mth_flat_key *key) {
  return key->seen.is_input && key->seen.is_tensor && !key->is_fixed &&
         (!key->is_discarded || key->is_hanging);
}

mth_status mth_physical_list_names(const mth_physical_model *p, mth_arena *arena,
                                   mth_physical_name **out_names, size_t *out_count) {
  mth_physical_name *names = MTH_NEW_ARRAY(arena, mth_physical_name, 2 * p->external_count);
  size_t count = 0;
  if (!names) return MTH_NO_MEMORY;
  for (size_t i = 0; i < p->external_count; i++)
    if (is_open_input(p->externals[i])) add(names, &count, &p->externals[i]->seen, false);
  for (size_t i = 0; i < p->external_count; i++)
    if (p->externals[i]->seen.is_output) add(names, &count, &p->externals[i]->seen, true);
  *out_names = names;
  *out_count = count;
  return MTH_OK;
}

mth_status mth_list_physical_names(const mth_model *model, mth_arena *arena,
                                   mth_physical_name **out_names, size_t *out_count) {
  const mth_physical_model *p = NULL;
  MTH_TRY(mth_physical_model_create(model, NULL, arena, &p));
  return mth_physical_list_names(p, arena, out_names, out_count);
}
