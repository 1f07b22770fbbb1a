// model_keys.c: keys of a composite beside its children's: free inputs, constants, merged and
// canonical ones.
#include "ir/given.h"
#include "ir/graph.h"
#include "ir/model_core.h"

#include <stdio.h>
#include <string.h>

// ---- free inputs and constants ------------------------------------------------------------------

static mth_status add_input(mth_model *model, const char *name, const mth_facts *facts,
                            mth_connection **out_connection) {
  mth_net *net = NULL;
  mth_connection *made = NULL;
  char where[256];
  MTH_TRY(mth_model_check_key(model, name, true));
  if (facts && facts->name && strcmp(facts->name, name) != 0)
    return mth_fail(MTH_INVALID, mth_model_at(model, where, sizeof where),
                    "the input '%s' is called '%s' by its facts", name, facts->name);
  const char *origin = mth_names_intern(&model->context->names, name);
  if (!origin) return MTH_NO_MEMORY;
  MTH_TRY(mth_net_make_tensor(model, MTH_FAMILY_ANY, origin, &net));
  MTH_TRY(mth_net_set_origin(model->context, net, origin));
  MTH_TRY(mth_model_make_connection(model, origin, net, MTH_KEY_INPUT, &made));
  MTH_TRY(mth_list_push(&model->canonical_inputs, &model->context->journal, made));
  if (facts) MTH_TRY(mth_connection_state(made, facts));
  *out_connection = made;
  return MTH_OK;
}

mth_status mth_model_add_input(mth_model *model, const char *name, const mth_facts *facts,
                               mth_connection **out_connection) {
  MTH_TRY(mth_model_check_open(model));
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change, add_input(model, name, facts, out_connection));
}

static mth_status add_constant(mth_model *model, const mth_constant *constant,
                               mth_connection **out_connection) {
  mth_net *net = NULL;
  mth_connection *made = NULL;
  const char *origin = mth_names_intern(&model->context->names, "constant");
  if (!origin) return MTH_NO_MEMORY;
  MTH_TRY(mth_net_make_tensor(model, MTH_FAMILY_ANY, origin, &net));
  MTH_TRY(mth_model_make_connection(model, NULL, net, MTH_KEY_LATENT_INPUT, &made));
  MTH_TRY(mth_connection_give_constant(made, constant));
  *out_connection = made;
  return MTH_OK;
}

mth_status mth_model_add_constant(mth_model *model, const mth_constant *constant,
                                  mth_connection **out_connection) {
  MTH_TRY(mth_model_check_open(model));
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change, add_constant(model, constant, out_connection));
}

// ---- merging ------------------------------------------------------------------------------------

static mth_status set_pointer(mth_context *context, mth_connection **field, mth_connection *to) {
  MTH_TRY(mth_journal_save(&context->journal, field, sizeof *field));
  *field = to;
  return MTH_OK;
}

mth_status mth_connection_forget(mth_connection *connection) {
  mth_model *model = connection->model;
  mth_journal *journal = &model->context->journal;
  MTH_TRY(mth_journal_save(journal, &connection->is_forgotten, sizeof connection->is_forgotten));
  connection->is_forgotten = true;
  MTH_TRY(mth_journal_map(journal, &model->keys, connection->key, NULL));
  if (connection->parts.items)
    MTH_TRY(mth_list_push(&model->owned, journal, connection->parts.items));
  return mth_list_push(&model->owned, journal, connection);
}

static bool is_forgotten(void *user, const void *item) {
  (void)user;
  return ((const mth_connection *)item)->is_forgotten;
}

mth_status mth_model_drop_forgotten(mth_model *model) {
  mth_list *const lists[] = {&model->connections, &model->canonical_inputs,
                             &model->canonical_outputs};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    MTH_TRY(mth_list_remove_where(lists[i], &model->context->journal, is_forgotten, NULL));
  return MTH_OK;
}

static mth_status drop_one(mth_connection *connection) {
  mth_model *model = connection->model;
  mth_list *const lists[] = {&model->connections, &model->canonical_inputs,
                             &model->canonical_outputs};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    MTH_TRY(mth_list_remove(lists[i], &model->context->journal, connection));
  return MTH_OK;
}

static const mth_model *last_consumer(const mth_connection *outer) {
  const mth_model *last = NULL;
  for (const mth_connection *use = outer->first_use; use; use = use->next_use)
    if (!use->is_produced) last = use->model;
  return last;
}

// Rule R2: a child that comes to consume the chain's output moves it to its own.
static mth_status move_chain(mth_model *model) {
  mth_connection *chain = model->chain;
  const mth_model *child;
  while (chain && (child = last_consumer(chain)))
    chain = child->chain ? child->chain->outer : NULL;
  return set_pointer(model->context, &model->chain, chain);
}

