// index_plan.c: items of an index against the extents that they index.
#include "ir/index_plan.h"

#include <stdio.h>
#include <string.h>

typedef struct planning {
  mth_dim_table *dims;
  const mth_index_items *items;
  mth_index_plan *plan;
} planning;

static const mth_dim *number(const planning *p, int64_t value) {
  return mth_dim_constant(p->dims, value);
}

static bool is_negative(const mth_dim *dim) {
  int64_t value;
  return mth_dim_is_constant(dim, &value) && value < 0;
}

static const mth_dim *minus_one(const planning *p, const mth_dim *dim) {
  return mth_dim_subtract(p->dims, dim, number(p, 1));
}

// A bound of a slice: a negative number counts from the end; then it is put between low and high.
static const mth_dim *clamp(const planning *p, const mth_dim *bound, const mth_dim *extent,
                            int64_t low, const mth_dim *high) {
  if (!bound) return NULL;
  if (!is_negative(bound)) return mth_dim_min(p->dims, bound, high);
  return mth_dim_max(p->dims, mth_dim_add(p->dims, bound, extent), number(p, low));
}

// ceil(length / step)
static const mth_dim *divide_up(const planning *p, const mth_dim *length, int64_t step) {
  if (step == 1) return length;
  return mth_dim_floordiv(p->dims, mth_dim_add(p->dims, length, number(p, step - 1)),
                          number(p, step));
}

static bool has_start(char letter) { return letter == 'a' || letter == 'r'; }
static bool has_stop(char letter) { return letter == 'b' || letter == 'r'; }

// Lengths are written so that one sees that they are not negative: extent - min(n, extent) as
// max(extent - n, 0).
static const mth_dim *none_or(const planning *p, const mth_dim *length) {
  return mth_dim_max(p->dims, length, number(p, 0));
}

// n, a number below 0 or a bound in front, as the length of an end part of the extent.
static const mth_dim *end_part(const planning *p, const mth_dim *bound, const mth_dim *extent) {
  if (is_negative(bound))
    return mth_dim_min(p->dims, mth_dim_subtract(p->dims, number(p, 0), bound), extent);
  return none_or(p, mth_dim_subtract(p->dims, extent, bound));
}

static void plan_forward(const planning *p, size_t item, const mth_dim *extent,
                         mth_index_axis *axis) {
  const char letter = p->items->letters[item];
  const mth_dim *start = p->items->start[item], *stop = p->items->stop[item];
  axis->step = p->items->step[item];
  axis->start = has_start(letter) ? clamp(p, start, extent, 0, extent) : number(p, 0);
  const mth_dim *end = has_stop(letter) ? clamp(p, stop, extent, 0, extent) : extent;
  const mth_dim *length = letter == 's'   ? extent
                          : letter == 'a' ? end_part(p, start, extent)
                          : letter == 'b' ? end
                                          : none_or(p, mth_dim_subtract(p->dims, end, axis->start));
  axis->size = divide_up(p, length, axis->step);
}

// start, start - step, ... down to what is above stop; read from the lowest on and reversed.
static void plan_backward(const planning *p, size_t item, const mth_dim *extent,
                          mth_index_axis *axis) {
  const char letter = p->items->letters[item];
  const mth_dim *start = p->items->start[item], *stop = p->items->stop[item];
  const mth_dim *last = minus_one(p, extent), *one = number(p, 1);
  const mth_dim *first = has_start(letter) ? clamp(p, start, extent, -1, last) : last;
  const mth_dim *end = has_stop(letter) ? clamp(p, stop, extent, -1, last) : number(p, -1);
  const mth_dim *length = extent;
  if (letter == 'a') // first + 1
    length = is_negative(start)
                 ? none_or(p, mth_dim_add(p->dims, mth_dim_add(p->dims, extent, start), one))
                 : mth_dim_min(p->dims, mth_dim_add(p->dims, start, one), extent);
  if (letter == 'b') // last - end
    length = is_negative(stop)
                 ? mth_dim_min(p->dims, mth_dim_subtract(p->dims, number(p, -1), stop), extent)
                 : none_or(p, mth_dim_subtract(p->dims, last, stop));
  if (letter == 'r') length = none_or(p, mth_dim_subtract(p->dims, first, end));
  axis->step = -p->items->step[item];
  axis->is_reversed = true;
  axis->size = divide_up(p, length, axis->step);
  const mth_dim *span = mth_dim_multiply(p->dims, minus_one(p, axis->size), number(p, axis->step));
  // Of no element, the start may lie beyond the end.
  axis->start = mth_dim_min(p->dims, mth_dim_subtract(p->dims, first, span), extent);
}

static mth_status refuse(const planning *p, const char *what, long long a, long long b) {
  snprintf(p->plan->problem, sizeof p->plan->problem, what, a, b);
  return MTH_INVALID;
}

// Numbers outside of a known extent are refused; what is not known yet is clamped.
static mth_status plan_integer(const planning *p, size_t item, int32_t index, const mth_dim *extent,
                               mth_index_axis *axis) {
  const mth_dim *at = p->items->start[item];
  int64_t known, count;
  const bool is_number = mth_dim_is_constant(at, &known);
  const bool is_exact = is_number && mth_dim_is_constant(extent, &count);
  if (is_exact && (known < -count || known >= count)) {
    snprintf(p->plan->problem, sizeof p->plan->problem,
             "index %lld is outside axis %d of extent %lld", (long long)known, index,
             (long long)count);
    return MTH_INVALID;
  }
  if (is_number && known < 0) at = mth_dim_add(p->dims, extent, at);
  if (!is_exact) at = mth_dim_min(p->dims, at, minus_one(p, extent));
  axis->start = is_exact ? at : mth_dim_max(p->dims, at, number(p, 0));
  axis->size = number(p, 1);
  axis->is_dropped = true;
  return MTH_OK;
}

