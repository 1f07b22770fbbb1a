// compose.c: adding a child to a composite.
//
// An addition runs in steps, each under the journal: check, attach every key of the child to a
// connection of the parent, state the facts of the wires, move canonical keys and the chain.
#include "ir/given.h"
#include "ir/graph.h"
#include "ir/model_core.h"
#include "ir/parts_core.h"

#include <string.h>

// Walks over a nest recurse; this bounds their stack.
enum { most_levels = 200 };

static bool is_input(const mth_connection *c) {
  return c->class_ == MTH_KEY_INPUT || c->class_ == MTH_KEY_LATENT_INPUT;
}

static mth_status set_class(mth_connection *c, mth_key_class class_) {
  MTH_TRY(mth_journal_save(&c->model->context->journal, &c->class_, sizeof c->class_));
  c->class_ = class_;
  return MTH_OK;
}

static mth_status set_pointer(mth_context *context, mth_connection **field, mth_connection *to) {
  MTH_TRY(mth_journal_save(&context->journal, field, sizeof *field));
  *field = to;
  return MTH_OK;
}

// ---- checks -------------------------------------------------------------------------------------

mth_status mth_model_check_open(const mth_model *model) {
  char where[256];
  if (!model) return MTH_INVALID; // there is nobody to report to
  const mth_location at = mth_model_at(model, where, sizeof where);
  if (model->op) return mth_fail(MTH_INVALID, at, "an op takes no children and no new keys");
  if (model->parent)
    return mth_fail(MTH_INVALID, at, "it is a child of '%s' already and can not be changed",
                    model->parent->name ? model->parent->name : model->parent->class_name);
  if (model->is_frozen) return mth_fail(MTH_INVALID, at, "it is frozen and can not be extended");
  if (model->is_train_model)
    return mth_fail(
        MTH_INVALID, at,
        "a TrainModel takes losses, regularizers and metrics, no other children or keys");
  return MTH_OK;
}

static mth_status check_child(const mth_model *parent, const mth_model *child, const char *name) {
  char where[256];
  MTH_TRY(mth_model_check_open(parent));
  const mth_location at = mth_model_at(parent, where, sizeof where);
  if (!child) return mth_fail(MTH_INVALID, at, "the child is NULL");
  if (child == parent) return mth_fail(MTH_INVALID, at, "a model can not be its own child");
  if (child->context != parent->context)
    return mth_fail(MTH_INVALID, at, "the child '%s' is of another context", child->class_name);
  if (child->is_train_model) return mth_fail(MTH_INVALID, at, "a TrainModel can not be a child");
  if (child->parent)
    return mth_fail(MTH_INVALID, at, "the child '%s' has a parent already; add a copy",
                    child->name ? child->name : child->class_name);
  if (child->is_free)
    return mth_fail(MTH_INVALID, at, "the child '%s' is not finished: mth_model_from does that",
                    child->class_name);
  if (child->height >= most_levels)
    return mth_fail(MTH_INVALID, at, "models nest at most %d levels deep", (int)most_levels);
  if (name && mth_model_find_child(parent, name))
    return mth_fail(MTH_INVALID, at, "there is a child named '%s' already", name);
  if (name && !mth_is_name(name))
    return mth_fail(MTH_INVALID, at,
                    "a name wants letters, digits and '_' and begins with no digit; found '%s'",
                    name);
  return MTH_OK;
}

static mth_status check_wires(mth_model *child, const mth_wire *wires, size_t wire_count) {
  char where[256];
  for (size_t i = 0; i < wire_count; i++) {
    const mth_location at = mth_model_at(child, where, sizeof where);
    mth_connection *key = NULL;
    if (!wires[i].key) return mth_fail(MTH_INVALID, at, "wire %zu has no key", i);
    for (size_t j = 0; j < i; j++)
      if (strcmp(wires[i].key, wires[j].key) == 0)
        return mth_fail(MTH_INVALID, at, "the key '%s' is wired twice", wires[i].key);
    const mth_named_dim *dim = mth_find_named_dim(child, wires[i].key);
    if (dim) MTH_TRY(mth_named_dim_check(child, dim, &wires[i]));
    if (dim) continue;
    MTH_TRY(mth_parts_find(child, wires[i].key, &key));
    if (!key) MTH_TRY(mth_model_get(child, wires[i].key, &key));
    if (key->class_ == MTH_KEY_INTERNAL)
      return mth_fail(MTH_INVALID, at, "the key '%s' is internal and can not be wired", key->key);
    if (key->partner && !key->is_produced)
      return mth_fail(MTH_INVALID, at, "the key '%s' holds a state and can not be wired", key->key);
  }
  return MTH_OK;
}

