// medley_text.c: a medley in the textual dialect.
#include "test/numerics/medley.h"

#include <stdlib.h>

static const char *type_name(const medley *m, char kind) {
  return mth_dtype_get(medley_dtype(m, kind))->mlir;
}

static void put_dim(const medley *m, const mth_dim *dim, bool symbolic, mth_text *out) {
  if (symbolic && !mth_dim_is_constant(dim, NULL))
    mth_text_add(out, "\"%s\"", mth_dim_text(m->dims, dim));
  else
    mth_text_add(out, "%lld", (long long)medley_extent(m, dim));
}

static void put_type(const medley *m, const medley_value *value, bool symbolic, mth_text *out) {
  const char *separator = ", [";
  bool open = false;
  mth_text_add(out, "tensor<");
  for (int i = 0; i < value->shape.rank; ++i)
    if (symbolic && !mth_dim_is_constant(value->shape.dims[i], NULL))
      mth_text_add(out, "?x"), open = true;
    else
      mth_text_add(out, "%lldx", (long long)medley_extent(m, value->shape.dims[i]));
  mth_text_add(out, "%s", type_name(m, value->kind));
  for (int i = 0; open && i < value->shape.rank; ++i) {
    if (mth_dim_is_constant(value->shape.dims[i], NULL)) continue;
    mth_text_add(out, "%s\"%s\"", separator, mth_dim_text(m->dims, value->shape.dims[i]));
    separator = ", ";
  }
  mth_text_add(out, open ? "]>" : ">");
}

static bool is_slope(const medley_value *value) { return value->is_output && value->kind == 'f'; }

static bool is_trained(const medley_value *value) { return !value->op && value->kind == 'f'; }

bool medley_has_slopes(const medley *m) {
  bool from = false, to = false;
  for (int v = 0; v < m->count; ++v) {
    from = from || is_slope(&m->values[v]);
    to = to || is_trained(&m->values[v]);
  }
  return from && to;
}

// What is listed of each value of a role, with commas between them.
typedef enum part {
  ARGUMENT,    // %0: tensor<2xf32> {mithril.port = "x0"}
  VALUE,       // %0
  TYPE,        // tensor<2xf32>
  RESULT,      // tensor<*xf32> {mithril.port = "y3"}
  RESULT_TYPE, // tensor<*xf32>
  ELEMENT,     // %r#0
  NUMBER,      // among all arguments, or all results
} part;
typedef enum role { INPUT, OUTPUT, COTANGENT, SLOPE } role;

typedef struct list {
  const medley *m;
  bool symbolic;
  mth_text *out;
  int count; // so far
} list;

static bool has_role(const medley_value *value, role role) {
  switch (role) {
  case INPUT:
    return !value->op;
  case OUTPUT:
    return value->is_output;
  case COTANGENT:
    return is_slope(value);
  case SLOPE:
    return is_trained(value);
  }
  return false;
}

static void put(list *l, role role, part what) {
  static const char ports[] = {[INPUT] = 'x', [OUTPUT] = 'y', [COTANGENT] = 'c', [SLOPE] = 'd'};
  for (int v = 0, number = 0; v < l->m->count; ++v) {
    const medley_value *value = &l->m->values[v];
    const bool counts = role == SLOPE ? !value->op : role == COTANGENT && value->is_output;
    if (has_role(value, role)) {
      mth_text_add(l->out, l->count++ ? ", " : "");
      if (what == ARGUMENT || what == VALUE)
        mth_text_add(l->out, role == COTANGENT ? "%%c%d" : "%%%d", v);
      if (what == ARGUMENT) mth_text_add(l->out, ": ");
      if (what == ARGUMENT || what == TYPE) put_type(l->m, value, l->symbolic, l->out);
      if (what == RESULT || what == RESULT_TYPE)
        mth_text_add(l->out, "tensor<*x%s>", type_name(l->m, value->kind));
      if (what == ARGUMENT || what == RESULT)
        mth_text_add(l->out, " {mithril.port = \"%c%d\"}", ports[role], v);
      if (what == ELEMENT) mth_text_add(l->out, "%%r#%d", l->count - 1);
      if (what == NUMBER) mth_text_add(l->out, "%d", number);
    }
    number += counts;
  }
}

static void put_list(list *l, role first, role second, part what) {
  l->count = 0;
  put(l, first, what);
  if (second != first) put(l, second, what);
}

static void put_attribute(const medley *m, const medley_attribute *a, bool symbolic,
                          mth_text *out) {
  mth_text_add(out, "%s = ", a->key);
  if (a->kind == 'i') mth_text_add(out, "%lld : i64", (long long)a->numbers[0]);
  if (a->kind == 'b') mth_text_add(out, a->numbers[0] ? "true" : "false");
  if (a->kind == 't') mth_text_add(out, "%s", type_name(m, (char)a->numbers[0]));
  if (a->kind == 's') mth_text_add(out, "\"%s\"", a->text);
  if (a->kind == 'n') mth_text_add(out, a->count ? "array<i64: " : "array<i64");
  if (a->kind == 'd') mth_text_add(out, "[");
  for (int i = 0; (a->kind == 'n' || a->kind == 'd') && i < a->count; ++i) {
    if (i) mth_text_add(out, ", ");
    if (a->kind == 'n')
      mth_text_add(out, "%lld", (long long)a->numbers[i]);
    else
      put_dim(m, a->dims[i], symbolic, out);
  }
  if (a->kind == 'n') mth_text_add(out, ">");
  if (a->kind == 'd') mth_text_add(out, "]");
}

