// measured.c: inputs of which a dim is used, as an argument, and nothing else.
#include "ir/measured.h"

#include "ir/model_core.h"

static bool has_dim(const mth_connection *input, const mth_dim *symbol) {
  mth_shape_facts shape;
  mth_solver *solver = input->model->context->solver;
  if (mth_solver_shape(solver, mth_net_of(input)->var, &shape) != MTH_OK) return false;
  for (size_t i = 0; i < shape.prefix_count; i++)
    if (shape.prefix[i] == symbol) return true;
  for (size_t i = 0; i < shape.suffix_count; i++)
    if (shape.suffix[i] == symbol) return true;
  return false;
}

static bool is_told(const mth_measuring *m, const mth_dim *symbol) {
  const size_t count = m->told_count < mth_most_told ? m->told_count : mth_most_told;
  for (size_t i = 0; i < count; i++)
    if (m->told[i] == symbol) return true;
  return false;
}

static void need_symbol(mth_measuring *m, const mth_dim *symbol) {
  size_t first = m->input_count;
  if (is_told(m, symbol)) return;
  m->told[m->told_count++ % mth_most_told] = symbol;
  for (size_t i = m->input_count; i-- > 0;) {
    if (!has_dim(m->inputs[i], symbol)) continue;
    if (m->is_used[i]) return;
    first = i;
  }
  if (first < m->input_count) m->is_used[first] = true;
}

static void need_dim(mth_measuring *m, const mth_dim *dim) {
  if (mth_dim_is_symbol(dim)) need_symbol(m, dim);
  for (size_t i = 0; i < mth_dim_operand_count(dim); i++)
    need_dim(m, mth_dim_operand(dim, i));
}

static void need_value(mth_measuring *m, const mth_arg *value) {
  const bool has_items = value->kind == MTH_ARG_TUPLE || value->kind == MTH_ARG_SLICE;
  if (value->kind == MTH_ARG_DIM) need_dim(m, value->dim);
  for (size_t i = 0; value->kind == MTH_ARG_DIMS && i < value->count; i++)
    need_dim(m, value->dims[i]);
  for (size_t i = 0; has_items && i < value->count; i++)
    need_value(m, &value->items[i]);
}

void mth_measure(mth_measuring *m, const mth_model *op) {
  for (size_t i = 0; i < op->connections.count; i++) {
    const mth_connection *key = op->connections.items[i];
    if (key->is_produced || mth_net_of(key)->is_tensor || mth_net_of(key)->is_list) continue;
    const mth_arg *value = mth_connection_value(key);
    if (value) need_value(m, value);
  }
}
