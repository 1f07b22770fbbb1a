// physical_model_options.c: what options say of keys: finding the keys, refusing what can not be,
// and stating the rest.
#include "ir/model_core.h"
#include "ir/physical_core.h"

#include <string.h>

// ---- looking up ---------------------------------------------------------------------------------

static mth_flat_key *find_by_name(const mth_physical_model *p, const char *name) {
  size_t low = 0, high = p->key_count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(name, p->by_name[middle]->seen.name);
    if (order == 0) return p->by_name[middle];
    *(order < 0 ? &high : &low) = order < 0 ? middle : middle + 1;
  }
  return NULL;
}

// The first of the keys with this path, which stand side by side; their number.
static mth_flat_key *const *find_by_path(const mth_physical_model *p, const char *path,
                                         size_t *out_count) {
  size_t low = 0, high = p->key_count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    *(strcmp(path, p->by_path[middle]->seen.path) <= 0 ? &high : &low) =
        strcmp(path, p->by_path[middle]->seen.path) <= 0 ? middle : middle + 1;
  }
  *out_count = 0;
  while (low + *out_count < p->key_count &&
         strcmp(path, p->by_path[low + *out_count]->seen.path) == 0)
    ++*out_count;
  return &p->by_path[low];
}

static mth_flat_key *find_by_net(const mth_physical_model *p, const mth_net *net) {
  size_t low = 0, high = p->key_count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (p->by_net[middle]->net == net) return p->by_net[middle];
    *(net < p->by_net[middle]->net ? &high : &low) =
        net < p->by_net[middle]->net ? middle : middle + 1;
  }
  return NULL;
}

static const char *name_of(const mth_flat_key *key) { return key->seen.name; }

static mth_status report_unknown(const mth_physical_model *p, const char *name, const char *what) {
  mth_text text = MTH_TEXT_INIT(p->arena->allocator);
  for (size_t outputs = 0; outputs < 2; outputs++) {
    size_t listed = 0;
    mth_text_add(&text, "%s", outputs ? " and the outputs " : "the inputs ");
    for (size_t i = 0; i < p->external_count && listed <= 24; i++) {
      const mth_flat_key *key = p->externals[i];
      if (key->seen.is_output != (outputs == 1)) continue;
      mth_text_add(&text, "%s%s", listed ? ", " : "", listed == 24 ? "..." : name_of(key));
      listed++;
    }
    if (!listed) mth_text_add(&text, "(none)");
  }
  const mth_status status =
      mth_fail(MTH_INVALID, p->at, "there is no key '%s' for a %s; there are %s", name, what,
               mth_text_get(&text));
  mth_text_deinit(&text);
  return status;
}

mth_status mth_physical_look_up(const mth_physical_model *p, mth_key_ref ref, const char *what,
                                mth_flat_key **out_key) {
  if (!ref.name && !ref.connection)
    return mth_fail(MTH_INVALID, p->at, "a %s wants a name or a connection, found neither", what);
  if (!ref.name) {
    *out_key = find_by_net(p, mth_net_of(ref.connection));
    if (*out_key) return MTH_OK;
    return mth_fail(MTH_INVALID, p->at, "the %s '%s' of %s is no connection of this model", what,
                    ref.connection->key, ref.connection->model->class_name);
  }
  if (ref.name[0] == '$')
    return mth_fail(MTH_INVALID, p->at, "the %s '%s' has no name of its own: give its connection",
                    what, ref.name);
  *out_key = find_by_name(p, ref.name);
  if (*out_key) return MTH_OK;
  size_t count;
  mth_flat_key *const *found = find_by_path(p, ref.name, &count);
  if (count > 1)
    return mth_fail(MTH_INVALID, p->at, "the %s '%s' is the path of '%s' and of '%s'", what,
                    ref.name, name_of(found[0]), name_of(found[1]));
  if (count == 0) return report_unknown(p, ref.name, what);
  *out_key = found[0];
  return MTH_OK;
}