// ---- attaching ----------------------------------------------------------------------------------

static mth_status add_use(mth_connection *outer, mth_connection *inner) {
  mth_context *context = outer->model->context;
  MTH_TRY(set_pointer(context, &inner->outer, outer));
  if (outer->last_use)
    MTH_TRY(set_pointer(context, &outer->last_use->next_use, inner));
  else
    MTH_TRY(set_pointer(context, &outer->first_use, inner));
  return set_pointer(context, &outer->last_use, inner);
}

static mth_status check_one_producer(const mth_connection *outer, const mth_connection *inner) {
  char where[256];
  const mth_location at = mth_connection_at(outer, where, sizeof where);
  if (outer->is_produced)
    return mth_fail(MTH_INVALID, at, "it is written twice: by '%s' of %s and by '%s' of %s",
                    outer->producer->key, outer->producer->model->class_name, inner->key,
                    inner->model->class_name);
  if (outer->partner)
    return mth_fail(MTH_INVALID, at, "it holds a state and can not be written by '%s' of %s",
                    inner->key, inner->model->class_name);
  if (mth_net_is_valued(outer))
    return mth_fail(MTH_INVALID, at, "it has a value and can not be written by '%s' of %s",
                    inner->key, inner->model->class_name);
  return MTH_OK;
}

mth_status mth_attach_net(mth_connection *outer, const mth_connection *inner) {
  MTH_TRY(mth_net_merge(outer, inner));
  if (!mth_net_is_valued(outer)) return MTH_OK;
  return mth_list_remove(&outer->model->canonical_inputs, &outer->model->context->journal, outer);
}

// `outer`, which exists, becomes what `inner` leads to.
mth_status mth_attach(mth_connection *outer, mth_connection *inner) {
  mth_context *context = outer->model->context;
  const bool produces = inner->is_produced, was_input = is_input(outer);
  char where[256];
  if (produces) {
    if (outer->name && strcmp(outer->name, "input") == 0)
      return mth_fail(MTH_INVALID, mth_model_at(outer->model, where, sizeof where),
                      "the name 'input' is for inputs only");
    MTH_TRY(check_one_producer(outer, inner));
    MTH_TRY(mth_check_no_cycle(outer, inner));
    MTH_TRY(mth_journal_save(&context->journal, &outer->is_produced, sizeof outer->is_produced));
    outer->is_produced = true;
    MTH_TRY(set_pointer(context, &outer->producer, inner));
    if (is_input(outer))
      MTH_TRY(set_class(outer, outer->first_use ? MTH_KEY_INTERNAL : MTH_KEY_LATENT_OUTPUT));
  } else {
    if (outer->class_ == MTH_KEY_LATENT_OUTPUT) MTH_TRY(set_class(outer, MTH_KEY_INTERNAL));
    if (outer->is_produced) // else it is in no set of outputs; a set may be long
      MTH_TRY(mth_list_remove(&outer->model->canonical_outputs, &context->journal, outer));
  }
  if (was_input && !is_input(outer))
    MTH_TRY(mth_list_remove(&outer->model->canonical_inputs, &context->journal, outer));
  MTH_TRY(add_use(outer, inner));
  return mth_attach_net(outer, inner);
}

// A connection of the parent for `inner` alone.
mth_status mth_attach_fresh(mth_model *parent, mth_connection *inner, const char *name,
                            mth_connection **out_outer) {
  const mth_key_class class_ = inner->is_produced         ? MTH_KEY_LATENT_OUTPUT
                               : mth_net_is_valued(inner) ? MTH_KEY_LATENT_INPUT
                                                          : MTH_KEY_INPUT;
  mth_connection *outer = NULL;
  if (name) MTH_TRY(mth_model_check_key(parent, name, !inner->is_produced));
  MTH_TRY(mth_model_make_connection(parent, name, mth_net_of(inner), class_, &outer));
  if (name) MTH_TRY(mth_net_set_origin(parent->context, outer->net, outer->name));
  outer->is_produced = inner->is_produced; // new in this change, so nothing is saved
  outer->producer = inner->is_produced ? inner : NULL;
  *out_outer = outer;
  MTH_TRY(add_use(outer, inner));
  return outer->net->is_list ? mth_parts_join(outer, inner) : MTH_OK;
}