static void put_op(const medley *m, int v, bool symbolic, mth_text *out) {
  const medley_value *value = &m->values[v];
  mth_text_add(out, "  %%%d = mithril.%s ", v, value->op);
  for (int i = 0; i < value->operand_count; ++i)
    mth_text_add(out, "%s%%%d", i ? ", " : "", value->operands[i]);
  for (int i = 0; i < value->attribute_count; ++i) {
    mth_text_add(out, i ? ", " : " {");
    put_attribute(m, &value->attributes[i], symbolic, out);
  }
  mth_text_add(out, value->attribute_count ? "} : (" : " : (");
  for (int i = 0; i < value->operand_count; ++i) {
    const medley_value *operand = &m->values[value->operands[i]];
    if (i) mth_text_add(out, ", ");
    if (operand->op)
      mth_text_add(out, "tensor<*x%s>", type_name(m, operand->kind));
    else
      put_type(m, operand, symbolic, out);
  }
  mth_text_add(out, ") -> tensor<*x%s>", type_name(m, value->kind));
  const medley_value shown = {.kind = value->kind, .shape = value->shape};
  mth_text_add(out, " // ");
  put_type(m, &shown, symbolic, out);
  mth_text_add(out, "\n");
}

static void put_model(list *l) {
  mth_text_add(l->out, "mithril.model @%s(", l->symbolic ? "any" : "fixed");
  put_list(l, INPUT, INPUT, ARGUMENT);
  mth_text_add(l->out, ") -> (");
  put_list(l, OUTPUT, OUTPUT, RESULT);
  mth_text_add(l->out, ") {\n");
  for (int v = 0; v < l->m->count; ++v)
    if (l->m->values[v].op) put_op(l->m, v, l->symbolic, l->out);
  mth_text_add(l->out, "  mithril.return ");
  put_list(l, OUTPUT, OUTPUT, VALUE);
  mth_text_add(l->out, " : ");
  put_list(l, OUTPUT, OUTPUT, RESULT_TYPE);
  mth_text_add(l->out, "\n}\n");
}

static int count_of(const medley *m, role role) {
  int count = 0;
  for (int v = 0; v < m->count; ++v)
    count += has_role(&m->values[v], role);
  return count;
}

// An entry that gives the outputs, and with `slopes` the gradients after them.
static void put_entry(list *l, bool slopes) {
  const char *const name = l->symbolic ? "any" : "fixed";
  const role inputs = slopes ? COTANGENT : INPUT, outputs = slopes ? SLOPE : OUTPUT;
  mth_text_add(l->out, "mithril.entry @%s_%s(", slopes ? "slopes" : "run", name);
  put_list(l, INPUT, inputs, ARGUMENT);
  mth_text_add(l->out, ") -> (");
  put_list(l, OUTPUT, outputs, RESULT);
  mth_text_add(l->out,
               ") {\n  %%r:%d = ", count_of(l->m, OUTPUT) + (slopes ? count_of(l->m, SLOPE) : 0));
  mth_text_add(l->out, slopes ? "mithril.gradient @%s (" : "mithril.instance @%s \"m\" (", name);
  put_list(l, INPUT, INPUT, VALUE);
  mth_text_add(l->out, ")");
  if (slopes) {
    mth_text_add(l->out, " of [");
    put_list(l, COTANGENT, COTANGENT, NUMBER);
    mth_text_add(l->out, "] cotangents (");
    put_list(l, COTANGENT, COTANGENT, VALUE);
    mth_text_add(l->out, ") wrt [");
    put_list(l, SLOPE, SLOPE, NUMBER);
    mth_text_add(l->out, "]");
  }
  mth_text_add(l->out, " : (");
  put_list(l, INPUT, inputs, TYPE);
  mth_text_add(l->out, ") -> (");
  put_list(l, OUTPUT, outputs, RESULT_TYPE);
  mth_text_add(l->out, ")\n  mithril.return ");
  put_list(l, OUTPUT, outputs, ELEMENT);
  mth_text_add(l->out, " : ");
  put_list(l, OUTPUT, outputs, RESULT_TYPE);
  mth_text_add(l->out, "\n}\n");
}

void medley_write(const medley *m, mth_text *out) {
  mth_text_add(out, "module @medley {\n");
  for (int symbolic = 0; symbolic < 2; ++symbolic) {
    list l = {.m = m, .symbolic = symbolic == 1, .out = out};
    if (!m->forms[symbolic]) continue;
    put_model(&l);
    put_entry(&l, false);
    if (medley_has_slopes(m)) put_entry(&l, true);
  }
  mth_text_add(out, "}\n");
  if (out->status != MTH_OK) abort();
}
