// solver_expression.c: expressions that are known to be something, though no symbol of theirs is.
//
// Entries are never changed, and forgotten newest first, so a slot may be emptied: what was put in
// after it is gone already.
#include "ir/solver_core.h"

enum { first_slot_count = 32 };

static known_expression *entry(const mth_solver *solver, size_t index) {
  return (known_expression *)solver->expressions.items + index;
}

static size_t slot_of(const mth_solver *solver, const mth_dim *expression) {
  const uint64_t hash = (uint64_t)(uintptr_t)expression * 0x9E3779B97F4A7C15u;
  size_t slot = (size_t)(hash >> 32) & (solver->expression_slot_count - 1);
  while (solver->expression_slots[slot] &&
         entry(solver, solver->expression_slots[slot] - 1)->expression != expression)
    slot = (slot + 1) & (solver->expression_slot_count - 1);
  return slot;
}

static mth_status grow_slots(mth_solver *solver) {
  const size_t count =
      solver->expression_slot_count ? solver->expression_slot_count * 2 : first_slot_count;
  uint32_t *slots = mth_allocate(solver->allocator, count, sizeof *slots);
  if (!slots) return MTH_NO_MEMORY;
  mth_release(solver->allocator, solver->expression_slots);
  solver->expression_slots = slots;
  solver->expression_slot_count = count;
  for (size_t i = 0; i < solver->expressions.count; ++i)
    slots[slot_of(solver, entry(solver, i)->expression)] = (uint32_t)(i + 1);
  return MTH_OK;
}

const mth_dim *solver_expression_value(const mth_solver *solver, const mth_dim *expression) {
  if (solver->expressions.count == 0) return NULL;
  const uint32_t found = solver->expression_slots[slot_of(solver, expression)];
  return found ? entry(solver, found - 1)->value : NULL;
}

mth_status solver_note_expression(mth_solver *solver, const mth_dim *expression,
                                  const mth_dim *value) {
  if ((solver->expressions.count + 1) * 2 > solver->expression_slot_count)
    MTH_TRY(grow_slots(solver));
  const size_t slot = slot_of(solver, expression);
  known_expression *made = solver_grow(solver, &solver->expressions, 1, sizeof *made);
  if (!made) return MTH_NO_MEMORY;
  *made = (known_expression){expression, value};
  solver->expression_slots[slot] = (uint32_t)solver->expressions.count;
  return MTH_OK;
}

void solver_forget_expressions(mth_solver *solver, size_t count) {
  while (solver->expressions.count > count) {
    const size_t slot = slot_of(solver, entry(solver, solver->expressions.count - 1)->expression);
    solver->expression_slots[slot] = 0;
    solver->expressions.count -= 1;
  }
}