mth_status mth_check_visible(const mth_model *model, const mth_connection *connection) {
  char where[256];
  const mth_location at = mth_model_at(model, where, sizeof where);
  if (!connection && model->failure != MTH_OK) return model->failure; // it was reported
  if (!connection) return mth_fail(MTH_INVALID, at, "a connection was wanted, NULL was given");
  if (connection->model->context != model->context)
    return mth_fail(MTH_INVALID, at, "'%s' of %s is of another context", connection->key,
                    connection->model->class_name);
  if (connection->model->is_unused && connection->model->parent->is_frozen)
    return mth_fail(MTH_INVALID, at, "nothing used the expression '%s' before its model froze",
                    connection->model->class_name);
  for (const mth_model *m = connection->model; m; m = m->parent)
    if (m == model) return MTH_OK;
  return mth_fail(MTH_INVALID, at, "'%s' of %s is no connection of this model or inside it",
                  connection->key, connection->model->class_name);
}

mth_status mth_lift(mth_model *model, mth_connection *connection, mth_connection **out_connection) {
  if (connection) connection = mth_connection_now(connection);
  MTH_TRY(mth_check_visible(model, connection));
  if (connection->model->is_unused) MTH_TRY(mth_settle(connection->model));
  while (connection->model != model) {
    if (!connection->outer) {
      mth_connection *made = NULL;
      MTH_TRY(mth_model_make_connection(
          connection->model->parent, NULL, mth_net_of(connection),
          connection->is_produced ? MTH_KEY_INTERNAL : MTH_KEY_LATENT_INPUT, &made));
      made->is_produced = connection->is_produced;
      made->producer = connection->is_produced ? connection : NULL;
      MTH_TRY(add_use(made, connection));
      if (mth_connection_is_list(connection)) MTH_TRY(mth_parts_join(made, connection));
    }
    connection = connection->outer;
  }
  *out_connection = connection;
  return MTH_OK;
}

// `inner` comes to lead to `outer`; where one is a value and the other a tensor, through a
// conversion.
static mth_status attach_any(mth_model *parent, mth_connection *outer, mth_connection *inner) {
  const bool is_tensor = mth_net_of(inner)->is_tensor;
  mth_connection *value = NULL;
  if (mth_connection_is_list(outer) || mth_connection_is_list(inner)) {
    MTH_TRY(mth_attach(outer, inner));
    return mth_parts_join(outer, inner);
  }
  if (mth_net_of(outer)->is_tensor == is_tensor) return mth_attach(outer, inner);
  if (is_tensor && !inner->is_produced) {
    MTH_TRY(mth_convert(parent, outer, NULL, &outer));
    return mth_attach(outer, inner);
  }
  if (is_tensor || !inner->is_produced || outer->is_produced) return mth_attach(outer, inner);
  MTH_TRY(mth_attach_fresh(parent, inner, NULL, &value));
  return mth_convert(parent, value, outer, &outer);
}

// To the parent's key of this name, made if there is none; without a name to one of its own.
static mth_status attach_named(mth_model *parent, mth_connection *inner, const char *name,
                               mth_connection **out_outer) {
  if (!name || !name[0]) return mth_attach_fresh(parent, inner, NULL, out_outer);
  *out_outer = mth_model_find(parent, name);
  return *out_outer ? attach_any(parent, *out_outer, inner)
                    : mth_attach_fresh(parent, inner, name, out_outer);
}

static mth_status attach(mth_model *parent, mth_connection *inner, const mth_wire *wire);

// A list of a composite is given as many parts as the wire has.
static mth_status attach_parts(mth_model *parent, mth_connection *list, const mth_wire *wire) {
  MTH_TRY(mth_parts_give_length(list, wire->part_count));
  MTH_TRY(set_class(list, MTH_KEY_LATENT_INPUT));
  for (size_t i = 0; i < wire->part_count; i++) {
    mth_connection *part = NULL;
    MTH_TRY(mth_parts_get(list, i, &part));
    MTH_TRY(attach(parent, part, &wire->parts[i]));
  }
  return MTH_OK;
}

