// model_copy.c: copying a model with everything known of it.
//
// First the structure is copied, each net once; then the solver is told of the copies what it knows
// of the originals, with fresh symbols for unknown dims; then the ops are applied. `copy` fields of
// originals lead to their copies and mean something only during the call.
#include "ir/arg_copy.h"
#include "ir/graph.h"
#include "ir/model_core.h"
#include "ir/parts_core.h"

#include <string.h>

typedef struct copying {
  mth_context *context;
  size_t epoch;   // marks nets that have a copy
  mth_net **nets; // originals, in the order in which they were met
  size_t net_count, net_capacity;
  mth_name_map symbols; // of unknown dims: the copies'
} copying;

// ---- structure ----------------------------------------------------------------------------------

static mth_status copy_constant(mth_model *owner, const mth_constant *constant,
                                const mth_constant **out) {
  const size_t element_bytes = constant->dtype == MTH_BOOL ? 1 : 8;
  size_t count = 1;
  for (size_t i = 0; i < constant->rank; i++)
    count *= (size_t)constant->extents[i];
  mth_constant *made = mth_model_own(owner, 1, sizeof *made);
  int64_t *extents = mth_model_own(owner, constant->rank, sizeof *extents);
  void *data = mth_model_own(owner, count, element_bytes);
  if (!made || !extents || !data) return MTH_NO_MEMORY;
  if (constant->rank) memcpy(extents, constant->extents, constant->rank * sizeof *extents);
  if (count) memcpy(data, constant->data, count * element_bytes);
  *made = (mth_constant){.dtype = constant->dtype,
                         .rank = constant->rank,
                         .extents = extents,
                         .data = data,
                         .named = constant->named};
  *out = made;
  return MTH_OK;
}

static mth_status remember(copying *c, mth_net *net) {
  if (c->net_count == c->net_capacity) {
    const size_t capacity = c->net_capacity ? c->net_capacity * 2 : 64;
    mth_net **nets = mth_allocate(c->context->allocator, capacity, sizeof(mth_net *));
    if (!nets) return MTH_NO_MEMORY;
    if (c->net_count) memcpy(nets, c->nets, c->net_count * sizeof *nets);
    mth_release(c->context->allocator, c->nets);
    c->nets = nets;
    c->net_capacity = capacity;
  }
  c->nets[c->net_count++] = net;
  return MTH_OK;
}

static mth_status copy_net(copying *c, mth_model *owner, mth_net *net) {
  if (net->needed_epoch == c->epoch) return MTH_OK;
  net->needed_epoch = c->epoch;
  MTH_TRY(net->is_tensor
              ? mth_net_make_tensor(owner, mth_solver_families(c->context->solver, net->var),
                                    net->origin, &net->copy)
              : mth_net_make_arg(owner, net->arg_kind, net->origin, &net->copy));
  net->copy->differentiable = net->differentiable;
  net->copy->is_given = net->is_given;
  net->copy->is_list = net->is_list;
  if (net->constant) MTH_TRY(copy_constant(owner, net->constant, &net->copy->constant));
  MTH_TRY(mth_solver_set_name(c->context->solver, net->copy->var,
                              mth_solver_name(c->context->solver, net->var)));
  return remember(c, net);
}

static mth_status copy_connections(copying *c, const mth_model *model, mth_model *copy) {
  for (size_t i = 0; i < model->connections.count; i++) {
    mth_connection *old = model->connections.items[i], *made = NULL;
    mth_net *net = mth_net_of(old);
    MTH_TRY(copy_net(c, copy, net));
    const size_t number = copy->next_number;
    copy->next_number = old->number ? old->number - 1 : number; // an unnamed one keeps its number
    MTH_TRY(mth_model_make_connection(copy, old->name, net->copy, old->class_, &made));
    copy->next_number = model->next_number;
    made->is_produced = old->is_produced;
    made->is_exposed = old->is_exposed;
    old->copy = made;
    for (const mth_connection *use = old->first_use; use; use = use->next_use) {
      if (made->last_use)
        made->last_use->next_use = use->copy;
      else
        made->first_use = use->copy;
      made->last_use = use->copy;
      use->copy->outer = made;
    }
    if (old->producer) made->producer = old->producer->copy;
  }
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *old = model->connections.items[i];
    if (old->partner) old->copy->partner = old->partner->copy;
  }
  return MTH_OK;
}

// Lists of the copy keep copies of the parts.
static mth_status copy_parts(const mth_model *model) {
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *list = model->connections.items[i];
    for (size_t j = 0; j < list->parts.count; j++) {
      const mth_connection *part = list->parts.items[j];
      if (part) MTH_TRY(mth_parts_set(list->copy, j, part->copy));
    }
  }
  return MTH_OK;
}

static mth_status copy_list(const mth_list *list, mth_list *copy, mth_journal *journal) {
  for (size_t i = 0; i < list->count; i++)
    MTH_TRY(mth_list_push(copy, journal, ((mth_connection *)list->items[i])->copy));
  return MTH_OK;
}

