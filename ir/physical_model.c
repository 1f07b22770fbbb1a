// physical_model.c: physical models: making and asking.
#include "ir/physical_model.h"

#include "ir/model_core.h"
#include "ir/physical_core.h"
#include "runtime/sized.h"

#include <string.h>

static mth_status make(mth_physical_model *p) {
  MTH_TRY(mth_model_freeze_inside(p->model));
  MTH_TRY(mth_physical_flatten(p));
  MTH_TRY(mth_physical_name_all(p));
  MTH_TRY(mth_physical_resolve(p));
  MTH_TRY(mth_physical_apply(p));
  MTH_TRY(mth_physical_reduce(p));
  return mth_physical_discard(p);
}

mth_status mth_physical_model_create(const mth_model *model, const mth_physical_options *options,
                                     mth_arena *arena, const mth_physical_model **out_physical) {
  if (!model) return MTH_INVALID; // there is nobody to report to
  char where[256];
  mth_physical_model *p = MTH_NEW(arena, mth_physical_model);
  if (!p) return MTH_NO_MEMORY;
  p->arena = arena;
  p->at = mth_model_at(model, where, sizeof where);
  p->at.where = mth_arena_copy_text(arena, where, strlen(where));
  p->model = (mth_model *)(uintptr_t)model; // as it was when we are done
  if (!p->at.where) return MTH_NO_MEMORY;
  if (mth_sized_read(options, &p->options, sizeof p->options) != MTH_OK)
    return mth_fail(MTH_INVALID, p->at, "wants mth_physical_options of %zu bytes",
                    sizeof p->options);
  if (model->parent) return mth_fail(MTH_INVALID, p->at, "a child can not be compiled; copy it");
  if (p->options.naming > MTH_NAMING_LONG)
    return mth_fail(MTH_INVALID, p->at, "there is no naming %d", (int)p->options.naming);
  const mth_change change = mth_change_begin(model->context);
  const mth_status status = make(p);
  mth_change_undo(change);
  if (status == MTH_OK) *out_physical = p;
  return status;
}

size_t mth_physical_key_count(const mth_physical_model *p) { return p->key_count; }

const mth_physical_key *mth_physical_key_at(const mth_physical_model *p, size_t index) {
  return index < p->key_count ? &p->keys[index].seen : NULL;
}

size_t mth_physical_op_count(const mth_physical_model *p) { return p->left_count; }

const mth_physical_op *mth_physical_op_at(const mth_physical_model *p, size_t index) {
  return index < p->left_count ? p->left[index] : NULL;
}

size_t mth_physical_state_count(const mth_physical_model *p) { return p->state_count; }

const mth_physical_state *mth_physical_state_at(const mth_physical_model *p, size_t index) {
  return index < p->state_count ? &p->states[index] : NULL;
}

static bool is_live_input(const mth_physical_key *key) {
  return key->is_input && key->role != MTH_ROLE_UNUSED && key->role != MTH_ROLE_DISCARDED;
}

static bool is_in(const mth_physical_model *p, const mth_flat_key *flat, mth_key_set set) {
  const mth_physical_key *key = &flat->seen;
  const bool is_itself = !key->same_as;
  switch (set) {
  case MTH_KEYS_OUTPUTS:
    return key->is_output;
  case MTH_KEYS_INPUTS:
    return is_live_input(key);
  case MTH_KEYS_TRAINABLE:
    return is_itself && key->role == MTH_ROLE_TRAINABLE;
  case MTH_KEYS_DATA:
    return is_itself && key->role == MTH_ROLE_DATA;
  case MTH_KEYS_STATE:
    return is_itself && key->role == MTH_ROLE_STATE;
  case MTH_KEYS_CONSTANTS:
    return is_itself && key->role == MTH_ROLE_CONSTANT;
  case MTH_KEYS_STATIC:
    return is_itself && (key->role == MTH_ROLE_CONSTANT || key->role == MTH_ROLE_DATA);
  case MTH_KEYS_UNUSED:
    return is_itself && key->role == MTH_ROLE_UNUSED;
  case MTH_KEYS_DISCARDED:
    return flat->is_discarded;
  case MTH_KEYS_COTANGENTS:
    return !p->options.inference && key->is_output && key->is_differentiable;
  }
  return false;
}

size_t mth_physical_list(const mth_physical_model *p, mth_key_set set,
                         const mth_physical_key **out_keys) {
  size_t count = 0;
  for (size_t i = 0; i < p->key_count; i++) {
    const mth_flat_key *key = p->by_name[i];
    if (!is_in(p, key, set)) continue;
    if (set == MTH_KEYS_COTANGENTS && strcmp(key->seen.name, "final_cost") == 0) {
      if (out_keys) out_keys[0] = &key->seen;
      return 1;
    }
    if (out_keys) out_keys[count] = &key->seen;
    count++;
  }
  return count;
}