static mth_status attach(mth_model *parent, mth_connection *inner, const mth_wire *wire) {
  const mth_wire_kind kind = wire ? wire->kind : MTH_WIRE_OPEN;
  const mth_facts *facts = wire ? wire->facts : NULL;
  char where[256];
  const mth_location at = mth_connection_at(inner, where, sizeof where);
  mth_connection *outer = NULL;
  if (facts && facts->name && kind != MTH_WIRE_KEY)
    return mth_fail(MTH_INVALID, at, "its wire leads elsewhere than to the name '%s' of its facts",
                    facts->name);
  if (inner->is_produced && (kind == MTH_WIRE_VALUE || kind == MTH_WIRE_CONSTANT ||
                             (facts && (facts->value || facts->constant))))
    return mth_fail(MTH_INVALID, at, "an output can not be given a value");
  if (inner->is_produced && kind == MTH_WIRE_NAME && wire->name && !wire->name[0])
    return mth_fail(MTH_INVALID, at, "an output wants a name or none; \"\" was given");
  switch (kind) {
  case MTH_WIRE_NAME:
    MTH_TRY(attach_named(parent, inner, wire->name, &outer));
    break;
  case MTH_WIRE_KEY:
    MTH_TRY(attach_named(parent, inner, facts ? facts->name : NULL, &outer));
    break;
  case MTH_WIRE_CONNECTION:
    for (const mth_model *m = wire->connection ? wire->connection->model : NULL; m; m = m->parent)
      if (m == inner->model)
        return mth_fail(MTH_INVALID, at, "it can not be wired to '%s' of the same model",
                        wire->connection->key);
    MTH_TRY(mth_lift(parent, wire->connection, &outer));
    MTH_TRY(attach_any(parent, outer, inner));
    break;
  case MTH_WIRE_VALUE:
  case MTH_WIRE_CONSTANT:
    if (kind == MTH_WIRE_VALUE && mth_converts(inner, &wire->value)) {
      MTH_TRY(mth_convert_value(parent, &wire->value, &outer));
      MTH_TRY(mth_attach(outer, inner));
      break;
    }
    MTH_TRY(mth_attach_fresh(parent, inner, NULL, &outer));
    if (kind == MTH_WIRE_VALUE)
      MTH_TRY(mth_connection_give(outer, &wire->value));
    else
      MTH_TRY(mth_connection_give_constant(outer, wire->constant));
    break;
  case MTH_WIRE_LIST:
    if (mth_connection_is_list(inner) && !inner->is_produced)
      return attach_parts(parent, inner, wire);
    return mth_fail(MTH_INVALID, at, "it takes one connection, a list of %zu was given",
                    wire->part_count);
  case MTH_WIRE_OPEN:
    MTH_TRY(mth_attach_fresh(parent, inner, NULL, &outer));
    break;
  }
  return facts ? mth_connection_state(outer, facts) : MTH_OK;
}

static const mth_wire *find_wire(const mth_wire *wires, size_t wire_count, const char *key) {
  for (size_t i = 0; i < wire_count; i++)
    if (strcmp(wires[i].key, key) == 0) return &wires[i];
  return NULL;
}

// Rule R8.
static mth_status state_named_dims(const mth_model *child, const mth_wire *wires,
                                   size_t wire_count) {
  for (size_t i = 0; child->named_dims.count && i < wire_count; i++) {
    const mth_named_dim *dim = mth_find_named_dim(child, wires[i].key);
    if (dim) MTH_TRY(mth_named_dim_state(dim, &wires[i].value));
  }
  return MTH_OK;
}

static mth_status attach_all(mth_model *parent, mth_model *child, const mth_wire *wires,
                             size_t wire_count) {
  for (size_t i = 0; i < child->connections.count; i++) { // parts that are wired by themselves
    mth_connection *part = child->connections.items[i];
    const mth_wire *wire = part->whole ? find_wire(wires, wire_count, part->key) : NULL;
    if (wire) MTH_TRY(attach(parent, part, wire));
  }
  for (size_t pass = 0; pass < 2; pass++) // inputs, then outputs
    for (size_t i = 0; i < child->connections.count; i++) {
      mth_connection *inner = child->connections.items[i];
      const mth_wire *wire = find_wire(wires, wire_count, inner->key);
      if (inner->outer || mth_parts_follows(inner)) continue; // a part of a list
      const bool external = inner->class_ == MTH_KEY_INPUT || inner->class_ == MTH_KEY_OUTPUT ||
                            mth_list_has(&child->canonical_outputs, inner);
      if (inner->is_produced == (pass == 1) && (external || wire))
        MTH_TRY(attach(parent, inner, wire));
    }
  return MTH_OK;
}

