// model_equal.c: comparing models.
//
// First the structure, key by key; then each pair of nets once; last the dims that were met. Pairs
// of bare unknown dims are believed in the order in which they are met, the rest follows from them.
#include "ir/model_equal.h"

#include "ir/graph.h"
#include "ir/model_core.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// Where something is compared: a key, or an argument of the class that made a model.
typedef struct place {
  const mth_connection *key;
  const mth_model *made;
  const char *arg;
} place;

typedef struct dim_pair {
  const mth_dim *a, *b;
  place at;
} dim_pair;

typedef struct comparing {
  mth_context *context;
  mth_name_map nets, back;        // of a to b and of b to a, also keys and unknown dims
  mth_name_map rests, rests_back; // the same of rests, by number
  mth_list pairs;                 // of dims, in the arena
  mth_arena arena;
  mth_text *difference;
  bool differs;
} comparing;

// MTH_OK goes on; what differs ends the comparison with this.
enum { ends = MTH_INVALID };

static mth_status differ(comparing *c, const mth_model *model, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static mth_status differ(comparing *c, const mth_model *model, const char *format, ...) {
  char text[512];
  va_list args;
  c->differs = true;
  if (!c->difference) return (mth_status)ends;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  mth_text_add(c->difference, "%s", text);
  for (const char *lead = " in "; model; model = model->parent, lead = " of ")
    mth_text_add(c->difference, "%s%s", lead, model->name ? model->name : model->class_name);
  return (mth_status)ends;
}

static mth_status differ_at(comparing *c, const mth_connection *at, const char *what) {
  return differ(c, at->model, "%s of key '%s'", what, at->key);
}

static mth_status differ_in(comparing *c, place at, const char *what) {
  if (at.key) return differ_at(c, at.key, what);
  return differ(c, at.made, "the argument '%s'", at.arg);
}

// Is `b` what stands for `a`? Two things that are met for the first time stand for each other. The
// maps are of addresses.
static mth_status pair_in(const comparing *c, mth_name_map *map, mth_name_map *back, const void *a,
                          const void *b, bool *out_same) {
  const mth_allocator *allocator = c->context->allocator;
  const void *known = mth_name_map_get(map, a), *known_back = mth_name_map_get(back, b);
  *out_same = known == b && known_back == a;
  if (known || known_back) return MTH_OK;
  *out_same = true;
  return mth_name_map_set(map, allocator, a, (void *)(uintptr_t)b) &&
                 mth_name_map_set(back, allocator, b, (void *)(uintptr_t)a)
             ? MTH_OK
             : MTH_NO_MEMORY;
}

static mth_status pair(comparing *c, const void *a, const void *b, bool *out_same) {
  return pair_in(c, &c->nets, &c->back, a, b, out_same);
}

static mth_status pair_rests(comparing *c, uint32_t a, uint32_t b, bool *out_same) {
  return pair_in(c, &c->rests, &c->rests_back, (const void *)((uintptr_t)a + 1),
                 (const void *)((uintptr_t)b + 1), out_same);
}

// ---- dims ---------------------------------------------------------------------------------------

static bool is_unknown(const mth_dim *dim) {
  return mth_dim_is_symbol(dim) && mth_dim_name(dim)[0] == '?';
}

static mth_status note_dims(comparing *c, const mth_dim *a, const mth_dim *b, place at) {
  dim_pair *noted = MTH_NEW(&c->arena, dim_pair);
  if (!noted) return MTH_NO_MEMORY;
  *noted = (dim_pair){a ? mth_context_resolve(c->context, a) : NULL,
                      b ? mth_context_resolve(c->context, b) : NULL, at};
  if ((a && !noted->a) || (b && !noted->b)) return MTH_NO_MEMORY;
  if (!a != !b) return differ_in(c, at, "a dim");
  if (!a) return MTH_OK;
  if (!is_unknown(noted->a) || !is_unknown(noted->b)) {
    mth_journal journal = MTH_JOURNAL_INIT(c->context->allocator);
    return mth_list_push(&c->pairs, &journal, noted);
  }
  bool same;
  MTH_TRY(pair(c, noted->a, noted->b, &same));
  return same ? MTH_OK : differ_in(c, at, "a dim");
}

static mth_status match_dims(comparing *c, const mth_dim *a, const mth_dim *b, place at) {
  bool same = a == b;
  if (is_unknown(a) && is_unknown(b)) {
    MTH_TRY(pair(c, a, b, &same));
  } else if (!same && mth_dim_get_kind(a) == mth_dim_get_kind(b)) {
    const size_t count = mth_dim_operand_count(a);
    same = count > 0 && count == mth_dim_operand_count(b);
    for (size_t i = 0; same && i < count; i++)
      MTH_TRY(match_dims(c, mth_dim_operand(a, i), mth_dim_operand(b, i), at));
  }
  return same ? MTH_OK : differ_in(c, at, "a dim");
}

// `user` is a map.
static const mth_dim *replace(void *user, const mth_dim *symbol) {
  const mth_dim *known = mth_name_map_get(user, (const void *)symbol);
  return known ? known : symbol;
}

// A bare unknown dim of one side may be a formula on the other: n = a + b says what a = n - b says.
static mth_status define(comparing *c, mth_name_map *map, const mth_dim *symbol,
                         const mth_dim *formula) {
  if (!is_unknown(symbol) || mth_name_map_get(map, (const void *)symbol)) return MTH_OK;
  return mth_name_map_set(map, c->context->allocator, (const void *)symbol,
                          (void *)(uintptr_t)formula)
             ? MTH_OK
             : MTH_NO_MEMORY;
}

// What is left when the bare ones are paired: equal, seen from either side, once all that is known
// is put in; else term by term.
static mth_status compare_noted(comparing *c) {
  mth_dim_table *dims = c->context->dims;
  for (size_t i = 0; i < c->pairs.count; i++) {
    const dim_pair *noted = c->pairs.items[i];
    MTH_TRY(define(c, &c->nets, noted->a, noted->b));
    MTH_TRY(define(c, &c->back, noted->b, noted->a));
  }
  for (size_t i = 0; i < c->pairs.count; i++) {
    const dim_pair *noted = c->pairs.items[i];
    const size_t failures = mth_dim_table_failure_count(dims);
    const bool same = mth_dim_substitute(dims, noted->a, replace, &c->nets) == noted->b &&
                      mth_dim_substitute(dims, noted->b, replace, &c->back) == noted->a;
    if (failures != mth_dim_table_failure_count(dims)) return MTH_NO_MEMORY;
    if (!same) MTH_TRY(match_dims(c, noted->a, noted->b, noted->at));
  }
  return MTH_OK;
}

// ---- values -------------------------------------------------------------------------------------

static mth_status compare_models(comparing *c, const mth_model *a, const mth_model *b);

// Element `index` of a list of any kind.
static mth_arg item_of(const mth_arg *list, size_t index) {
  if (list->kind == MTH_ARG_INTS) return MTH_ARG_I(NULL, list->ints[index]);
  if (list->kind == MTH_ARG_DIMS) return MTH_ARG_D(NULL, list->dims[index]);
  return list->items[index];
}

static bool is_list(const mth_arg *arg) {
  return arg->kind == MTH_ARG_INTS || arg->kind == MTH_ARG_DIMS || arg->kind == MTH_ARG_TUPLE ||
         arg->kind == MTH_ARG_SLICE;
}

static bool same_number(double a, double b) { return memcmp(&a, &b, sizeof a) == 0; }

// The dim of an integer; NULL: not one, or no memory.
static const mth_dim *integer_of(comparing *c, const mth_arg *arg) {
  if (arg->kind == MTH_ARG_DIM) return arg->dim;
  return arg->kind == MTH_ARG_INT ? mth_dim_constant(c->context->dims, arg->i) : NULL;
}

static mth_status compare_args(comparing *c, const mth_arg *a, const mth_arg *b, place at) {
  const mth_dim *x = integer_of(c, a), *y = integer_of(c, b);
  bool same = a->kind == b->kind;
  if (x && y) return note_dims(c, x, y, at);
  if (is_list(a) && is_list(b) && a->count == b->count &&
      (a->kind == MTH_ARG_SLICE) == (b->kind == MTH_ARG_SLICE)) {
    for (size_t i = 0; i < a->count; i++) {
      const mth_arg left = item_of(a, i), right = item_of(b, i);
      MTH_TRY(compare_args(c, &left, &right, at));
    }
    return MTH_OK;
  }
  if (same && a->kind == MTH_ARG_BOOL) same = a->b == b->b;
  if (same && a->kind == MTH_ARG_FLOAT) same = same_number(a->f, b->f) && a->named == b->named;
  if (same && a->kind == MTH_ARG_STRING) same = strcmp(a->s, b->s) == 0;
  if (same && a->kind == MTH_ARG_DTYPE) same = a->dtype == b->dtype;
  if (same && a->kind == MTH_ARG_MODEL) return compare_models(c, a->model, b->model);
  if (same && !is_list(a)) return MTH_OK;
  return differ_in(c, at, "the value");
}

static bool same_constant(const mth_constant *a, const mth_constant *b) {
  if (!a || !b) return a == b;
  size_t count = 1;
  if (a->dtype != b->dtype || a->rank != b->rank || a->named != b->named) return false;
  for (size_t i = 0; i < a->rank; i++) {
    if (a->extents[i] != b->extents[i]) return false;
    count *= (size_t)a->extents[i];
  }
  return count == 0 || memcmp(a->data, b->data, count * (a->dtype == MTH_BOOL ? 1 : 8)) == 0;
}

// ---- nets ---------------------------------------------------------------------------------------

static mth_status compare_forms(comparing *c, const mth_shape_facts *a, const mth_shape_facts *b,
                                const mth_connection *at) {
  bool same = a->prefix_count == b->prefix_count && a->suffix_count == b->suffix_count &&
              a->has_rest == b->has_rest;
  if (same && a->has_rest) MTH_TRY(pair_rests(c, a->rest, b->rest, &same));
  if (!same) return differ_at(c, at, "the shape");
  for (size_t i = 0; i < a->prefix_count; i++)
    MTH_TRY(note_dims(c, a->prefix[i], b->prefix[i], (place){.key = at}));
  for (size_t i = 0; i < a->suffix_count; i++)
    MTH_TRY(note_dims(c, a->suffix[i], b->suffix[i], (place){.key = at}));
  return MTH_OK;
}

static mth_status compare_shapes(comparing *c, const mth_net *a, const mth_net *b,
                                 const mth_connection *at) {
  mth_shape_facts x, y;
  MTH_TRY(mth_solver_shape(c->context->solver, a->var, &x));
  MTH_TRY(mth_solver_shape(c->context->solver, b->var, &y));
  const mth_shape_facts x_front = mth_shape_front_form(&x), y_front = mth_shape_front_form(&y);
  MTH_TRY(compare_forms(c, &x, &y, at));
  return compare_forms(c, &x_front, &y_front, at);
}

static mth_status compare_initializers(comparing *c, const mth_initializer *a,
                                       const mth_initializer *b, const mth_connection *at) {
  if (!a && !b) return MTH_OK;
  if (!a || !b || a->kind != b->kind || !same_number(a->a, b->a) || !same_number(a->b, b->b))
    return differ_at(c, at, "the initializer");
  return note_dims(c, a->fan, b->fan, (place){.key = at});
}

static mth_status compare_nets(comparing *c, const mth_net *a, const mth_net *b,
                               const mth_connection *at) {
  mth_solver *solver = c->context->solver;
  if (a->is_tensor != b->is_tensor) return differ_at(c, at, "the kind");
  if (strcmp(a->origin, b->origin) != 0) return differ_at(c, at, "the origin");
  if (a->differentiable != b->differentiable) return differ_at(c, at, "the differentiability");
  if (!same_constant(a->constant, b->constant)) return differ_at(c, at, "the constant");
  MTH_TRY(compare_initializers(c, a->initializer, b->initializer, at));
  if (a->is_tensor) {
    if (mth_solver_families(solver, a->var) != mth_solver_families(solver, b->var))
      return differ_at(c, at, "the element type");
    return compare_shapes(c, a, b, at);
  }
  const mth_arg *x = mth_solver_value(solver, a->var), *y = mth_solver_value(solver, b->var);
  if (a->arg_kind != b->arg_kind || a->is_given != b->is_given || !x != !y)
    return differ_at(c, at, "the value");
  return x ? compare_args(c, x, y, (place){.key = at}) : MTH_OK;
}

// ---- keys ---------------------------------------------------------------------------------------

static mth_status same_things(comparing *c, const void *a, const void *b, const mth_connection *at,
                              const char *what) {
  bool same = !a == !b;
  if (a && b) MTH_TRY(pair(c, a, b, &same));
  return same ? MTH_OK : differ_at(c, at, what);
}

static mth_status compare_parts(comparing *c, const mth_connection *a, const mth_connection *b) {
  if (mth_net_of(a)->is_list != mth_net_of(b)->is_list) return differ_at(c, a, "the kind");
  for (size_t i = 0; i < a->parts.count || i < b->parts.count; i++)
    MTH_TRY(same_things(c, i < a->parts.count ? a->parts.items[i] : NULL,
                        i < b->parts.count ? b->parts.items[i] : NULL, a, "a part"));
  return MTH_OK;
}

static mth_status compare_keys(comparing *c, const mth_connection *a, const mth_connection *b) {
  if (!a->name != !b->name || (a->name && strcmp(a->name, b->name) != 0))
    return differ_at(c, a, "the name");
  if (!a->name && a->number != b->number) return differ_at(c, a, "the number");
  if (a->class_ != b->class_ || a->is_produced != b->is_produced || a->is_exposed != b->is_exposed)
    return differ_at(c, a, "the class");
  MTH_TRY(same_things(c, a, b, a, "the place"));
  MTH_TRY(same_things(c, a->producer, b->producer, a, "the producer"));
  MTH_TRY(same_things(c, a->first_use, b->first_use, a, "the first use"));
  MTH_TRY(same_things(c, a->outer, b->outer, a, "what it leads to"));
  MTH_TRY(same_things(c, a->partner, b->partner, a, "the state"));
  MTH_TRY(same_things(c, a->whole, b->whole, a, "the list"));
  MTH_TRY(compare_parts(c, a, b));
  const mth_net *left = mth_net_of(a), *right = mth_net_of(b);
  const bool is_new = !mth_name_map_get(&c->nets, (const void *)left);
  MTH_TRY(same_things(c, left, right, a, "the net"));
  return is_new ? compare_nets(c, left, right, a) : MTH_OK;
}

static mth_status compare_lists(comparing *c, const mth_list *a, const mth_list *b,
                                const mth_model *model, const char *what) {
  bool same = a->count == b->count;
  for (size_t i = 0; same && i < a->count; i++)
    MTH_TRY(pair(c, a->items[i], b->items[i], &same));
  return same ? MTH_OK : differ(c, model, "%s", what);
}

// ---- models -------------------------------------------------------------------------------------

static mth_status compare_classes(comparing *c, const mth_model *a, const mth_model *b) {
  if (a->op != b->op || a->class_ != b->class_ || strcmp(a->class_name, b->class_name) != 0)
    return differ(c, a, "the class, %s and %s", a->class_name, b->class_name);
  for (size_t i = 0; a->class_ && i < a->class_->param_count; i++)
    MTH_TRY(compare_args(c, &a->class_args[i], &b->class_args[i],
                         (place){.made = a, .arg = a->class_->params[i].name}));
  return MTH_OK;
}

static mth_status compare_named_dims(comparing *c, const mth_model *a, const mth_model *b) {
  bool same = a->named_dims.count == b->named_dims.count;
  for (size_t i = 0; same && i < a->named_dims.count; i++) {
    const mth_named_dim *x = a->named_dims.items[i], *y = b->named_dims.items[i];
    MTH_TRY(pair(c, mth_named_dim_key(x), mth_named_dim_key(y), &same));
    same = same && x->axis == y->axis && strcmp(x->name, y->name) == 0;
  }
  return same ? MTH_OK : differ(c, a, "the named dims");
}

static mth_status compare_models(comparing *c, const mth_model *a, const mth_model *b) {
  MTH_TRY(compare_classes(c, a, b));
  if (a->is_frozen != b->is_frozen || a->is_list_open != b->is_list_open)
    return differ(c, a, "what is frozen or open");
  if (!a->name != !b->name || (a->name && strcmp(a->name, b->name) != 0))
    return differ(c, a, "the name, %s and %s", a->name ? a->name : "none",
                  b->name ? b->name : "none");
  if (a->children.count != b->children.count)
    return differ(c, a, "the number of children, %zu and %zu", a->children.count,
                  b->children.count);
  if (a->connections.count != b->connections.count)
    return differ(c, a, "the number of keys, %zu and %zu", a->connections.count,
                  b->connections.count);
  for (size_t i = 0; i < a->children.count; i++)
    MTH_TRY(compare_models(c, a->children.items[i], b->children.items[i]));
  for (size_t i = 0; i < a->connections.count; i++)
    MTH_TRY(compare_keys(c, a->connections.items[i], b->connections.items[i]));
  MTH_TRY(compare_named_dims(c, a, b));
  MTH_TRY(compare_lists(c, &a->canonical_inputs, &b->canonical_inputs, a, "the canonical inputs"));
  MTH_TRY(
      compare_lists(c, &a->canonical_outputs, &b->canonical_outputs, a, "the canonical outputs"));
  bool same = !a->chain == !b->chain;
  if (a->chain && b->chain) MTH_TRY(pair(c, a->chain, b->chain, &same));
  if (!same) return differ(c, a, "the chain");
  // A frozen model gives out no numbers any more.
  same = a->is_frozen || a->next_number == b->next_number;
  return same ? MTH_OK : differ(c, a, "the last number of a key");
}

mth_status mth_model_equal(const mth_model *a, const mth_model *b, bool *out_equal,
                           mth_text *difference) {
  if (!a || !b || a->context != b->context) return MTH_INVALID; // there is nobody to report to
  comparing c = {.context = a->context,
                 .arena = MTH_ARENA_INIT(a->context->allocator),
                 .difference = difference};
  mth_status status = compare_models(&c, a, b);
  if (status == MTH_OK) status = compare_noted(&c);
  mth_release(c.context->allocator, c.nets.slots);
  mth_release(c.context->allocator, c.back.slots);
  mth_release(c.context->allocator, c.rests.slots);
  mth_release(c.context->allocator, c.rests_back.slots);
  mth_release(c.context->allocator, c.pairs.items);
  mth_arena_reset(&c.arena);
  if (c.differs) status = MTH_OK;
  if (status == MTH_OK && difference) status = difference->status;
  if (status == MTH_OK) *out_equal = !c.differs;
  return status;
}
