// index_test.c: random indices, compiled, against Python's rules walked element by element.
//
// An index is drawn as items; the oracle lists for every axis the positions that are read, and
// walks the result's coordinates. Static extents, and one program with symbolic ones.
#include "test/harness/harness.h"
#include "test/numerics/compiled.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_items = 12, most_tensors = 2, most_extent = 9 };

typedef struct item {
  char letter; // as in ir/index_plan.h
  int64_t start, stop, step;
} item;

typedef struct drawn {
  int rank;
  int64_t extents[4];
  int item_count;
  item items[most_items];
  int tensor_count;
  int tensor_ranks[most_tensors];
  int64_t tensor_dims[most_tensors][2];
} drawn;

static uint64_t state;

static int64_t draw(int64_t count) { // splitmix64
  uint64_t z = (state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return (int64_t)((z ^ (z >> 31)) % (uint64_t)count);
}

static item draw_slice(int64_t extent) {
  item s = {"sabr"[draw(4)], 0, 0, 1};
  if (s.letter == 'a' || s.letter == 'r') s.start = draw(2 * extent + 6) - extent - 3;
  if (s.letter == 'b' || s.letter == 'r') s.stop = draw(2 * extent + 6) - extent - 3;
  if (draw(2)) s.step = draw(2) ? draw(3) + 1 : -draw(3) - 1;
  return s;
}

static void add_tensor(drawn *d) {
  // Dims of 3 and 1, aligned on the right, broadcast.
  const int t = d->tensor_count++;
  d->tensor_ranks[t] = (int)draw(3);
  for (int i = 0; i < d->tensor_ranks[t]; ++i)
    d->tensor_dims[t][i] = draw(3) ? 3 : 1;
}

static drawn draw_index(void) {
  drawn d = {.rank = 1 + (int)draw(4)};
  for (int i = 0; i < d.rank; ++i)
    d.extents[i] = draw(8) ? 1 + draw(most_extent) : 0;
  const int hidden = (int)draw(d.rank + 1); // axes that the ellipsis stands for
  const int first_hidden = (int)draw(d.rank - hidden + 1);
  for (int axis = 0; axis <= d.rank; ++axis) {
    if (draw(6) == 0) d.items[d.item_count++] = (item){'n', 0, 0, 0};
    if (axis == first_hidden && (hidden || draw(2))) {
      d.items[d.item_count++] = (item){'e', 0, 0, 0};
      axis += hidden;
    }
    if (axis >= d.rank) continue;
    const int64_t extent = d.extents[axis];
    const int64_t kind = draw(5);
    if (kind == 0 && extent) {
      d.items[d.item_count++] = (item){'i', draw(2 * extent) - extent, 0, 0};
    } else if (kind == 1 && extent && d.tensor_count < most_tensors) {
      add_tensor(&d);
      d.items[d.item_count++] = (item){'t', 0, 0, 0};
    } else {
      d.items[d.item_count++] = draw_slice(extent);
    }
  }
  return d;
}

// ---- oracle -------------------------------------------------------------------------------------

typedef struct positions {
  int64_t at[most_extent];
  int count;
} positions;

static int64_t clip(int64_t value, int64_t low, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

static positions slice_positions(const item *s, int64_t n) { // slice.indices of Python
  positions p = {.count = 0};
  const bool has_start = s->letter == 'a' || s->letter == 'r';
  const bool has_stop = s->letter == 'b' || s->letter == 'r';
  const bool up = s->step > 0;
  const int64_t low = up ? 0 : -1, high = up ? n : n - 1;
  int64_t start = up ? 0 : n - 1, stop = up ? n : -1;
  if (has_start) start = clip(s->start < 0 ? s->start + n : s->start, low, high);
  if (has_stop) stop = clip(s->stop < 0 ? s->stop + n : s->stop, low, high);
  for (int64_t i = start; up ? i < stop : i > stop; i += s->step)
    p.at[p.count++] = i;
  return p;
}

// What the oracle knows of one dim of the result.
typedef struct result_dim {
  int axis; // of x, or -1
  positions positions;
} result_dim;

typedef struct walk {
  const drawn *d;
  const oracle_tensor *x, *tensors;
  int axis_item[4]; // the item of an axis; -1: the ellipsis
  int dim_count, joined_first, joined_rank;
  result_dim dims[16];
  int64_t joined[2];
} walk;

static void add_dim(walk *w, int axis, positions p) {
  w->dims[w->dim_count++] = (result_dim){axis, p};
}

static void add_joined(walk *w) {
  w->joined_first = w->dim_count;
  for (int i = 0; i < w->joined_rank; ++i)
    add_dim(w, -1, (positions){.count = (int)w->joined[i]});
}

static void lay_out(walk *w) {
  const drawn *d = w->d;
  static const item whole = {'s', 0, 0, 1};
  int mentioned = 0, first = -1, last = -1, apart = 0;
  for (int i = 0; i < d->item_count; ++i) {
    mentioned += d->items[i].letter != 'n' && d->items[i].letter != 'e';
    const bool joins = d->items[i].letter == 't' || d->items[i].letter == 'i';
    if (joins && first < 0) first = i;
    if (joins) last = i;
  }
  for (int i = first; i >= 0 && i < last; ++i)
    apart |= d->items[i].letter != 't' && d->items[i].letter != 'i';
  for (int t = 0; t < d->tensor_count; ++t)
    if (d->tensor_ranks[t] > w->joined_rank) w->joined_rank = d->tensor_ranks[t];
  for (int i = 0; i < w->joined_rank; ++i)
    w->joined[i] = 1;
  for (int t = 0; t < d->tensor_count; ++t)
    for (int i = 0; i < d->tensor_ranks[t]; ++i)
      if (d->tensor_dims[t][i] != 1)
        w->joined[w->joined_rank - d->tensor_ranks[t] + i] = d->tensor_dims[t][i];
  int axis = 0;
  bool placed = d->tensor_count == 0, had_rest = false;
  if (!placed && apart) add_joined(w), placed = true;
  for (int i = 0; i <= d->item_count; ++i) {
    const char letter = i < d->item_count ? d->items[i].letter : had_rest ? '.' : 'e';
    if (letter == 'n') add_dim(w, -1, (positions){.count = 1});
    if (letter == 'e') {
      had_rest = true;
      for (int j = mentioned; j < d->rank; ++j, ++axis) {
        w->axis_item[axis] = -1;
        add_dim(w, axis, slice_positions(&whole, d->extents[axis]));
      }
    }
    if (letter == 't' || letter == 'i') {
      if (!placed) add_joined(w), placed = true;
      w->axis_item[axis++] = i;
    } else if (strchr("sabr", letter)) {
      w->axis_item[axis] = i;
      add_dim(w, axis, slice_positions(&d->items[i], d->extents[axis]));
      ++axis;
    }
  }
}

static int64_t read_tensor(const walk *w, int t, const int64_t *joined) {
  int64_t flat = 0;
  const int rank = w->d->tensor_ranks[t];
  for (int i = 0; i < rank; ++i) {
    const int64_t extent = w->d->tensor_dims[t][i];
    flat = flat * extent + (extent == 1 ? 0 : joined[w->joined_rank - rank + i]);
  }
  return (int64_t)w->tensors[t].value[flat];
}

static oracle_tensor evaluate(const drawn *d, const oracle_tensor *x,
                              const oracle_tensor *tensors) {
  walk w = {.d = d, .x = x, .tensors = tensors};
  lay_out(&w);
  int64_t dims[16];
  for (int i = 0; i < w.dim_count; ++i)
    dims[i] = w.dims[i].positions.count;
  oracle_tensor y = oracle_make(w.dim_count, dims);
  for (int64_t e = 0; e < y.count; ++e) {
    int64_t coordinate[16], from[4] = {0}, rest = e;
    for (int i = w.dim_count; i-- > 0; rest /= dims[i])
      coordinate[i] = rest % dims[i];
    for (int i = 0; i < w.dim_count; ++i)
      if (w.dims[i].axis >= 0) from[w.dims[i].axis] = w.dims[i].positions.at[coordinate[i]];
    for (int axis = 0, t = 0; axis < d->rank; ++axis) {
      const item *it = w.axis_item[axis] < 0 ? NULL : &d->items[w.axis_item[axis]];
      if (it && it->letter == 'i') from[axis] = it->start;
      if (it && it->letter == 't') from[axis] = read_tensor(&w, t++, coordinate + w.joined_first);
      if (from[axis] < 0) from[axis] += d->extents[axis];
    }
    int64_t flat = 0;
    for (int axis = 0; axis < d->rank; ++axis)
      flat = flat * d->extents[axis] + from[axis];
    y.value[e] = x->value[flat];
  }
  return y;
}

// ---- the program --------------------------------------------------------------------------------

typedef struct program_text {
  char text[64 * 1024];
  size_t used;
} program_text;

#define PUT(p, ...)                                                                                \
  ((p)->used += (size_t)snprintf((p)->text + (p)->used, sizeof(p)->text - (p)->used, __VA_ARGS__))

static void put_type(program_text *p, int rank, const int64_t *dims, const char *element,
                     bool symbolic) {
  PUT(p, "tensor<");
  for (int i = 0; i < rank; ++i)
    if (symbolic)
      PUT(p, "?x");
    else
      PUT(p, "%lldx", (long long)dims[i]);
  PUT(p, "%s", element);
  for (int i = 0; symbolic && i < rank; ++i)
    PUT(p, "%s\"%c\"%s", i ? ", " : ", [", 'A' + i, i + 1 < rank ? "" : "]");
  PUT(p, ">");
}

static void put_entry(program_text *p, int index, const drawn *d, bool symbolic) {
  PUT(p, "  mithril.entry @case_%d(%%a0: ", index);
  put_type(p, d->rank, d->extents, "f64", symbolic);
  PUT(p, " {mithril.port = \"a0\"}");
  for (int t = 0; t < d->tensor_count; ++t) {
    PUT(p, ", %%a%d: ", t + 1);
    put_type(p, d->tensor_ranks[t], d->tensor_dims[t], "i64", false);
    PUT(p, " {mithril.port = \"a%d\"}", t + 1);
  }
  PUT(p, ") -> (tensor<*xf64> {mithril.port = \"y\"}) {\n    %%y = mithril.index %%a0");
  for (int t = 0; t < d->tensor_count; ++t)
    PUT(p, ", %%a%d", t + 1);
  PUT(p, " {items = \"");
  for (int i = 0; i < d->item_count; ++i)
    PUT(p, "%c", d->items[i].letter);
  PUT(p, "\", start = [");
  for (int i = 0; i < d->item_count; ++i)
    PUT(p, "%s%lld", i ? ", " : "", (long long)d->items[i].start);
  PUT(p, "], stop = [");
  for (int i = 0; i < d->item_count; ++i)
    PUT(p, "%s%lld", i ? ", " : "", (long long)d->items[i].stop);
  PUT(p, "], step = array<i64");
  for (int i = 0; i < d->item_count; ++i)
    PUT(p, "%s%lld", i ? ", " : ": ", (long long)d->items[i].step);
  PUT(p, ">} : (");
  put_type(p, d->rank, d->extents, "f64", symbolic);
  for (int t = 0; t < d->tensor_count; ++t) {
    PUT(p, ", ");
    put_type(p, d->tensor_ranks[t], d->tensor_dims[t], "i64", false);
  }
  PUT(p, ") -> tensor<*xf64>\n    mithril.return %%y : tensor<*xf64>\n  }\n");
}

static void run_case(const compiled *c, int index, const drawn *d) {
  oracle_tensor inputs[1 + most_tensors];
  const mth_dtype dtypes[] = {MTH_F64, MTH_I64, MTH_I64};
  inputs[0] = oracle_make(d->rank, d->extents);
  for (int64_t i = 0; i < inputs[0].count; ++i)
    inputs[0].value[i] = (long double)i + 0.25L;
  for (int t = 0, axis = 0, i = 0; i < d->item_count; ++i) {
    int hidden = d->rank;
    for (int j = 0; j < d->item_count; ++j)
      hidden -= d->items[j].letter != 'n' && d->items[j].letter != 'e';
    if (d->items[i].letter == 't') {
      inputs[t + 1] = oracle_make(d->tensor_ranks[t], d->tensor_dims[t]);
      ++t;
      for (int64_t e = 0; e < inputs[t].count; ++e)
        inputs[t].value[e] = (long double)(draw(2 * d->extents[axis]) - d->extents[axis]);
    }
    axis += d->items[i].letter == 'e' ? hidden : d->items[i].letter != 'n';
  }
  oracle_tensor wanted = evaluate(d, &inputs[0], inputs + 1);
  oracle_tensor actual = oracle_make(wanted.rank, wanted.dims);
  char entry[32], what[64];
  snprintf(entry, sizeof entry, "case_%d", index);
  int length = snprintf(what, sizeof what, "index %d ", index);
  for (int i = 0; i < d->item_count; ++i)
    what[length++] = d->items[i].letter;
  what[length] = '\0';
  if (compiled_run(c, entry, 1, 1 + d->tensor_count, inputs, dtypes, MTH_F64, &actual))
    compiled_compare(what, &actual, &wanted, MTH_F64, 0);
  for (int t = 0; t <= d->tensor_count; ++t)
    oracle_free(&inputs[t]);
  oracle_free(&wanted);
  oracle_free(&actual);
}

static void run_all(bool symbolic, uint64_t seed) {
  enum { cases = 60 };
  static program_text p;
  static drawn all[cases];
  p.used = 0;
  state = seed;
  PUT(&p, "module @indices {\n");
  for (int i = 0; i < cases; ++i) {
    all[i] = draw_index();
    put_entry(&p, i, &all[i], symbolic);
  }
  PUT(&p, "}\n");
  ASSERT(p.used < sizeof p.text);
  compiled c;
  if (!compiled_make(p.text, &c)) return;
  for (int i = 0; i < cases; ++i)
    run_case(&c, i, &all[i]);
  compiled_free(&c);
}

TEST(index, random_indices_of_static_extents) { run_all(false, 1); }
TEST(index, random_indices_of_symbolic_extents) { run_all(true, 2); }
