// solver_store.c: the solver's records, its undo log, and who watches what.
#include "ir/solver_core.h"

#include <string.h>

enum { first_capacity = 16 };

void *solver_grow(const mth_solver *solver, store *items, size_t more, size_t item_bytes) {
  if (items->capacity - items->count < more || !items->items) {
    size_t capacity = items->capacity ? items->capacity * 2 : first_capacity;
    while (capacity - items->count < more)
      capacity *= 2;
    void *grown = mth_allocate_unset(solver->allocator, capacity, item_bytes);
    if (!grown) return NULL;
    if (items->count) memcpy(grown, items->items, items->count * item_bytes);
    mth_release(solver->allocator, items->items);
    items->items = grown;
    items->capacity = capacity;
  }
  unsigned char *first = (unsigned char *)items->items + items->count * item_bytes;
  items->count += more;
  return memset(first, 0, more * item_bytes);
}

// ---- records ------------------------------------------------------------------------------------

var_record *solver_var(const mth_solver *solver, uint32_t index) {
  var_record *vars = solver->vars.items;
  while (vars[index].same_as != index)
    index = vars[index].same_as;
  return &vars[index];
}

row_record *solver_row(const mth_solver *solver, uint32_t index) {
  return (row_record *)solver->rows.items + index;
}

symbol_record *solver_symbol(const mth_solver *solver, uint32_t index) {
  return (symbol_record *)solver->symbols.items + index;
}

rule_record *solver_rule(const mth_solver *solver, uint32_t index) {
  return (rule_record *)solver->rules.items + index;
}

mth_status solver_new_row(mth_solver *solver, uint32_t *out_row) {
  row_record *row = solver_grow(solver, &solver->rows, 1, sizeof *row);
  if (!row) return MTH_NO_MEMORY;
  row->rest = no_index;
  row->rules.head = no_index;
  row->equations.head = no_index;
  *out_row = (uint32_t)(solver->rows.count - 1);
  return MTH_OK;
}

mth_status solver_new_rule(mth_solver *solver, const rule_record *rule, uint32_t *out_index) {
  const size_t index = solver->rules.count;
  if (index >= solver->is_queued_capacity) {
    const size_t capacity = index ? index * 2 : first_capacity;
    uint8_t *grown = mth_allocate(solver->allocator, capacity, 1);
    if (!grown) return MTH_NO_MEMORY;
    if (index) memcpy(grown, solver->is_queued, index);
    mth_release(solver->allocator, solver->is_queued);
    solver->is_queued = grown;
    solver->is_queued_capacity = capacity;
  }
  rule_record *made = solver_grow(solver, &solver->rules, 1, sizeof *made);
  if (!made) return MTH_NO_MEMORY;
  *made = *rule;
  solver->is_queued[index] = 0;
  *out_index = (uint32_t)index;
  return MTH_OK;
}

// ---- symbols ------------------------------------------------------------------------------------

// Numbers of a model's symbols are dense, so that a probe finds its slot at once, beside those of
// its neighbours; a solver that sees few of a large table has few slots.
static size_t slot_of(const mth_solver *solver, const mth_dim *symbol) {
  size_t slot = mth_dim_symbol_number(symbol) & (solver->symbol_slot_count - 1);
  while (solver->symbol_slots[slot] &&
         solver_symbol(solver, solver->symbol_slots[slot] - 1)->symbol != symbol)
    slot = (slot + 1) & (solver->symbol_slot_count - 1);
  return slot;
}

static bool grow_slots(mth_solver *solver) {
  const size_t old_count = solver->symbol_slot_count;
  uint32_t *old = solver->symbol_slots;
  const size_t count = old_count ? old_count * 2 : first_capacity * 2;
  uint32_t *slots = mth_allocate(solver->allocator, count, sizeof *slots);
  if (!slots) return false;
  solver->symbol_slots = slots;
  solver->symbol_slot_count = count;
  for (size_t i = 0; i < old_count; ++i)
    if (old[i]) slots[slot_of(solver, solver_symbol(solver, old[i] - 1)->symbol)] = old[i];
  mth_release(solver->allocator, old);
  return true;
}

