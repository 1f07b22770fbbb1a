// train_model_finalize.c: the cost of a TrainModel, put together from its parts.
//
// With the losses L, the regularizers R on keys k and their coefficients c:
//
//   R'         = R / (N_1 ... N_n)^(1/n), over the n losses that depend on k; R if there is none
//   N_i        = the number of elements that the means, minima and maxima of loss i fold to one
//   loss       = L, or combine([L_1, ..., L_n])
//   final_cost = sum([loss, c_1 sum([R' of c_1]), c_2 sum([R' of c_2]), ...])
//
// The order in which children are added decides generated names, so it is part of the format.
#include "ir/train_model_core.h"

#include <string.h>

typedef struct finalizing {
  mth_train_change *c;
  mth_connection **counts; // of each loss: N_i, once it is asked for; NULL: 1
  bool *is_counted;
  mth_train_part **parts; // of all regularizers
  size_t part_count;
  bool *depends; // for each part: on which losses its key acts
} finalizing;

// ---- which losses depend on a key ---------------------------------------------------------------

typedef struct pending {
  const mth_net *net;
  struct pending *next;
} pending;

static mth_status push(mth_arena *arena, pending **stack, mth_net *net, size_t epoch) {
  if (net->needed_epoch == epoch) return MTH_OK;
  net->needed_epoch = epoch;
  pending *node = MTH_NEW(arena, pending);
  if (!node) return MTH_NO_MEMORY;
  *node = (pending){net, *stack};
  *stack = node;
  return MTH_OK;
}

// Marks every net that `from` is computed of with the epoch.
static mth_status mark_needed(mth_arena *arena, const mth_connection *from, size_t epoch) {
  pending *stack = NULL;
  MTH_TRY(push(arena, &stack, mth_net_of(from), epoch));
  while (stack) {
    const mth_model *maker = stack->net->maker;
    stack = stack->next;
    for (size_t i = 0; maker && i < maker->operand_count; i++)
      MTH_TRY(push(arena, &stack, mth_net_of(maker->op_keys[i]), epoch));
  }
  return MTH_OK;
}

static mth_status list_parts(finalizing *f) {
  const mth_list *entries = &f->c->train->regularizations;
  size_t most = 0;
  for (size_t i = 0; i < entries->count; i++)
    most += ((const mth_train_entry *)entries->items[i])->part_count;
  f->parts = MTH_NEW_ARRAY(&f->c->arena, mth_train_part *, most);
  if (!f->parts) return MTH_NO_MEMORY;
  for (size_t i = 0; i < entries->count; i++) {
    const mth_train_entry *entry = entries->items[i];
    for (size_t j = 0; j < entry->part_count; j++)
      f->parts[f->part_count++] = &entry->parts[j];
  }
  return MTH_OK;
}

// One walk for each loss, however many regularizers there are.
static mth_status find_dependences(finalizing *f) {
  mth_context *context = f->c->train->model->context;
  const mth_list *losses = &f->c->train->losses;
  MTH_TRY(list_parts(f));
  f->depends = MTH_NEW_ARRAY(&f->c->arena, bool, f->part_count * losses->count);
  if (!f->depends) return MTH_NO_MEMORY;
  for (size_t i = 0; i < losses->count && f->part_count; i++) {
    const mth_train_entry *loss = losses->items[i];
    const size_t epoch = ++context->epoch;
    MTH_TRY(mark_needed(&f->c->arena, loss->parts->output, epoch));
    for (size_t j = 0; j < f->part_count; j++)
      f->depends[j * losses->count + i] = mth_net_of(f->parts[j]->key)->needed_epoch == epoch;
  }
  return MTH_OK;
}

// ---- the geometric mean -------------------------------------------------------------------------

static mth_status multiply(mth_train_change *c, mth_connection *by, mth_connection **product) {
  if (!by) return MTH_OK;
  if (!*product) {
    *product = by;
    return MTH_OK;
  }
  return mth_train_op(c, "multiply", 2, (mth_connection *[]){*product, by}, NULL, product);
}

// N_i; NULL for 1.
static mth_status count_folded(finalizing *f, size_t index, mth_connection **out_count) {
  const mth_train_entry *loss = f->c->train->losses.items[index];
  if (!f->is_counted[index]) {
    f->is_counted[index] = true;
    for (const mth_train_fold *fold = loss->parts->folds; fold; fold = fold->next) {
      mth_connection *input = fold->input, *count = NULL;
      const mth_wire axis = MTH_WIRE_TO("axis", mth_model_find(fold->step, "axis"));
      MTH_TRY(mth_train_op(f->c, "element_count", 1, &input, &axis, &count));
      MTH_TRY(multiply(f->c, count, &f->counts[index]));
    }
  }
  *out_count = f->counts[index];
  return MTH_OK;
}

