// solver_fixture.h: a solver with named variables, and what it knows as text.
#ifndef MTH_TEST_IR_SOLVER_FIXTURE_H
#define MTH_TEST_IR_SOLVER_FIXTURE_H
#include "ir/registry.h"
#include "ir/solver.h"
#include "ir/text.h"
#include "test/harness/harness.h"

#include <string.h>

typedef struct solver_fixture {
  const mth_allocator *allocator;
  mth_registry *registry;
  mth_dim_table *dims;
  mth_solver *solver;
  mth_diagnostic seen; // of the last call that failed
  mth_sink sink;
  mth_text text;
  // Unknown symbols and rests of a text, numbered in order of appearance.
  const mth_dim *symbols[512];
  uint32_t rests[512];
  size_t symbol_count, rest_count;
} solver_fixture;

static inline void open_solver(solver_fixture *f) {
  memset(f, 0, sizeof *f);
  f->allocator = mth_default_allocator();
  f->sink = mth_sink_keep_first(&f->seen);
  f->text = MTH_TEXT_INIT(f->allocator);
  EXPECT(mth_registry_create(f->allocator, &f->registry) == MTH_OK);
  EXPECT(mth_dim_table_create(f->allocator, &f->dims) == MTH_OK);
  EXPECT(mth_solver_create(f->allocator, f->dims, &f->solver) == MTH_OK);
}

static inline void close_solver(solver_fixture *f) {
  mth_solver_destroy(f->solver);
  mth_dim_table_destroy(f->dims);
  mth_registry_destroy(f->registry);
  mth_text_deinit(&f->text);
}

static inline mth_location here(solver_fixture *f) {
  memset(&f->seen, 0, sizeof f->seen);
  return (mth_location){&f->sink, "here"};
}

static inline mth_var add_tensor(solver_fixture *f, const char *name) {
  mth_var var = {0};
  EXPECT(mth_solver_add_tensor(f->solver, MTH_FAMILY_ANY, name, &var) == MTH_OK);
  return var;
}

static inline mth_status state_shape(solver_fixture *f, mth_var var, mth_shape shape) {
  return mth_solver_state_shapes(f->solver, 1, &var, &shape, here(f));
}

// A tensor with a shape.
static inline mth_var shaped_tensor(solver_fixture *f, const char *name, mth_shape shape) {
  const mth_var var = add_tensor(f, name);
  EXPECT(state_shape(f, var, shape) == MTH_OK);
  return var;
}

// Applies an op to operands then results; arguments that are not among `given` have their
// defaults, those without one stay open.
static inline mth_status apply_with(solver_fixture *f, const char *name, size_t tensor_count,
                                    const mth_var *tensors, size_t given_count,
                                    const mth_arg *given, mth_rule_id *out_rule) {
  const mth_op *op = mth_registry_find(f->registry, name);
  mth_var args[8];
  size_t arg_count = 0;
  EXPECT(op != NULL);
  for (size_t i = 0; op && i < op->input_count; ++i) {
    const mth_op_key *key = &op->inputs[i];
    if (key->kind != MTH_KEY_ARG) continue;
    const mth_arg *value = key->required ? NULL : &key->value;
    for (size_t j = 0; j < given_count; ++j)
      if (strcmp(given[j].key, key->name) == 0) value = &given[j];
    mth_var *arg = &args[arg_count++];
    if (mth_solver_add_arg(f->solver, key->arg_kind, key->name, arg) != MTH_OK)
      return MTH_NO_MEMORY;
    if (value) {
      const mth_status status = mth_solver_state_value(f->solver, *arg, value, here(f));
      if (status != MTH_OK) return status;
    }
  }
  return mth_solver_apply(f->solver, op, tensor_count, tensors, arg_count, args, here(f), out_rule);
}

#define APPLY(op, ...)                                                                             \
  apply_with(&f, op, sizeof((mth_var[]){__VA_ARGS__}) / sizeof(mth_var),                           \
             (const mth_var[]){__VA_ARGS__}, 0, NULL, &(mth_rule_id){0})

// ---- text ---------------------------------------------------------------------------------------

static inline const mth_dim *number_symbol(void *user, const mth_dim *symbol) {
  solver_fixture *f = user;
  if (mth_dim_name(symbol)[0] != '?') return symbol;
  size_t i = 0;
  while (i < f->symbol_count && f->symbols[i] != symbol)
    ++i;
  if (i == f->symbol_count && i < 512) f->symbols[f->symbol_count++] = symbol;
  mth_text name = MTH_TEXT_INIT(f->allocator);
  mth_text_add(&name, "u%zu", i + 1);
  const mth_dim *numbered = mth_dim_symbol(f->dims, mth_text_get(&name));
  mth_text_deinit(&name);
  return numbered;
}

static inline void add_dim(solver_fixture *f, const mth_dim *dim) {
  const char *text = mth_dim_text(f->dims, mth_dim_substitute(f->dims, dim, number_symbol, f));
  mth_text_add(&f->text, "%s", text ? text : "(no memory)");
}

// "float [u1, V1..., 3]"
static inline void add_tensor_text(solver_fixture *f, mth_var var) {
  static const char *const families[] = {"none",  "bool",       "int",       "bool|int",
                                         "float", "bool|float", "int|float", "any"};
  mth_shape_facts shape;
  if (mth_solver_shape(f->solver, var, &shape) != MTH_OK) return;
  mth_text_add(&f->text, "%s [", families[mth_solver_families(f->solver, var)]);
  for (size_t i = 0; i < shape.prefix_count; ++i) {
    mth_text_add(&f->text, i ? ", " : "");
    add_dim(f, shape.prefix[i]);
  }
  if (shape.has_rest) {
    size_t i = 0;
    while (i < f->rest_count && f->rests[i] != shape.rest)
      ++i;
    if (i == f->rest_count && i < 512) f->rests[f->rest_count++] = shape.rest;
    mth_text_add(&f->text, "%sV%zu...", shape.prefix_count ? ", " : "", i + 1);
  }
  for (size_t i = 0; i < shape.suffix_count; ++i) {
    mth_text_add(&f->text, ", ");
    add_dim(f, shape.suffix[i]);
  }
  mth_text_add(&f->text, "]");
}

// All of them, numbered together: equal texts are equal knowledge.
static inline const char *tensors_text(solver_fixture *f, size_t count, const mth_var *vars) {
  mth_text_deinit(&f->text);
  f->text = MTH_TEXT_INIT(f->allocator);
  f->symbol_count = f->rest_count = 0;
  for (size_t i = 0; i < count; ++i) {
    mth_text_add(&f->text, i ? "; " : "");
    add_tensor_text(f, vars[i]);
  }
  return mth_text_get(&f->text);
}

static inline const char *tensor_text(solver_fixture *f, mth_var var) {
  return tensors_text(f, 1, &var);
}
#endif
