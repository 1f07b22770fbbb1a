// physical_model_discard.c: what is dropped, and what becomes of each key.
//
// A key that is dropped takes with it what is computed from dropped keys alone, and what is
// computed for dropped keys alone. An output that operators read is not dropped, only no output any
// more; that it keeps what it is computed from alive, even if nothing needs it then, is the
// reference's way.
#include "ir/measured.h"
#include "ir/model_core.h"
#include "ir/physical_core.h"

#include <string.h>

typedef struct dropping {
  mth_physical_model *p;
  mth_flat_key **stack;
  size_t count;
  bool is_asked; // else what is dropped hangs
} dropping;

static void drop(dropping *d, mth_flat_key *key) {
  if (key->is_discarded) return;
  key->is_discarded = true;
  key->is_hanging = !d->is_asked;
  key->seen.is_output = false;
  d->stack[d->count++] = key;
}

static bool is_dropped(const mth_flat_op *op) {
  for (size_t i = 0; i < op->result_count; i++)
    if (!op->results[i]->is_discarded) return false;
  return true;
}

static bool is_wanted(const mth_flat_key *key) {
  return key->seen.is_output || key->is_new_state || key->alias_count;
}

// Fixed sources do not make a result: what is computed from dropped keys and constants is dropped.
static void drop_forward(dropping *d, const mth_flat_key *key) {
  for (size_t i = 0; i < key->user_count; i++) {
    const mth_flat_op *user = key->users[i];
    bool is_all = true;
    for (size_t k = 0; k < user->source_count; k++)
      is_all &= user->sources[k]->is_discarded || user->sources[k]->is_fixed;
    for (size_t k = 0; is_all && k < user->result_count; k++)
      if (!is_wanted(user->results[k])) drop(d, user->results[k]);
  }
}

static void drop_if_useless(dropping *d, mth_flat_key *key) {
  if (is_wanted(key) || key->is_demoted) return;
  for (size_t i = 0; i < key->user_count; i++)
    if (!is_dropped(key->users[i])) return;
  drop(d, key);
}

static void drop_backward(dropping *d, const mth_flat_key *key) {
  const mth_flat_op *maker = key->maker;
  if (!maker || !is_dropped(maker)) return;
  for (size_t i = 0; i < maker->source_count; i++)
    drop_if_useless(d, maker->sources[i]);
}

static void drop_all(dropping *d) {
  while (d->count) {
    mth_flat_key *key = d->stack[--d->count];
    if (key->same_as) {
      mth_flat_key *other = mth_flat_resolve(key);
      other->alias_count--;
      drop_if_useless(d, other);
      continue;
    }
    drop_forward(d, key);
    drop_backward(d, key);
  }
}

// An output that operators read, or that other outputs stand for, is only no output any more.
static void drop_requested(dropping *d) {
  const mth_physical_model *p = d->p;
  for (size_t i = 0; i < p->options.discard_count; i++) {
    mth_flat_key *key = p->discarded[i];
    if (key->seen.is_output && (key->user_count || key->alias_count || key->is_new_state)) {
      key->is_demoted = true;
      key->seen.is_output = false;
    }
  }
  for (size_t i = 0; i < p->options.discard_count; i++)
    if (!p->discarded[i]->is_demoted) drop(d, p->discarded[i]);
}

static void drop_hanging(dropping *d) {
  for (size_t i = 0; i < d->p->key_count; i++) {
    mth_flat_key *key = &d->p->keys[i];
    if (key->maker && !key->same_as && !key->user_count && !is_wanted(key)) drop(d, key);
  }
}

// ---- what outputs need --------------------------------------------------------------------------

static void note_lacking(mth_physical_model *p, mth_flat_key *lacking, mth_flat_key *output) {
  if (p->lacking) return; // the first is told
  p->lacking = lacking;
  p->lacking_output = output;
}

static void find_needed(mth_physical_model *p, mth_flat_key *output, mth_flat_op **stack) {
  mth_flat_key *key = mth_flat_resolve(output);
  size_t count = 0;
  if (key->is_discarded) note_lacking(p, key, output);
  if (key->maker && !key->maker->is_needed) stack[count++] = key->maker;
  while (count) {
    mth_flat_op *op = stack[--count];
    op->is_needed = true;
    for (size_t i = 0; i < op->source_count; i++) {
      mth_flat_op *maker = op->sources[i]->maker;
      if (op->sources[i]->is_discarded) note_lacking(p, op->sources[i], output);
      if (!maker || maker->is_needed) continue;
      maker->is_needed = true; // on the stack once
      stack[count++] = maker;
    }
  }
}

mth_status mth_physical_model_check(const mth_physical_model *p) {
  if (!p->lacking) return MTH_OK;
  const bool is_output = mth_flat_resolve(p->lacking_output) == p->lacking;
  return mth_fail(MTH_INVALID, p->at, "the discarded key '%s' is %s output '%s'",
                  p->lacking->seen.name, is_output ? "the" : "needed by the",
                  p->lacking_output->seen.name);
}

static mth_status find_all_needed(mth_physical_model *p) {
  mth_flat_op **stack = MTH_NEW_ARRAY(p->arena, mth_flat_op *, p->op_count + 1);
  if (!stack) return MTH_NO_MEMORY;
  for (size_t i = 0; i < p->external_count; i++)
    if (p->externals[i]->seen.is_output || p->externals[i]->is_new_state)
      find_needed(p, p->externals[i], stack);
  return MTH_OK;
}

// ---- roles --------------------------------------------------------------------------------------