static mth_status plan_axis(const planning *p, size_t item, int32_t index, const mth_dim *extent,
                            int32_t tensor) {
  mth_index_axis *axis = &p->plan->axes[index];
  const char letter = p->items->letters[item];
  *axis = (mth_index_axis){number(p, 0), extent, 1, false, false, -1};
  if (letter == 't') {
    axis->tensor = tensor;
    return MTH_OK;
  }
  if (letter == 'e') return MTH_OK;
  if (letter == 'i') return plan_integer(p, item, index, extent, axis);
  if (p->items->step[item] == 0)
    return refuse(p, "item %lld is a slice with step 0", (long long)item, 0);
  if (p->items->step[item] == INT64_MIN)
    return refuse(p, "item %lld is a slice whose step does not fit", (long long)item, 0);
  if (p->items->step[item] > 0)
    plan_forward(p, item, extent, axis);
  else
    plan_backward(p, item, extent, axis);
  return MTH_OK;
}

// Index tensors, and integers among them, give their dims where the first of them stands; if a
// slice, a new axis or "..." is between them, in front.
static void place_tensors(planning *p) {
  const char *letters = p->items->letters;
  size_t first = 0, last = 0;
  bool found = false;
  for (size_t i = 0; i < p->items->count; i++) {
    if (letters[i] != 't' && letters[i] != 'i') continue;
    if (!found) first = i;
    found = true;
    last = i;
  }
  bool apart = false;
  for (size_t i = first; i < last; i++)
    apart |= letters[i] != 't' && letters[i] != 'i';
  mth_index_plan *plan = p->plan;
  size_t count = 0;
  int32_t parts[2 * mth_rank_max];
  bool placed = false;
  if (apart) parts[count++] = MTH_PART_TENSORS;
  for (size_t i = 0; i < plan->part_count; i++) {
    if (plan->parts[i] != MTH_PART_TENSORS)
      parts[count++] = plan->parts[i];
    else if (!apart && !placed) {
      parts[count++] = MTH_PART_TENSORS;
      placed = true;
    }
  }
  memcpy(plan->parts, parts, count * sizeof *parts);
  plan->part_count = count;
}

void mth_index_count(const char *letters, size_t *out_axes, size_t *out_tensors) {
  *out_axes = *out_tensors = 0;
  for (; *letters; letters++) {
    *out_axes += *letters != 'n' && *letters != 'e';
    *out_tensors += *letters == 't';
  }
}

static mth_status check_dims(const mth_index_plan *plan) {
  for (int32_t i = 0; i < plan->rank; i++)
    if (!plan->axes[i].start || !plan->axes[i].size) return MTH_NO_MEMORY;
  return MTH_OK;
}

mth_status mth_index_plan_make(mth_dim_table *dims, const mth_index_items *items, int32_t rank,
                               const mth_dim *const *extents, mth_index_plan *out_plan) {
  planning p = {dims, items, out_plan};
  size_t mentioned, tensor_count;
  mth_index_count(items->letters, &mentioned, &tensor_count);
  *out_plan = (mth_index_plan){.rank = rank};
  if (rank > mth_rank_max || items->count > mth_rank_max) {
    snprintf(out_plan->problem, sizeof out_plan->problem,
             "wanted rank and items up to %d, found rank %d and %zu items", mth_rank_max, rank,
             items->count);
    return MTH_INVALID;
  }
  if (mentioned > (size_t)rank)
    return refuse(&p, "%lld axes are indexed, the rank is %lld", (long long)mentioned, rank);
  int32_t axis = 0, tensor = 0;
  bool had_rest = false;
  for (size_t i = 0; i <= items->count; i++) {
    const bool is_end = i == items->count;
    const char letter = is_end ? 'e' : items->letters[i];
    if (is_end && had_rest) break;
    if (letter == 'e' && had_rest)
      return refuse(&p, "'...' stands twice, at item %lld", (long long)i, 0);
    if (letter == 'n') out_plan->parts[out_plan->part_count++] = MTH_PART_NEW;
    if (letter == 'n') continue;
    const int32_t covered = letter == 'e' ? rank - (int32_t)mentioned : 1;
    had_rest |= letter == 'e';
    for (int32_t j = 0; j < covered; j++, axis++) {
      if (is_end)
        out_plan->axes[axis] = (mth_index_axis){number(&p, 0), extents[axis], 1, false, false, -1};
      else
        MTH_TRY(plan_axis(&p, i, axis, extents[axis], tensor));
      const bool is_indexed = letter == 't' || (letter == 'i' && tensor_count > 0);
      if (is_indexed || letter != 'i')
        out_plan->parts[out_plan->part_count++] = is_indexed ? MTH_PART_TENSORS : axis;
    }
    tensor += letter == 't';
  }
  if (tensor_count) place_tensors(&p);
  return check_dims(out_plan);
}
