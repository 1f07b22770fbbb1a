// solver_report.c: what reports show of families, unknown sizes and of whose facts contradict.
#include "ir/solver_core.h"
#include "ir/solver_value.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

enum { most_names = 4 };

const char *solver_families_text(mth_family families) {
  static const char *const texts[] = {
      "nothing", "bool",          "int",          "bool or int",
      "float",   "bool or float", "int or float", "bool, int or float"};
  return texts[families & MTH_FAMILY_ANY];
}

const char *solver_without_numbers(mth_solver *solver, const char *text) {
  if (solver->is_program || !strchr(text, '?')) return text;
  char *shown = MTH_NEW_ARRAY(&solver->scratch, char, strlen(text) + 1), *end = shown;
  if (!shown) return "?";
  for (; *text; ++text)
    if (!isdigit((unsigned char)*text) || end == shown || end[-1] != '?') *end++ = *text;
  return shown;
}

// Does the text have this name in quotes?
static bool names_it(const char *text, const char *name) {
  const size_t length = strlen(name);
  for (const char *at = strstr(text, name); at; at = strstr(at + 1, name))
    if (at > text && at[-1] == '\'' && at[length] == '\'') return true;
  return false;
}

const char *solver_rule_text(mth_solver *solver, const rule_record *rule, const char *text) {
  const bool is_program = solver->is_program || !rule->op->model;
  const char *whole = is_program ? rule->op->name : rule->op->model;
  const uint32_t *vars = (const uint32_t *)solver->rule_vars.items + rule->first_var;
  for (size_t i = 0; i < rule->tensor_count; ++i)
    if (solver->is_program || names_it(text, solver_var(solver, vars[i])->name)) return whole;
  for (size_t i = 0; i < rule->operand_count && i < most_names && whole; ++i)
    whole = mth_arena_format(&solver->scratch, "%s%s'%s'", whole, i ? ", " : " of ",
                             solver_var(solver, vars[i])->name);
  return whole ? whole : rule->op->name;
}

// ---- sizes --------------------------------------------------------------------------------------

// Is the symbol in this dim, or in what its symbols stand for?
static bool mentions(mth_solver *solver, const mth_dim *dim, const mth_dim *symbol) {
  if (dim == symbol) return true;
  if (mth_dim_is_symbol(dim)) {
    const uint32_t index = solver_find_symbol(solver, dim);
    const mth_dim *value = index == no_index ? NULL : solver_symbol(solver, index)->value;
    return value && mentions(solver, value, symbol);
  }
  for (size_t i = 0; i < mth_dim_operand_count(dim); ++i)
    if (mentions(solver, mth_dim_operand(dim, i), symbol)) return true;
  return false;
}

// Does an unknown of `dim` occur in `other`?
static bool shares_unknown(mth_solver *solver, const mth_dim *dim, const mth_dim *other) {
  if (mth_dim_is_symbol(dim)) {
    const uint32_t index = solver_find_symbol(solver, dim);
    if (index == no_index || solver_symbol(solver, index)->is_rigid) return false;
    const mth_dim *value = solver_symbol(solver, index)->value;
    return mentions(solver, other, dim) || (value && shares_unknown(solver, value, other));
  }
  for (size_t i = 0; i < mth_dim_operand_count(dim); ++i)
    if (shares_unknown(solver, mth_dim_operand(dim, i), other)) return true;
  return false;
}

static bool row_shares(mth_solver *solver, uint32_t row, const mth_dim *dim) {
  for (; row != no_index && solver_row(solver, row)->is_bound;
       row = solver_row(solver, row)->rest) {
    const row_record *record = solver_row(solver, row);
    for (size_t i = 0; i < record->prefix_count + record->suffix_count; ++i) {
      const mth_dim *other = ((const mth_dim **)solver->row_dims.items)[record->first_dim + i];
      if (shares_unknown(solver, dim, other)) return true;
    }
  }
  return false;
}

static bool value_shares(mth_solver *solver, const mth_arg *value, const mth_dim *dim) {
  if (!value) return false;
  if (value->kind == MTH_ARG_DIM) return shares_unknown(solver, dim, value->dim);
  for (size_t i = 0; value->kind == MTH_ARG_DIMS && i < value->count; ++i)
    if (shares_unknown(solver, dim, value->dims[i])) return true;
  return false;
}

static bool is_listed(size_t count, const char *const *names, const char *name) {
  for (size_t i = 0; i < count; ++i)
    if (strcmp(names[i], name) == 0) return true;
  return false;
}

// "two sizes of 'x' and 'groups'": those that have an unknown of these dims in common with them.
static const char *owners_text(mth_solver *solver, const mth_dim *a, const mth_dim *b) {
  const char *names[most_names], *text = "two sizes";
  size_t count = 0;
  for (size_t i = 0; i < solver->vars.count && count < most_names; ++i) {
    const var_record *var = &((const var_record *)solver->vars.items)[i];
    const char *name = solver_var(solver, (uint32_t)i)->name;
    const bool has =
        var->is_tensor ? row_shares(solver, var->row, a) || row_shares(solver, var->row, b)
                       : value_shares(solver, var->value, a) || value_shares(solver, var->value, b);
    if (has && !is_listed(count, names, name)) names[count++] = name;
  }
  for (size_t i = 0; i < count && text; ++i)
    text = mth_arena_format(&solver->scratch, "%s%s'%s'", text,
                            i == 0          ? " of "
                            : i + 1 < count ? ", "
                                            : " and ",
                            names[i]);
  return text ? text : "two sizes";
}

mth_status solver_report_dims(mth_solver *solver, const mth_dim *a, const mth_dim *b) {
  const conflict found = solver->conflict;
  assert(!found.is_rank);
  return mth_fail(MTH_INVALID, solver->at, "%s are to be equal: %s and %s",
                  owners_text(solver, a, b), solver_dim_text(solver, found.a),
                  solver_dim_text(solver, found.b));
}

// ---- shapes -------------------------------------------------------------------------------------

// A tensor whose shape goes on in one of the equation's rests.
static const char *owner_of(const mth_solver *solver, const rule_record *rule) {
  const uint32_t rests[] = {solver_row(solver, rule->rows[0])->rest,
                            solver_row(solver, rule->rows[1])->rest};
  for (size_t i = 0; i < solver->vars.count; ++i) {
    const var_record *var = &((const var_record *)solver->vars.items)[i];
    if (!var->is_tensor) continue;
    for (uint32_t row = var->row; row != no_index; row = solver_row(solver, row)->rest) {
      if (row == rests[0] || row == rests[1]) return solver_var(solver, (uint32_t)i)->name;
      if (!solver_row(solver, row)->is_bound) break;
    }
  }
  assert(false && "equations are between shapes of tensors");
  return "?";
}

mth_status solver_report_rows(mth_solver *solver, const rule_record *rule) {
  return mth_fail(MTH_INVALID, solver->at, "dims of '%s' are to be both %s and %s",
                  owner_of(solver, rule), solver_shape_text(solver, rule->rows[0]),
                  solver_shape_text(solver, rule->rows[1]));
}