static mth_key_role role_of(const mth_flat_key *key) {
  if (key->is_discarded) return MTH_ROLE_DISCARDED;
  if (key->is_state) return MTH_ROLE_STATE;
  const bool is_used = is_wanted(key) || key->user_count || key->is_measured;
  if (!is_used && (key->is_fixed || !key->maker)) return MTH_ROLE_UNUSED;
  if (key->is_fixed) return MTH_ROLE_CONSTANT;
  if (key->maker) return MTH_ROLE_INTERNAL;
  return key->seen.is_differentiable ? MTH_ROLE_TRAINABLE : MTH_ROLE_DATA;
}

// Inputs that no operator reads but that tell a dim of an argument.
static mth_status find_measured(mth_physical_model *p) {
  mth_flat_key **keys = MTH_NEW_ARRAY(p->arena, mth_flat_key *, p->external_count);
  mth_connection **inputs = MTH_NEW_ARRAY(p->arena, mth_connection *, p->external_count);
  mth_measuring m = {.inputs = inputs, .is_used = MTH_NEW_ARRAY(p->arena, bool, p->external_count)};
  if (!keys || !inputs || !m.is_used) return MTH_NO_MEMORY;
  bool has_idle = false;
  for (size_t i = 0; i < p->external_count; i++) {
    mth_flat_key *key = p->externals[i];
    if (!key->seen.is_input || !key->seen.is_tensor || key->is_fixed || key->is_discarded) continue;
    m.is_used[m.input_count] = is_wanted(key) || key->user_count;
    has_idle |= !m.is_used[m.input_count];
    inputs[m.input_count] = key->seen.connection;
    keys[m.input_count++] = key;
  }
  for (size_t i = 0; has_idle && i < p->op_count; i++)
    if (!p->ops[i].is_gone) mth_measure(&m, p->ops[i].model);
  for (size_t i = 0; i < m.input_count; i++)
    keys[i]->is_measured = m.is_used[i];
  return MTH_OK;
}

static void set_roles(mth_physical_model *p) {
  for (size_t i = 0; i < p->key_count; i++)
    if (!p->keys[i].same_as) p->keys[i].seen.role = role_of(&p->keys[i]);
  for (size_t i = 0; i < p->key_count; i++) {
    mth_flat_key *key = &p->keys[i];
    if (!key->same_as) continue;
    key->seen.same_as = &mth_flat_resolve(key)->seen;
    key->seen.role = key->is_discarded ? MTH_ROLE_DISCARDED : key->seen.same_as->role;
  }
}

static mth_status check_data_used(const mth_physical_model *p) {
  for (size_t i = 0; i < p->options.data_count; i++)
    if (p->data[i]->seen.role == MTH_ROLE_UNUSED)
      return mth_fail(MTH_INVALID, p->at, "the data key '%s' is not used by any output",
                      p->data[i]->seen.name);
  return MTH_OK;
}

static mth_status check_names(const mth_physical_model *p) {
  mth_text keys = MTH_TEXT_INIT(p->arena->allocator);
  size_t count = 0;
  for (size_t i = 0; p->options.safe_names && i < p->external_count; i++) {
    const mth_flat_key *key = p->externals[i];
    if (key->own_name || key->seen.role != MTH_ROLE_DATA) continue;
    mth_text_add(&keys, "%s%s ('%s')", count++ ? ", " : "", key->seen.connection->key,
                 key->seen.name);
  }
  const mth_status status =
      count ? mth_fail(MTH_INVALID, p->at, "inputs that are given at each run want names: %s",
                       mth_text_get(&keys))
            : MTH_OK;
  mth_text_deinit(&keys);
  return status;
}

static mth_status list_left(mth_physical_model *p) {
  p->left = MTH_NEW_ARRAY(p->arena, const mth_physical_op *, p->op_count);
  if (!p->left) return MTH_NO_MEMORY;
  for (size_t i = 0; i < p->op_count; i++) {
    mth_flat_op *op = &p->ops[i];
    if (op->is_gone || is_dropped(op)) continue;
    const mth_physical_key **sources =
        MTH_NEW_ARRAY(p->arena, const mth_physical_key *, op->source_count);
    const mth_physical_key **results =
        MTH_NEW_ARRAY(p->arena, const mth_physical_key *, op->result_count);
    if (!sources || !results) return MTH_NO_MEMORY;
    for (size_t k = 0; k < op->source_count; k++)
      sources[k] = &op->sources[k]->seen;
    for (size_t k = 0; k < op->result_count; k++)
      results[k] = &op->results[k]->seen;
    op->seen = (mth_physical_op){.model = op->model,
                                 .path = op->seen.path,
                                 .source_count = op->source_count,
                                 .result_count = op->result_count,
                                 .sources = sources,
                                 .results = results};
    p->left[p->left_count++] = &op->seen;
  }
  return MTH_OK;
}

mth_status mth_physical_discard(mth_physical_model *p) {
  dropping d = {.p = p, .stack = MTH_NEW_ARRAY(p->arena, mth_flat_key *, p->key_count)};
  if (!d.stack) return MTH_NO_MEMORY;
  d.is_asked = true;
  drop_requested(&d);
  drop_all(&d);
  d.is_asked = false;
  drop_hanging(&d);
  drop_all(&d);
  MTH_TRY(find_all_needed(p));
  MTH_TRY(find_measured(p));
  set_roles(p);
  MTH_TRY(check_data_used(p));
  MTH_TRY(check_names(p));
  return list_left(p);
}