// ---- canonical keys and the chain ---------------------------------------------------------------

static mth_status move_canonical_keys(mth_model *parent, const mth_model *child) {
  mth_journal *journal = &parent->context->journal;
  for (size_t i = 0; i < child->canonical_inputs.count; i++) {
    mth_connection *outer = ((mth_connection *)child->canonical_inputs.items[i])->outer;
    if (outer && outer->class_ == MTH_KEY_INPUT && !mth_net_is_valued(outer) &&
        !mth_list_has(&parent->canonical_inputs, outer))
      MTH_TRY(mth_list_push(&parent->canonical_inputs, journal, outer));
  }
  for (size_t i = 0; i < child->canonical_outputs.count; i++) {
    mth_connection *inner = child->canonical_outputs.items[i];
    mth_connection *outer = inner->outer;
    if (outer && (outer->class_ == MTH_KEY_LATENT_OUTPUT || outer->class_ == MTH_KEY_OUTPUT))
      MTH_TRY(mth_list_push(&parent->canonical_outputs, journal, outer));
  }
  return MTH_OK;
}

static bool consumes(const mth_model *child, const mth_connection *outer) {
  for (const mth_connection *use = outer->first_use; use; use = use->next_use)
    if (use->model == child && !use->is_produced) return true;
  return false;
}

// Rule R2: the last child added by `+=`, the first child, and a child that consumes the chain's
// output are where the chain goes on.
static mth_status move_chain(mth_model *parent, const mth_model *child, bool appended) {
  const bool first = parent->children.items[0] == child;
  if (!appended && !first && !(parent->chain && consumes(child, parent->chain))) return MTH_OK;
  return set_pointer(parent->context, &parent->chain, child->chain ? child->chain->outer : NULL);
}

// Messages call the nets of a child "encoder.weight", or "encoder.Linear.weight" where the child has
// no name for it, until the parent names them. An operand of an expression is the net of whoever
// made it, and has its name.
static mth_status label_keys(mth_model *child, const char *name) {
  for (size_t i = 0; i < child->connections.count; i++) {
    const mth_connection *key = child->connections.items[i];
    const mth_net *net = mth_net_of(key);
    if ((key->class_ == MTH_KEY_INPUT || key->class_ == MTH_KEY_OUTPUT) && !key->net->merged_into)
      MTH_TRY(mth_net_set_label(child->context, net, name,
                                key->name ? key->key
                                          : mth_solver_name(child->context->solver, net->var)));
  }
  return MTH_OK;
}

static mth_status adopt(mth_model *parent, mth_model *child, const char *name) {
  mth_journal *journal = &parent->context->journal;
  MTH_TRY(label_keys(child, name ? name : child->class_name));
  if (name) {
    const char *interned = mth_names_intern(&parent->context->names, name);
    if (!interned) return MTH_NO_MEMORY;
    MTH_TRY(mth_journal_save(journal, &child->name, sizeof child->name));
    child->name = interned;
    MTH_TRY(mth_journal_map(journal, &parent->child_names, interned, child));
  }
  MTH_TRY(mth_journal_save(journal, &parent->height, sizeof parent->height));
  if (parent->height < child->height + 1) parent->height = child->height + 1;
  MTH_TRY(mth_journal_save(journal, &child->parent, sizeof child->parent));
  child->parent = parent;
  child->position = parent->children.count;
  return mth_list_push(&parent->children, journal, child);
}

// Ops of expressions that the wires use become children before the child. What is refused of other
// wires is refused when they are attached.
static mth_status settle_wires(const mth_model *parent, const mth_wire *wires, size_t wire_count) {
  for (size_t i = 0; i < wire_count; i++) {
    mth_model *maker = wires[i].kind == MTH_WIRE_CONNECTION && wires[i].connection
                           ? wires[i].connection->model
                           : NULL;
    if (maker && maker->is_unused && maker->parent == parent) MTH_TRY(mth_settle(maker));
  }
  return MTH_OK;
}