const mth_physical_key *mth_physical_find(const mth_physical_model *p, const char *name) {
  if (!name) return NULL;
  const mth_flat_key *key = find_by_name(p, name);
  if (key) return &key->seen;
  size_t count;
  mth_flat_key *const *found = find_by_path(p, name, &count);
  return count == 1 ? &found[0]->seen : NULL;
}

const mth_physical_key *mth_physical_key_of(const mth_physical_model *p,
                                            const mth_connection *connection) {
  const mth_flat_key *key = connection ? find_by_net(p, mth_net_of(connection)) : NULL;
  return key ? &key->seen : NULL;
}

mth_status mth_physical_get(const mth_physical_model *p, mth_key_ref ref,
                            const mth_physical_key **out_key) {
  mth_flat_key *key = NULL;
  MTH_TRY(mth_physical_look_up(p, ref, "key", &key));
  *out_key = &key->seen;
  return MTH_OK;
}

// ---- refusing -----------------------------------------------------------------------------------

typedef struct named_set {
  const char *what; // of one of its keys
  mth_flat_key **keys;
  size_t count;
} named_set;

static mth_status look_up_all(mth_physical_model *p, const char *what, const mth_key_ref *refs,
                              size_t count, size_t stride, mth_flat_key ***out_keys) {
  if (!refs && count) return mth_fail(MTH_INVALID, p->at, "a %s list of %zu is NULL", what, count);
  mth_flat_key **keys = MTH_NEW_ARRAY(p->arena, mth_flat_key *, count);
  if (!keys) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    const mth_key_ref *ref = (const void *)((const char *)refs + i * stride);
    MTH_TRY(mth_physical_look_up(p, *ref, what, &keys[i]));
  }
  *out_keys = keys;
  return MTH_OK;
}

static mth_status check_no_value(const mth_physical_model *p, const named_set *set) {
  for (size_t i = 0; i < set->count; i++)
    if (mth_net_is_valued(set->keys[i]->seen.connection))
      return mth_fail(MTH_INVALID, p->at, "the %s '%s' has a value in the model already", set->what,
                      name_of(set->keys[i]));
  return MTH_OK;
}

static mth_status check_disjoint(const mth_physical_model *p, const named_set *sets, size_t count) {
  for (size_t a = 0; a < count; a++)
    for (size_t b = a + 1; b < count; b++)
      for (size_t i = 0; i < sets[a].count; i++)
        for (size_t j = 0; j < sets[b].count; j++)
          if (sets[a].keys[i] == sets[b].keys[j])
            return mth_fail(MTH_INVALID, p->at, "'%s' is a %s and a %s", name_of(sets[a].keys[i]),
                            sets[a].what, sets[b].what);
  return MTH_OK;
}

static mth_status check_inputs(const mth_physical_model *p, const named_set *set,
                               bool allows_outputs) {
  for (size_t i = 0; i < set->count; i++) {
    const mth_physical_key *key = &set->keys[i]->seen;
    if (key->is_input || (allows_outputs && key->is_output)) continue;
    return mth_fail(MTH_INVALID, p->at, "the %s '%s' is %s", set->what, key->name,
                    allows_outputs ? "neither an input nor an output of the model"
                                   : "no input of the model");
  }
  return MTH_OK;
}

static mth_status check_fixed_once(const mth_physical_model *p) {
  for (size_t i = 0; i < p->options.constant_count; i++)
    if (p->options.constants[i].constant && p->options.constants[i].value)
      return mth_fail(MTH_INVALID, p->at,
                      "the constant key '%s' is given a value and a constant: one was wanted",
                      name_of(p->constants[i]));
  for (size_t i = 0; i < p->options.constant_count; i++)
    for (size_t j = 0; j < i; j++)
      if (p->constants[i] == p->constants[j])
        return mth_fail(MTH_INVALID, p->at, "the constant key '%s' is given twice",
                        name_of(p->constants[i]));
  return MTH_OK;
}