uint32_t solver_find_symbol(mth_solver *solver, const mth_dim *symbol) {
  if ((solver->symbols.count + 1) * 2 > solver->symbol_slot_count && !grow_slots(solver))
    return no_index;
  const size_t slot = slot_of(solver, symbol);
  if (solver->symbol_slots[slot]) return solver->symbol_slots[slot] - 1;
  symbol_record *made = solver_grow(solver, &solver->symbols, 1, sizeof *made);
  if (!made) return no_index;
  *made = (symbol_record){.symbol = symbol,
                          .is_rigid = solver->is_program || mth_dim_name(symbol)[0] != '?',
                          .rules = {no_index, 0}};
  solver->symbol_slots[slot] = (uint32_t)solver->symbols.count;
  return (uint32_t)(solver->symbols.count - 1);
}

const mth_dim *solver_fresh_dim(mth_solver *solver) {
  const mth_dim *dim = mth_dim_fresh(solver->dims);
  const uint32_t symbol = dim ? solver_find_symbol(solver, dim) : no_index;
  if (symbol == no_index) return NULL;
  solver_symbol(solver, symbol)->is_rigid = false;
  return dim;
}

// ---- undo ---------------------------------------------------------------------------------------

mth_status solver_save(mth_solver *solver, record_kind kind, uint32_t index) {
  if (solver->depth == 0) return MTH_OK;
  log_entry *entry = solver_grow(solver, &solver->log, 1, sizeof *entry);
  if (!entry) return MTH_NO_MEMORY;
  entry->kind = kind;
  entry->index = index;
  switch (kind) {
  case RECORD_VAR:
    entry->var = ((var_record *)solver->vars.items)[index];
    break;
  case RECORD_ROW:
    entry->row = *solver_row(solver, index);
    break;
  case RECORD_SYMBOL:
    entry->symbol = *solver_symbol(solver, index);
    break;
  case RECORD_RULE:
    entry->rule = *solver_rule(solver, index);
    break;
  }
  return MTH_OK;
}

mth_solver_mark solver_mark_here(const mth_solver *solver) {
  return (mth_solver_mark){
      solver->depth,          solver->log.count,       solver->vars.count,
      solver->rows.count,     solver->rules.count,     solver->watches.count,
      solver->row_dims.count, solver->rule_vars.count, solver->expressions.count};
}

void solver_undo_to(mth_solver *solver, const mth_solver_mark *mark) {
  const log_entry *log = solver->log.items;
  for (size_t i = solver->log.count; i-- > mark->log_count;) {
    switch (log[i].kind) {
    case RECORD_VAR:
      ((var_record *)solver->vars.items)[log[i].index] = log[i].var;
      break;
    case RECORD_ROW:
      *solver_row(solver, log[i].index) = log[i].row;
      break;
    case RECORD_SYMBOL:
      *solver_symbol(solver, log[i].index) = log[i].symbol;
      break;
    case RECORD_RULE:
      *solver_rule(solver, log[i].index) = log[i].rule;
      break;
    }
  }
  solver->log.count = mark->log_count;
  solver->vars.count = mark->var_count;
  solver->rows.count = mark->row_count;
  solver->rules.count = mark->rule_count;
  solver->watches.count = mark->watch_count;
  solver->row_dims.count = mark->dim_count;
  solver->rule_vars.count = mark->index_count;
  solver_forget_expressions(solver, mark->expression_count);
  // Symbols stay: without a value and without rules a record says nothing.
}

// ---- watching -----------------------------------------------------------------------------------

mth_status solver_enqueue(mth_solver *solver, uint32_t rule) {
  if (solver->is_queued[rule]) return MTH_OK;
  uint32_t *place = solver_grow(solver, &solver->queue, 1, sizeof *place);
  if (!place) return MTH_NO_MEMORY;
  *place = rule;
  solver->is_queued[rule] = 1;
  return MTH_OK;
}

