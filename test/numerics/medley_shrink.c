// medley_shrink.c: fewer outputs and fewer ops, while the program still fails.
#include "test/numerics/medley_check.h"

#include <string.h>

static bool is_live(const medley *m, const bool *live, int v) {
  for (int i = 0; !m->values[v].op && i < m->values[v].shape.rank; ++i)
    if (mth_dim_is_symbol(m->values[v].shape.dims[i])) return true; // it may tell a size
  return m->values[v].is_output || live[v];
}

// Takes out what no output needs; the tensors of the rest are lent by `m`.
static medley without_dead(const medley *m) {
  medley left = *m;
  bool live[MEDLEY_VALUES] = {false};
  int number[MEDLEY_VALUES];
  for (int v = m->count; v-- > 0;) {
    live[v] = is_live(m, live, v);
    for (int i = 0; live[v] && i < m->values[v].operand_count; ++i)
      live[m->values[v].operands[i]] = true;
  }
  left.count = 0;
  for (int v = 0; v < m->count; ++v) {
    if (!live[v]) continue;
    number[v] = left.count;
    medley_value *value = &left.values[left.count];
    *value = m->values[v];
    for (int i = 0; i < value->operand_count; ++i)
      value->operands[i] = number[value->operands[i]];
    left.at[left.count++] = m->at[v];
  }
  return left;
}

static bool keep_if_failing(medley *m, const medley *tried) {
  const medley left = without_dead(tried);
  bool has_output = false;
  for (int v = 0; v < left.count; ++v)
    has_output = has_output || left.values[v].is_output;
  if (!has_output || medley_holds(&left, NULL)) return false;
  *m = left;
  return true;
}

static bool shrink_once(medley *m) {
  for (int v = 0; v < m->count; ++v) { // this output alone
    medley tried = *m;
    int others = 0;
    if (!m->values[v].op) continue;
    for (int o = 0; o < m->count; ++o) {
      others += o > v && m->values[o].op;
      tried.values[o].is_output = o == v;
    }
    if (others && keep_if_failing(m, &tried)) return true;
  }
  for (int v = m->count; v-- > 0;) {
    medley tried = *m;
    if (!m->values[v].op) continue;
    tried.values[v].is_output = false; // one output less
    if (m->values[v].is_output && keep_if_failing(m, &tried)) return true;
    if (!medley_can_be_input(&m->values[v].shape)) continue;
    const medley_value input = {.kind = m->values[v].kind, .shape = m->values[v].shape};
    tried.values[v] = input; // an input in place of an op
    if (keep_if_failing(m, &tried)) return true;
  }
  return false;
}

void medley_shrink(medley *m) {
  while (shrink_once(m))
    continue;
}