// Everything that leads to `from` leads to `base` instead.
static mth_status absorb(mth_connection *base, mth_connection *from) {
  mth_context *context = base->model->context;
  const bool is_read = from->first_use;
  if (base->producer) MTH_TRY(mth_check_no_cycle(from, base->producer));
  if (!from->first_use) MTH_TRY(mth_attach_net(base, from));
  for (mth_connection *use = from->first_use, *next; use; use = next) {
    next = use->next_use;
    MTH_TRY(set_pointer(context, &use->outer, NULL));
    MTH_TRY(set_pointer(context, &use->next_use, NULL));
    MTH_TRY(mth_attach(base, use));
  }
  if (base->model->chain == base && is_read) MTH_TRY(move_chain(base->model));
  MTH_TRY(set_pointer(context, &from->replaced_by, base));
  return mth_connection_forget(from);
}

static mth_status merge(mth_model *model, mth_connection *const *connections, size_t count,
                        const char *name) {
  char where[256];
  mth_connection *base = NULL;
  const char *given = NULL;
  MTH_TRY(
      mth_check_given(mth_model_at(model, where, sizeof where), connections, count, "connections"));
  for (size_t i = 0; i < count; i++) {
    mth_connection *c = NULL;
    MTH_TRY(mth_lift(model, connections[i], &c));
    if (mth_net_of(c)->is_list)
      return mth_fail(MTH_INVALID, mth_model_at(model, where, sizeof where),
                      "'%s' is a list; lists are wired, not merged", c->key);
    if (!base || (c->is_produced && !base->is_produced)) base = c;
    if (c->name && given && given != c->name && !name)
      return mth_fail(MTH_INVALID, mth_model_at(model, where, sizeof where),
                      "'%s' and '%s' both have names: say which the merged key takes", given,
                      c->name);
    if (c->name) given = c->name;
  }
  mth_connection *absorbed = NULL;
  size_t absorbed_count = 0;
  for (size_t i = 0; base && i < count; i++) {
    mth_connection *c = NULL;
    MTH_TRY(mth_lift(model, connections[i], &c)); // the base, if it was absorbed before
    if (c == base) continue;
    if (c->partner)
      return mth_fail(MTH_INVALID, mth_connection_at(c, where, sizeof where),
                      "it is bound to '%s' as a state and can not be merged into '%s'",
                      c->partner->key, base->key);
    MTH_TRY(absorb(base, c));
    absorbed = c;
    absorbed_count++;
  }
  if (absorbed_count == 1)
    MTH_TRY(drop_one(absorbed)); // most often among the last
  else if (absorbed_count)
    MTH_TRY(mth_model_drop_forgotten(model));
  const char *wanted = name ? name : given;
  return base && wanted ? mth_connection_rename_inside(base, wanted) : MTH_OK;
}

mth_status mth_model_merge(mth_model *model, mth_connection *const *connections, size_t count,
                           const char *name) {
  MTH_TRY(mth_model_check_open(model));
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change, merge(model, connections, count, name));
}

// ---- canonical keys -----------------------------------------------------------------------------

static mth_status set_canonical(mth_model *model, mth_list *set, bool outputs,
                                mth_connection *const *connections, size_t count) {
  mth_journal *journal = &model->context->journal;
  char where[256];
  MTH_TRY(
      mth_check_given(mth_model_at(model, where, sizeof where), connections, count, "connections"));
  MTH_TRY(mth_list_clear(set, journal));
  for (size_t i = 0; i < count; i++) {
    mth_connection *c = NULL;
    MTH_TRY(mth_lift(model, connections[i], &c));
    const mth_location at = mth_connection_at(c, where, sizeof where);
    if (c->is_produced != outputs)
      return mth_fail(MTH_INVALID, at, "a canonical %s must be an %s", outputs ? "output" : "input",
                      outputs ? "output" : "input");
    if (!outputs && mth_net_is_valued(c))
      return mth_fail(MTH_INVALID, at, "it has a value and can not be a canonical input");
    if (!mth_list_has(set, c)) MTH_TRY(mth_list_push(set, journal, c));
  }
  if (!outputs) return MTH_OK;
  return set_pointer(model->context, &model->chain, set->count == 1 ? set->items[0] : NULL);
}

mth_status mth_model_set_canonical_inputs(mth_model *model, mth_connection *const *connections,
                                          size_t count) {
  MTH_TRY(mth_model_check_open(model));
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change,
                        set_canonical(model, &model->canonical_inputs, false, connections, count));
}

mth_status mth_model_set_canonical_outputs(mth_model *model, mth_connection *const *connections,
                                           size_t count) {
  MTH_TRY(mth_model_check_open(model));
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change,
                        set_canonical(model, &model->canonical_outputs, true, connections, count));
}

// ---- for readers --------------------------------------------------------------------------------

// What `keys` are in the model itself.
static mth_status lift_all(mth_model *model, mth_connection *const *keys, size_t count,
                           mth_connection **out) {
  for (size_t i = 0; i < count; i++)
    MTH_TRY(mth_lift(model, keys[i], &out[i]));
  return MTH_OK;
}

