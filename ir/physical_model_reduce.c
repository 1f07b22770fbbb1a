// physical_model_reduce.c: what is known of each key, and which operators a program does without.
//
// Operators are looked at in order, with their sources replaced by the keys that have the values.
// One whose results are known goes; so does a Buffer, and one that does to equal sources what an
// earlier one does: the results then stand for its source, or for the other's results. One whose
// sources are all fixed goes too: its results are fixed. Only a new state is never fixed.
#include "ir/model_core.h"
#include "ir/physical_core.h"
#include "ir/same_value.h"

#include <stdint.h>
#include <string.h>

// ---- what is known ------------------------------------------------------------------------------

static mth_status note_shape(const mth_physical_model *p, mth_flat_key *key) {
  const mth_connection *connection = key->seen.connection;
  key->seen.families = mth_connection_families(connection);
  key->seen.rank = mth_connection_rank(connection);
  if (key->seen.rank < 0) return MTH_OK;
  int64_t *extents = MTH_NEW_ARRAY(p->arena, int64_t, (size_t)key->seen.rank);
  if (!extents) return MTH_NO_MEMORY;
  for (int32_t i = 0; i < key->seen.rank; i++) {
    const mth_dim *dim = NULL;
    MTH_TRY(mth_net_dim(connection, i, &dim));
    if (!mth_dim_is_constant(dim, &extents[i])) extents[i] = -1;
  }
  key->seen.extents = extents;
  return MTH_OK;
}

// Given by the user, or an argument that follows from what is known.
static bool is_known(const mth_connection *connection) {
  const mth_arg *value = mth_connection_value(connection);
  return mth_net_is_valued(connection) || (value && mth_arg_is_known(value));
}

static mth_status note_all(mth_physical_model *p) {
  for (size_t i = 0; i < p->key_count; i++) {
    mth_flat_key *key = &p->keys[i];
    MTH_TRY(note_shape(p, key));
    key->is_fixed = is_known(key->seen.connection);
  }
  for (size_t i = 0; i < p->options.constant_count; i++)
    p->constants[i]->is_fixed = true;
  for (size_t i = 0; i < p->key_count; i++) {
    mth_flat_key *key = &p->keys[i];
    key->seen.is_differentiable =
        !key->maker && !key->is_fixed && mth_connection_is_differentiable(key->seen.connection);
  }
  return MTH_OK;
}

// A result is differentiable if it can be a float, the op lets gradients through, and a source is.
static void note_differentiable(const mth_flat_op *op) {
  bool is_reached = false;
  for (size_t i = 0; i < op->source_count; i++)
    is_reached |= op->sources[i]->seen.is_differentiable;
  for (size_t i = 0; i < op->result_count; i++) {
    mth_physical_key *result = &op->results[i]->seen;
    result->is_differentiable = is_reached && !op->model->op->stops_gradients &&
                                result->is_tensor && (result->families & MTH_FAMILY_FLOAT) &&
                                !op->results[i]->is_fixed;
  }
}

// ---- equal operators ----------------------------------------------------------------------------

// What the model or the options give a key; what follows from values is the same only as itself.
static const mth_constant *constant_of(const mth_flat_key *key) {
  return key->net->is_tensor ? key->net->constant : NULL;
}

static const mth_arg *arg_of(const mth_flat_key *key) {
  return key->net->is_tensor ? NULL : mth_connection_value(key->seen.connection);
}

static uint64_t hash_key(uint64_t hash, const mth_flat_key *key) {
  const mth_constant *constant = constant_of(key);
  const mth_arg *arg = arg_of(key);
  if (constant) return mth_hash_constant(hash, constant);
  return arg ? mth_hash_arg(hash, arg) : mth_hash_number(hash, (uintptr_t)key);
}

static bool are_keys_equal(const mth_flat_key *a, const mth_flat_key *b) {
  if (a == b) return true;
  if (constant_of(a) && constant_of(b))
    return mth_constants_are_same(constant_of(a), constant_of(b));
  const mth_arg *x = arg_of(a), *y = arg_of(b);
  return x && y && mth_args_are_same(x, y);
}

static uint64_t hash_op(const mth_flat_op *op) {
  uint64_t hash = mth_hash_number(op->source_count, (uintptr_t)op->model->op);
  for (size_t i = 0; i < op->source_count; i++)
    hash = hash_key(hash, op->sources[i]);
  return hash;
}