mth_status solver_enqueue_all(mth_solver *solver, watch_list list) {
  for (uint32_t i = list.head; i != no_index; i = ((watch_node *)solver->watches.items)[i].next)
    MTH_TRY(solver_enqueue(solver, ((watch_node *)solver->watches.items)[i].rule));
  return MTH_OK;
}

static mth_status push(mth_solver *solver, watch_list *list, uint32_t rule) {
  watch_node *node = solver_grow(solver, &solver->watches, 1, sizeof *node);
  if (!node) return MTH_NO_MEMORY;
  *node = (watch_node){rule, list->head};
  list->head = (uint32_t)(solver->watches.count - 1);
  list->count += 1;
  return MTH_OK;
}

// An op names most of what it watches several times in a row: the newest entry decides.
static bool is_newest(const mth_solver *solver, watch_list list, uint32_t rule) {
  return list.head != no_index && ((watch_node *)solver->watches.items)[list.head].rule == rule;
}

mth_status solver_watch_var(mth_solver *solver, uint32_t var, uint32_t rule) {
  const uint32_t index = (uint32_t)(solver_var(solver, var) - (var_record *)solver->vars.items);
  if (is_newest(solver, solver_var(solver, index)->rules, rule)) return MTH_OK;
  MTH_TRY(solver_save(solver, RECORD_VAR, index));
  return push(solver, &solver_var(solver, index)->rules, rule);
}

mth_status solver_watch_dim(mth_solver *solver, const mth_dim *dim, uint32_t rule) {
  if (mth_dim_is_constant(dim, NULL)) return MTH_OK;
  if (!mth_dim_is_symbol(dim)) {
    for (size_t i = 0; i < mth_dim_operand_count(dim); ++i)
      MTH_TRY(solver_watch_dim(solver, mth_dim_operand(dim, i), rule));
    return MTH_OK;
  }
  const uint32_t index = solver_find_symbol(solver, dim);
  if (index == no_index) return MTH_NO_MEMORY;
  const symbol_record *symbol = solver_symbol(solver, index);
  if (symbol->value) return solver_watch_dim(solver, symbol->value, rule);
  if (symbol->is_rigid || is_newest(solver, symbol->rules, rule)) return MTH_OK;
  MTH_TRY(solver_save(solver, RECORD_SYMBOL, index));
  return push(solver, &solver_symbol(solver, index)->rules, rule);
}

mth_status solver_list_equation(mth_solver *solver, uint32_t row, uint32_t rule) {
  MTH_TRY(solver_save(solver, RECORD_ROW, row));
  return push(solver, &solver_row(solver, row)->equations, rule);
}

// Both sides: a shape that ends in one of them ends in the other.
static mth_status watch_equations(mth_solver *solver, uint32_t node, uint32_t rule) {
  while (node != no_index) {
    const watch_node at = ((watch_node *)solver->watches.items)[node];
    const rule_record equation = *solver_rule(solver, at.rule);
    for (int k = 0; k < 2 && equation.kind == RULE_EQUAL_ROWS; k++)
      MTH_TRY(solver_watch_row(solver, equation.rows[k], rule));
    node = at.next;
  }
  return MTH_OK;
}

mth_status solver_watch_row(mth_solver *solver, uint32_t row, uint32_t rule) {
  for (; row != no_index; row = solver_row(solver, row)->rest) {
    const row_record record = *solver_row(solver, row);
    if (!record.is_bound) {
      if (is_newest(solver, record.rules, rule)) return MTH_OK;
      MTH_TRY(solver_save(solver, RECORD_ROW, row));
      MTH_TRY(push(solver, &solver_row(solver, row)->rules, rule));
      return watch_equations(solver, record.equations.head, rule);
    }
    for (size_t i = 0; i < record.prefix_count + record.suffix_count; ++i) {
      const mth_dim *dim = ((const mth_dim **)solver->row_dims.items)[record.first_dim + i];
      MTH_TRY(solver_watch_dim(solver, dim, rule));
    }
  }
  return MTH_OK;
}