static mth_status move_to_front(mth_model *model, mth_connection *const *first, size_t count) {
  mth_journal *journal = &model->context->journal;
  const size_t old_count = model->connections.count;
  mth_connection **old = mth_allocate(model->context->allocator, old_count, sizeof *old);
  if (!old) return MTH_NO_MEMORY;
  for (size_t i = 0; i < old_count; i++)
    old[i] = model->connections.items[i];
  const size_t epoch = ++model->context->epoch; // marks what is in its new place
  mth_status status = mth_list_clear(&model->connections, journal);
  for (size_t i = 0; i < count + old_count && status == MTH_OK; i++) {
    mth_connection *c = i < count ? first[i] : old[i - count];
    if (c->epoch != epoch) status = mth_list_push(&model->connections, journal, c);
    c->epoch = epoch;
  }
  mth_release(model->context->allocator, old);
  return status;
}

static mth_status order_keys(mth_model *model, mth_connection *const *first, size_t count) {
  mth_connection **lifted = mth_allocate(model->context->allocator, count, sizeof *lifted);
  if (!lifted) return MTH_NO_MEMORY;
  mth_status status = lift_all(model, first, count, lifted);
  if (status == MTH_OK) status = move_to_front(model, lifted, count);
  mth_release(model->context->allocator, lifted);
  return status;
}

mth_status mth_model_order_keys(mth_model *model, mth_connection *const *first, size_t count) {
  MTH_TRY(mth_model_check_open(model));
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change, order_keys(model, first, count));
}

static mth_status set_chain(mth_model *model, mth_connection *output) {
  char where[256];
  if (output) MTH_TRY(mth_lift(model, output, &output));
  if (output && !output->is_produced)
    return mth_fail(MTH_INVALID, mth_connection_at(output, where, sizeof where),
                    "the chain goes on at an output, and it is an input");
  return set_pointer(model->context, &model->chain, output);
}

mth_status mth_model_set_chain(mth_model *model, mth_connection *output) {
  MTH_TRY(mth_model_check_open(model));
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change, set_chain(model, output));
}

static mth_status set_first_use(mth_model *model, mth_connection *inner) {
  mth_context *context = model->context;
  char where[256];
  while (inner->outer && inner->outer->model != model)
    inner = inner->outer;
  mth_connection *outer = inner->outer;
  if (!outer)
    return mth_fail(MTH_INVALID, mth_connection_at(inner, where, sizeof where),
                    "it leads to no key of %s", model->class_name);
  if (outer->first_use == inner) return MTH_OK;
  mth_connection *before = outer->first_use;
  while (before->next_use != inner)
    before = before->next_use;
  if (outer->last_use == inner) MTH_TRY(set_pointer(context, &outer->last_use, before));
  MTH_TRY(set_pointer(context, &before->next_use, inner->next_use));
  MTH_TRY(set_pointer(context, &inner->next_use, outer->first_use));
  return set_pointer(context, &outer->first_use, inner);
}

mth_status mth_model_set_first_use(mth_model *model, mth_connection *inner) {
  MTH_TRY(mth_model_check_open(model));
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change, set_first_use(model, inner));
}

static mth_status set_number(mth_connection *key, size_t number, mth_location at) {
  mth_model *model = key->model;
  mth_journal *journal = &model->context->journal;
  char text[32];
  snprintf(text, sizeof text, "$%zu", number);
  const char *interned = mth_names_intern(&model->context->names, text);
  if (!interned) return MTH_NO_MEMORY;
  if (mth_name_map_get(&model->keys, interned))
    return mth_fail(MTH_INVALID, at, "the number %zu is given to two keys", number);
  MTH_TRY(mth_journal_save(journal, &key->number, sizeof key->number));
  key->number = number;
  MTH_TRY(mth_journal_save(journal, &key->key, sizeof key->key));
  key->key = interned;
  return mth_journal_map(journal, &model->keys, interned, key);
}

static mth_status set_numbers(mth_model *model, size_t count, const size_t *numbers, size_t last) {
  mth_journal *journal = &model->context->journal;
  char where[256];
  const mth_location at = mth_model_at(model, where, sizeof where);
  size_t unnamed = 0, next = 0;
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *key = model->connections.items[i];
    if (key->name) continue;
    unnamed++;
    MTH_TRY(mth_journal_map(journal, &model->keys, key->key, NULL));
  }
  if (unnamed != count)
    return mth_fail(MTH_INVALID, at, "%zu keys have no name, %zu numbers were given", unnamed,
                    count);
  for (size_t i = 0; i < model->connections.count; i++) {
    mth_connection *key = model->connections.items[i];
    if (key->name) continue;
    if (numbers[next] < 1 || numbers[next] > last)
      return mth_fail(MTH_INVALID, at, "numbers of keys are 1 to %zu here, found %zu", last,
                      numbers[next]);
    MTH_TRY(set_number(key, numbers[next++], at));
  }
  MTH_TRY(mth_journal_save(journal, &model->next_number, sizeof model->next_number));
  model->next_number = last;
  return MTH_OK;
}

mth_status mth_model_set_numbers(mth_model *model, size_t count, const size_t *numbers,
                                 size_t last) {
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change, set_numbers(model, count, numbers, last));
}