static bool are_ops_equal(const mth_flat_op *a, const mth_flat_op *b) {
  if (a->model->op != b->model->op || a->source_count != b->source_count ||
      a->result_count != b->result_count)
    return false;
  for (size_t i = 0; i < a->source_count; i++)
    if (!are_keys_equal(a->sources[i], b->sources[i])) return false;
  return true;
}

// ---- taking out ---------------------------------------------------------------------------------

// Operators that were seen, by what they do.
typedef struct op_table {
  mth_flat_op **slots;
  uint64_t *hashes;
  size_t capacity; // a power of two, more than operators
} op_table;

static mth_status make_table(const mth_physical_model *p, op_table *out) {
  out->capacity = 16;
  while (out->capacity < 2 * p->op_count)
    out->capacity *= 2;
  out->slots = MTH_NEW_ARRAY(p->arena, mth_flat_op *, out->capacity);
  out->hashes = MTH_NEW_ARRAY(p->arena, uint64_t, out->capacity);
  return out->slots && out->hashes ? MTH_OK : MTH_NO_MEMORY;
}

// An earlier operator that does the same; else NULL, and this one is entered.
static mth_flat_op *find_equal(op_table *table, mth_flat_op *op) {
  const uint64_t hash = hash_op(op);
  size_t slot = (size_t)hash & (table->capacity - 1);
  for (; table->slots[slot]; slot = (slot + 1) & (table->capacity - 1))
    if (table->hashes[slot] == hash && are_ops_equal(table->slots[slot], op))
      return table->slots[slot];
  table->slots[slot] = op;
  table->hashes[slot] = hash;
  return NULL;
}

static bool are_fixed(mth_flat_key *const *keys, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!keys[i]->is_fixed) return false;
  return true;
}

static void stand_for(mth_flat_key *key, mth_flat_key *other) {
  key->same_as = other;
  key->is_fixed = other->is_fixed;
  key->seen.is_differentiable = other->seen.is_differentiable;
}

static bool makes_state(const mth_flat_op *op) {
  for (size_t i = 0; i < op->result_count; i++)
    if (op->results[i]->is_new_state) return true;
  return false;
}

static void reduce_op(op_table *table, mth_flat_op *op) {
  for (size_t i = 0; i < op->source_count; i++)
    op->sources[i] = mth_flat_resolve(op->sources[i]);
  note_differentiable(op);
  op->is_gone = true;
  if (are_fixed(op->results, op->result_count)) return;
  if (strcmp(op->model->op->name, "buffer") == 0) {
    stand_for(op->results[0], op->sources[0]);
    return;
  }
  const mth_flat_op *equal = find_equal(table, op);
  if (equal) {
    for (size_t i = 0; i < op->result_count; i++)
      stand_for(op->results[i], equal->results[i]);
    return;
  }
  op->is_gone = are_fixed(op->sources, op->source_count) && !makes_state(op);
  for (size_t i = 0; op->is_gone && i < op->result_count; i++)
    op->results[i]->is_fixed = true;
}

static bool is_among(mth_flat_key *const *keys, size_t count, const mth_flat_key *key) {
  for (size_t i = 0; i < count; i++)
    if (keys[i] == key) return true;
  return false;
}

// Who reads what, among the operators that are left.
static mth_status link(mth_physical_model *p) {
  for (size_t pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < p->op_count; i++) {
      mth_flat_op *op = &p->ops[i];
      for (size_t k = 0; !op->is_gone && k < op->source_count; k++) {
        mth_flat_key *source = op->sources[k];
        if (is_among(op->sources, k, source)) continue;
        if (pass) source->users[source->user_count] = op;
        source->user_count++;
      }
    }
    for (size_t i = 0; pass == 0 && i < p->key_count; i++) {
      mth_flat_key *key = &p->keys[i];
      key->users = MTH_NEW_ARRAY(p->arena, mth_flat_op *, key->user_count);
      if (!key->users) return MTH_NO_MEMORY;
      key->user_count = 0;
    }
  }
  for (size_t i = 0; i < p->key_count; i++) {
    mth_flat_key *key = &p->keys[i];
    if (key->maker && key->maker->is_gone) key->maker = NULL;
    if (key->same_as && (key->seen.is_output || key->is_new_state))
      mth_flat_resolve(key)->alias_count++;
  }
  return MTH_OK;
}

mth_status mth_physical_reduce(mth_physical_model *p) {
  op_table table;
  MTH_TRY(make_table(p, &table));
  MTH_TRY(note_all(p));
  for (size_t i = 0; i < p->op_count; i++)
    reduce_op(&table, &p->ops[i]);
  return link(p);
}