// R', in place.
static mth_status normalize(finalizing *f, size_t index) {
  mth_train_change *c = f->c;
  mth_train_part *part = f->parts[index];
  const size_t loss_count = c->train->losses.count;
  mth_connection *product = NULL;
  size_t depending = 0;
  for (size_t i = 0; i < loss_count; i++) {
    mth_connection *count = NULL;
    if (!f->depends[index * loss_count + i]) continue;
    depending++;
    MTH_TRY(count_folded(f, i, &count));
    MTH_TRY(multiply(c, count, &product));
  }
  if (!product) return MTH_OK; // all N_i are 1
  if (depending > 1) {
    const double exponent = 1.0 / (double)depending;
    const mth_constant root = {.dtype = MTH_F64, .data = &exponent};
    const mth_wire wire = MTH_WIRE_T("exponent", &root);
    MTH_TRY(mth_train_op(c, "power", 1, &product, &wire, &product));
  }
  mth_connection *const operands[] = {part->output, product};
  MTH_TRY(mth_journal_save(&c->train->model->context->journal, &part->output, sizeof part->output));
  return mth_train_op(c, "divide", 2, operands, NULL, &part->output);
}

static mth_status normalize_all(finalizing *f) {
  MTH_TRY(find_dependences(f));
  for (size_t i = 0; i < f->part_count; i++)
    MTH_TRY(normalize(f, i));
  return MTH_OK;
}

// ---- joining ------------------------------------------------------------------------------------

// [x_1, ..., x_n], each at least of rank 1.
static mth_status join(mth_train_change *c, size_t count, mth_connection *const *values,
                       mth_connection **out_joined) {
  mth_connection **rows = MTH_NEW_ARRAY(&c->arena, mth_connection *, count);
  if (!rows) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    MTH_TRY(mth_train_op(c, "atleast_1d", 1, &values[i], NULL, &rows[i]));
  return mth_train_op(c, "concat", count, rows, NULL, out_joined);
}

static mth_status sum(mth_train_change *c, size_t count, mth_connection *const *values,
                      mth_connection **out_sum) {
  mth_connection *joined = NULL;
  MTH_TRY(join(c, count, values, &joined));
  return mth_train_op(c, "sum", 1, &joined, NULL, out_sum);
}

static mth_status combine(mth_train_change *c, mth_connection *joined, mth_connection **out_loss) {
  mth_model *combiner = c->train->combiner;
  mth_connection *input = NULL;
  if (!combiner) return mth_train_op(c, "sum", 1, &joined, NULL, out_loss);
  MTH_TRY(mth_model_canonical_input(combiner, &input));
  const mth_wire wire = MTH_WIRE_TO(input->key, joined);
  return mth_train_add(c, combiner, &wire, 1, out_loss);
}

static mth_status add_loss(mth_train_change *c, mth_connection **out_loss) {
  const mth_list *losses = &c->train->losses;
  mth_connection **values = MTH_NEW_ARRAY(&c->arena, mth_connection *, losses->count);
  mth_connection *joined = NULL;
  if (!values) return MTH_NO_MEMORY;
  for (size_t i = 0; i < losses->count; i++)
    values[i] = ((const mth_train_entry *)losses->items[i])->parts->output;
  if (losses->count == 1) return mth_train_op(c, "buffer", 1, values, NULL, out_loss);
  MTH_TRY(join(c, losses->count, values, &joined));
  return combine(c, joined, out_loss);
}

static size_t element_count(const mth_constant *constant) {
  size_t count = 1;
  for (size_t i = 0; i < constant->rank; i++)
    count *= (size_t)constant->extents[i];
  return count;
}

// Numbers are one coefficient if they are equal, tensors if they are the same object.
static bool is_same_coef(const mth_train_entry *a, const mth_train_entry *b) {
  const mth_coef *x = &a->term.coef, *y = &b->term.coef;
  if (x->kind != y->kind) return false;
  if (x->kind == MTH_COEF_NUMBER) return x->number == y->number;
  const mth_constant *s = x->tensor, *t = y->tensor;
  if (a->coef_identity != b->coef_identity || s->dtype != t->dtype || s->rank != t->rank)
    return false;
  return (s->rank == 0 || memcmp(s->extents, t->extents, s->rank * sizeof *s->extents) == 0) &&
         memcmp(s->data, t->data, element_count(s) * (s->dtype == MTH_BOOL ? 1 : 8)) == 0;
}