static mth_status copy_op_keys(const mth_model *model, mth_model *copy) {
  const size_t count = model->operand_count + model->result_count;
  if (model->is_list_open) return MTH_OK;
  copy->op_keys = mth_model_own(copy, count, sizeof(mth_connection *));
  if (!copy->op_keys) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    copy->op_keys[i] = model->op_keys[i]->copy;
  for (size_t i = 0; i < copy->connections.count; i++) {
    const mth_connection *key = copy->connections.items[i];
    if (key->is_produced) mth_net_of(key)->maker = copy;
  }
  copy->operand_count = model->operand_count;
  copy->result_count = model->result_count;
  return MTH_OK;
}

static mth_status copy_structure(copying *c, const mth_model *model, mth_model *copy) {
  mth_journal *journal = &c->context->journal;
  copy->op = model->op;
  copy->is_frozen = model->is_frozen;
  copy->is_train_model = model->is_train_model;
  copy->is_list_open = model->is_list_open;
  copy->make_part = model->make_part;
  copy->height = model->height;
  copy->has_late_makers = model->has_late_makers;
  for (size_t i = 0; i < model->children.count; i++) {
    const mth_model *child = model->children.items[i];
    mth_model *made = NULL;
    MTH_TRY(mth_model_make(c->context, child->class_name, &made));
    made->parent = copy;
    made->position = i;
    made->name = child->name;
    const mth_status status = mth_list_push(&copy->children, journal, made);
    if (status != MTH_OK) {
      mth_release(c->context->allocator, made);
      return status;
    }
    if (child->name) MTH_TRY(mth_journal_map(journal, &copy->child_names, child->name, made));
    MTH_TRY(copy_structure(c, child, made));
  }
  MTH_TRY(copy_connections(c, model, copy));
  MTH_TRY(copy_parts(model));
  if (mth_list_has(&c->context->waiting, model)) MTH_TRY(mth_parts_wait(copy));
  MTH_TRY(copy_list(&model->canonical_inputs, &copy->canonical_inputs, journal));
  MTH_TRY(copy_list(&model->canonical_outputs, &copy->canonical_outputs, journal));
  MTH_TRY(mth_named_dims_copy(model, copy));
  if (model->chain) copy->chain = model->chain->copy;
  return model->op ? copy_op_keys(model, copy) : MTH_OK;
}

// ---- what is known ------------------------------------------------------------------------------

// The copies' symbol for an unknown dim of the originals; declared ones stay.
static const mth_dim *replace(void *user, const mth_dim *symbol) {
  copying *c = user;
  if (mth_dim_name(symbol)[0] != '?') return symbol;
  const char *name = mth_names_intern(&c->context->names, mth_dim_name(symbol));
  if (!name) return NULL;
  const mth_dim *known = mth_name_map_get(&c->symbols, name);
  if (known) return known;
  const mth_dim *fresh = mth_dim_fresh(c->context->dims);
  if (!fresh ||
      !mth_name_map_set(&c->symbols, c->context->allocator, name, (void *)(uintptr_t)fresh))
    return NULL;
  return fresh;
}

static const mth_dim *copy_dim(copying *c, const mth_dim *dim) {
  const mth_dim *known = mth_solver_simplify(c->context->solver, dim);
  return known ? mth_dim_substitute(c->context->dims, known, replace, c) : NULL;
}

static mth_status copy_form(copying *c, mth_arena *arena, const mth_shape_facts *of,
                            mth_shape *out) {
  const mth_shape_facts facts = *of;
  const size_t rank = facts.prefix_count + facts.has_rest + facts.suffix_count;
  mth_extent *extents = MTH_NEW_ARRAY(arena, mth_extent, rank);
  if (!extents) return MTH_NO_MEMORY;
  size_t at = 0;
  for (size_t i = 0; i < facts.prefix_count; i++)
    extents[at++] = MTH_OF(facts.prefix[i]);
  if (facts.has_rest) {
    const char *name = mth_arena_format(arena, "rest%u", (unsigned)facts.rest);
    if (!name) return MTH_NO_MEMORY;
    extents[at++] = MTH_REST_OF(name);
  }
  for (size_t i = 0; i < facts.suffix_count; i++)
    extents[at++] = MTH_OF(facts.suffix[i]);
  for (size_t i = 0; i < rank; i++) {
    if (extents[i].kind != MTH_EXTENT_DIM) continue;
    extents[i].dim = copy_dim(c, extents[i].dim);
    if (!extents[i].dim) return MTH_NO_MEMORY;
  }
  *out = (mth_shape){rank, extents};
  return MTH_OK;
}