static mth_status add_wired(mth_model *parent, mth_model *child, const char *name,
                            const mth_wire *wires, size_t wire_count, bool appended) {
  MTH_TRY(mth_model_freeze_inside(child));
  MTH_TRY(check_wires(child, wires, wire_count));
  MTH_TRY(settle_wires(parent, wires, wire_count));
  MTH_TRY(adopt(parent, child, name));
  MTH_TRY(attach_all(parent, child, wires, wire_count));
  MTH_TRY(mth_state_lift(parent, child));
  MTH_TRY(state_named_dims(child, wires, wire_count));
  MTH_TRY(move_canonical_keys(parent, child));
  return move_chain(parent, child, appended);
}

static mth_status add(mth_model *parent, mth_model *child, const char *name, const mth_wire *wires,
                      size_t wire_count, bool appended) {
  if (!child->is_list_open) return add_wired(parent, child, name, wires, wire_count, appended);
  mth_wire *spread = NULL;
  size_t count = 0;
  mth_status status = mth_parts_wire(parent, child, wires, wire_count, &spread, &count);
  if (status == MTH_OK) status = add_wired(parent, child, name, spread, count, appended);
  mth_release(parent->context->allocator, spread);
  return status;
}

mth_status mth_model_add_inside(mth_model *model, mth_model *child, const char *name,
                                const mth_wire *wires, size_t wire_count) {
  return add_wired(model, child, name, wires, wire_count, false);
}

static mth_status add_in_change(mth_model *parent, mth_model *child, const char *name,
                                const mth_wire *wires, size_t wire_count, bool appended) {
  const mth_change change = mth_change_begin(parent->context);
  return mth_change_end(change, add(parent, child, name, wires, wire_count, appended));
}

// ---- public -------------------------------------------------------------------------------------

mth_status mth_model_add(mth_model *parent, mth_model *child, const char *name,
                         const mth_wire *wires, size_t wire_count) {
  char where[256];
  MTH_TRY(check_child(parent, child, name));
  MTH_TRY(mth_check_wires(mth_model_at(child, where, sizeof where), wires, wire_count));
  return add_in_change(parent, child, name, wires, wire_count, false);
}

// Rule R1: the canonical inputs of the child that no wire mentions.
static mth_status find_free_input(const mth_model *child, const mth_wire *wires, size_t wire_count,
                                  mth_connection **out_free) {
  char where[256];
  size_t count = 0;
  mth_text names = MTH_TEXT_INIT(child->context->allocator);
  *out_free = NULL;
  for (size_t i = 0; i < child->canonical_inputs.count; i++) {
    mth_connection *c = child->canonical_inputs.items[i];
    if (find_wire(wires, wire_count, c->key)) continue;
    mth_connection_add_name(c, &names);
    count++;
    *out_free = c;
  }
  mth_status status = MTH_OK;
  if (count > 1)
    status = mth_fail(MTH_INVALID, mth_model_at(child, where, sizeof where),
                      "the chain can continue at one input, %zu are free: %s; wire the others",
                      count, mth_text_get(&names));
  mth_text_deinit(&names);
  return status;
}

mth_status mth_model_append(mth_model *parent, mth_model *child, const char *name,
                            const mth_wire *wires, size_t wire_count) {
  mth_connection *from = NULL, *to = NULL;
  char where[256];
  MTH_TRY(check_child(parent, child, name));
  MTH_TRY(mth_check_wires(mth_model_at(child, where, sizeof where), wires, wire_count));
  for (size_t i = 0; i < wire_count; i++) // before their keys are compared
    if (!wires[i].key) return mth_model_add(parent, child, name, wires, wire_count);
  if (parent->children.count) MTH_TRY(find_free_input(child, wires, wire_count, &to));
  if (!to) return add_in_change(parent, child, name, wires, wire_count, true);
  MTH_TRY(mth_model_canonical_output(parent, &from));
  if (mth_connection_is_list(to) && !mth_connection_is_list(from)) // a list must be given
    return add_in_change(parent, child, name, wires, wire_count, true);
  mth_wire *all = mth_allocate(parent->context->allocator, wire_count + 1, sizeof *all);
  if (!all) return MTH_NO_MEMORY;
  if (wire_count) memcpy(all, wires, wire_count * sizeof *all);
  all[wire_count] = MTH_WIRE_TO(to->key, from);
  const mth_status status = add_in_change(parent, child, name, all, wire_count + 1, true);
  mth_release(parent->context->allocator, all);
  return status;
}