mth_status mth_physical_resolve(mth_physical_model *p) {
  const mth_physical_options *o = &p->options;
  const size_t stride = sizeof(mth_key_ref);
  MTH_TRY(look_up_all(p, "constant key", o->constants ? &o->constants->key : NULL,
                      o->constant_count, sizeof *o->constants, &p->constants));
  MTH_TRY(look_up_all(p, "data key", o->data_keys, o->data_count, stride, &p->data));
  MTH_TRY(look_up_all(p, "trainable key", o->trainable_keys, o->trainable_count, stride,
                      &p->trainable));
  MTH_TRY(look_up_all(p, "discard key", o->discard_keys, o->discard_count, stride, &p->discarded));
  MTH_TRY(look_up_all(p, "shape", o->shapes ? &o->shapes->key : NULL, o->shape_count,
                      sizeof *o->shapes, &p->shaped));
  const named_set sets[] = {{"constant key", p->constants, o->constant_count},
                            {"data key", p->data, o->data_count},
                            {"trainable key", p->trainable, o->trainable_count},
                            {"discard key", p->discarded, o->discard_count}};
  for (size_t i = 0; i < 2; i++)
    MTH_TRY(check_no_value(p, &sets[i]));
  MTH_TRY(check_disjoint(p, sets, 4));
  for (size_t i = 0; i < 4; i++)
    MTH_TRY(check_inputs(p, &sets[i], i == 3));
  MTH_TRY(check_fixed_once(p));
  return check_no_value(p, &sets[2]);
}

// ---- stating ------------------------------------------------------------------------------------

static mth_status fix(const mth_physical_model *p, size_t index) {
  const mth_key_constant *given = &p->options.constants[index];
  mth_connection *connection = p->constants[index]->seen.connection;
  if (mth_connection_is_differentiable(connection))
    MTH_TRY(mth_connection_set_differentiable(connection, false));
  if (given->constant) return mth_connection_give_constant(connection, given->constant);
  return given->value ? mth_connection_give(connection, given->value) : MTH_OK;
}

// Operands called input and target, and the result, have the shape [N, ...].
static mth_status make_shapes_safe(const mth_model *op) {
  static const mth_extent extents[] = {{.kind = MTH_EXTENT_LOCAL, .name = "N"},
                                       {.kind = MTH_EXTENT_REST, .name = "rest"}};
  static const char *const names[] = {"input", "target", "output"};
  mth_connection *keys[3];
  mth_shape shapes[3];
  size_t count = 0;
  if (!op->op->has_one_shape) return MTH_OK;
  for (size_t i = 0; i < 3; i++) {
    keys[count] = mth_model_find(op, names[i]);
    shapes[count] = (mth_shape){2, extents};
    count += keys[count] != NULL;
  }
  return count ? mth_net_restrict_shapes(count, keys, shapes) : MTH_OK;
}

// Whoever gives an input at each run says how it starts.
static mth_status make_data(const mth_flat_key *key) {
  mth_journal *journal = &key->seen.connection->model->context->journal;
  if (!key->seen.is_tensor) return MTH_OK;
  MTH_TRY(mth_journal_save(journal, &key->net->initializer, sizeof key->net->initializer));
  key->net->initializer = NULL;
  return mth_connection_set_differentiable(key->seen.connection, false);
}

mth_status mth_physical_apply(const mth_physical_model *p) {
  const mth_physical_options *o = &p->options;
  for (size_t i = 0; i < o->data_count; i++)
    MTH_TRY(make_data(p->data[i]));
  for (size_t i = 0; i < o->trainable_count; i++)
    MTH_TRY(mth_connection_set_differentiable(p->trainable[i]->seen.connection, true));
  for (size_t i = 0; i < o->shape_count; i++)
    MTH_TRY(mth_connection_set_shape(p->shaped[i]->seen.connection, o->shapes[i].shape));
  for (size_t i = 0; i < o->constant_count; i++)
    MTH_TRY(fix(p, i));
  for (size_t i = 0; o->safe_shapes && i < p->op_count; i++)
    MTH_TRY(make_shapes_safe(p->ops[i].model));
  return MTH_OK;
}