// In both forms, if it has two.
static mth_status copy_shape(copying *c, mth_arena *arena, mth_var var, mth_shape *out,
                             size_t *out_count) {
  mth_shape_facts facts;
  MTH_TRY(mth_solver_shape(c->context->solver, var, &facts));
  const mth_shape_facts front = mth_shape_front_form(&facts);
  *out_count = facts.front_count > facts.prefix_count ? 2 : 1;
  MTH_TRY(copy_form(c, arena, &facts, out));
  return *out_count == 2 ? copy_form(c, arena, &front, out + 1) : MTH_OK;
}

static mth_status state_shapes(copying *c, mth_arena *arena) {
  mth_var *vars = MTH_NEW_ARRAY(arena, mth_var, 2 * c->net_count);
  mth_shape *shapes = MTH_NEW_ARRAY(arena, mth_shape, 2 * c->net_count);
  size_t count = 0;
  if (!vars || !shapes) return MTH_NO_MEMORY;
  for (size_t i = 0; i < c->net_count; i++) {
    if (!c->nets[i]->is_tensor) continue;
    size_t forms;
    MTH_TRY(copy_shape(c, arena, c->nets[i]->var, &shapes[count], &forms));
    for (size_t end = count + forms; count < end; count++)
      vars[count] = c->nets[i]->copy->var;
  }
  if (count == 0) return MTH_OK;
  return mth_solver_state_shapes(c->context->solver, count, vars, shapes,
                                 (mth_location){&c->context->sink, "copy"});
}

static const mth_dim *copy_value_dim(void *user, const mth_dim *dim) { return copy_dim(user, dim); }

static mth_status state_value(copying *c, mth_model *owner, const mth_net *net) {
  const mth_arg *known = mth_solver_value(c->context->solver, net->var);
  mth_arg value;
  if (!known) return MTH_OK;
  MTH_TRY(mth_arg_copy(owner, known, copy_value_dim, c, &value));
  return mth_solver_state_value(c->context->solver, net->copy->var, &value,
                                (mth_location){&c->context->sink, "copy"});
}

static mth_status copy_initializer(copying *c, mth_model *owner, const mth_net *net) {
  mth_initializer *made = mth_model_own(owner, 1, sizeof *made);
  if (!made) return MTH_NO_MEMORY;
  *made = *net->initializer;
  if (made->fan && !(made->fan = copy_dim(c, made->fan))) return MTH_NO_MEMORY;
  net->copy->initializer = made;
  return MTH_OK;
}

static mth_status link_states(const mth_model *copy) {
  for (size_t i = 0; i < copy->connections.count; i++) {
    const mth_connection *c = copy->connections.items[i];
    if (c->partner && !c->is_produced) MTH_TRY(mth_state_link(c));
  }
  return MTH_OK;
}

static mth_status apply_ops(mth_model *copy) {
  if (copy->op) return copy->is_list_open ? MTH_OK : mth_net_apply(copy);
  for (size_t i = 0; i < copy->children.count; i++)
    MTH_TRY(apply_ops(copy->children.items[i]));
  return MTH_OK;
}

static mth_status copy_classes(copying *c, const mth_model *model, mth_model *copy) {
  if (model->class_)
    MTH_TRY(mth_model_record_class(copy, model->class_, model->class_args, copy_value_dim, c));
  for (size_t i = 0; i < model->children.count; i++)
    MTH_TRY(copy_classes(c, model->children.items[i], copy->children.items[i]));
  return MTH_OK;
}

static mth_status copy_all(copying *c, mth_arena *arena, const mth_model *model, mth_model *copy) {
  MTH_TRY(copy_structure(c, model, copy));
  MTH_TRY(state_shapes(c, arena));
  for (size_t i = 0; i < c->net_count; i++) {
    if (!c->nets[i]->is_tensor) MTH_TRY(state_value(c, copy, c->nets[i]));
    if (c->nets[i]->initializer) MTH_TRY(copy_initializer(c, copy, c->nets[i]));
  }
  MTH_TRY(copy_classes(c, model, copy));
  MTH_TRY(apply_ops(copy));
  return link_states(copy);
}

mth_status mth_model_copy(const mth_model *model, mth_model **out_copy) {
  if (!model) return MTH_INVALID; // there is nobody to report to
  mth_context *context = model->context;
  copying c = {.context = context, .epoch = ++context->epoch};
  mth_arena arena = MTH_ARENA_INIT(context->allocator);
  mth_model *copy = NULL;
  MTH_TRY(mth_model_make(context, model->class_name, &copy));
  // The copy's own memory is not undone but destroyed: nobody else has seen it.
  const mth_solver_mark mark = mth_solver_begin(context->solver);
  const mth_status status = copy_all(&c, &arena, model, copy);
  if (status == MTH_OK) {
    mth_solver_commit(context->solver, mark);
    *out_copy = copy;
  } else {
    mth_solver_rollback(context->solver, mark);
    mth_model_destroy(copy);
  }
  mth_release(context->allocator, c.nets);
  mth_release(context->allocator, c.symbols.slots);
  mth_arena_reset(&arena);
  return status;
}