// The groups, each in the place of its first regularizer.
static mth_status add_groups(mth_train_change *c, mth_connection **groups, size_t *out_count) {
  const mth_list *entries = &c->train->regularizations;
  size_t part_count = 0;
  for (size_t i = 0; i < entries->count; i++)
    part_count += ((const mth_train_entry *)entries->items[i])->part_count;
  mth_connection **values = MTH_NEW_ARRAY(&c->arena, mth_connection *, part_count);
  if (!values) return MTH_NO_MEMORY;
  for (size_t i = 0; i < entries->count; i++) {
    const mth_train_entry *first = entries->items[i];
    bool is_first = true;
    for (size_t j = 0; j < i; j++)
      is_first &= !is_same_coef(entries->items[j], first);
    if (!is_first) continue;
    size_t count = 0;
    for (size_t j = i; j < entries->count; j++) {
      const mth_train_entry *entry = entries->items[j];
      for (size_t k = 0; k < entry->part_count && is_same_coef(first, entry); k++)
        values[count++] = entry->parts[k].output;
    }
    mth_connection *total = NULL;
    MTH_TRY(sum(c, count, values, &total));
    MTH_TRY(mth_train_scale(c, total, &first->term.coef, &groups[(*out_count)++]));
  }
  return MTH_OK;
}

static mth_status finalize(mth_train_change *c) {
  mth_model *model = c->train->model;
  const size_t loss_count = c->train->losses.count;
  const size_t entry_count = c->train->regularizations.count;
  char where[256];
  if (loss_count == 0)
    return mth_fail(MTH_INVALID, mth_model_at(model, where, sizeof where),
                    "wanted at least one loss, found none");
  finalizing f = {.c = c,
                  .counts = MTH_NEW_ARRAY(&c->arena, mth_connection *, loss_count),
                  .is_counted = MTH_NEW_ARRAY(&c->arena, bool, loss_count)};
  mth_connection **terms = MTH_NEW_ARRAY(&c->arena, mth_connection *, entry_count + 1);
  if (!f.counts || !f.is_counted || !terms) return MTH_NO_MEMORY;
  mth_connection *cost = NULL;
  size_t count = 1;
  MTH_TRY(normalize_all(&f));
  MTH_TRY(add_loss(c, &terms[0]));
  cost = terms[0];
  if (entry_count) {
    MTH_TRY(mth_connection_rename(terms[0], "loss"));
    MTH_TRY(add_groups(c, terms, &count));
    MTH_TRY(sum(c, count, terms, &cost));
  }
  MTH_TRY(mth_model_set_canonical_outputs(model, &cost, 1));
  MTH_TRY(mth_model_expose(model, cost, "final_cost"));
  return mth_model_freeze(model);
}

mth_status mth_train_model_finalize(mth_train_model *train, mth_model **out_model) {
  mth_train_change c;
  if (!train || !out_model) return MTH_INVALID; // there is nobody to report to
  if (!train->model->is_frozen) {
    MTH_TRY(mth_train_begin(train, &c));
    mth_train_open(&c);
    MTH_TRY(mth_train_end(&c, finalize(&c)));
  }
  *out_model = train->model;
  return MTH_OK;
}

// ---- the combiner -------------------------------------------------------------------------------

static mth_status check_combiner(const mth_train_change *c, const mth_model *combiner) {
  mth_connection *key = NULL;
  char where[256];
  const mth_location at = mth_model_at(c->train->model, where, sizeof where);
  if (!combiner) return mth_fail(MTH_INVALID, at, "the loss combiner is NULL");
  if (combiner->parent)
    return mth_fail(MTH_INVALID, at, "the child '%s' has a parent already; add a copy",
                    combiner->class_name);
  if (combiner->context != c->train->model->context)
    return mth_fail(MTH_INVALID, at, "the child '%s' is of another context", combiner->class_name);
  MTH_TRY(mth_model_canonical_input(combiner, &key));
  return mth_train_find_output(combiner, &key);
}

mth_status mth_train_model_set_loss_combiner(mth_train_model *train, mth_model *combiner) {
  mth_train_change c;
  MTH_TRY(mth_train_begin(train, &c));
  MTH_TRY(mth_train_end(&c, check_combiner(&c, combiner)));
  if (train->combiner != combiner) mth_model_destroy(train->combiner);
  train->combiner = combiner;
  return MTH_OK;
}
