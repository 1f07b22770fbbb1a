// value.c: what ops on compile-time values mean. They are gone when a program is written.
//
// Values  an integer may be symbolic and is then the same symbol as a dim (rule R4); a float, a
//         bool, a string counts once it is known. What is learned of a result is known of the
//         values that it was made of, where one answer alone is possible.
//         shape(x), length(x) = x.shape[0], size(x, dim): all elements, one dim, or some.
//         split_length(x, split_size, sections, axis): how many parts a split has.
//         to_tuple(input1, ...), tuple_length, tuple_item(tuple, index): an item, or a part by a
//         slice; make_slice(start, stop, step).
//         to_tensor(value): a number has rank 0, a tuple one axis more than its items.
#include "ir/ops/signature.h"

enum { most_nested = 32 };

static const mth_dim *number_dim(mth_rule *rule, int64_t value) {
  return mth_dim_constant(mth_rule_dims(rule), value);
}

static const mth_arg none = {.kind = MTH_ARG_NONE};

// ---- shapes as values ---------------------------------------------------------------------------

static mth_status infer_shape(mth_rule *rule) {
  const mth_dim *dims[mth_rank_max];
  const mth_arg *known = mth_rule_arg(rule, "output");
  if (known && known->kind == MTH_ARG_DIMS)
    MTH_TRY(mth_rule_state_shape(rule, 0, known->count, known->dims));
  const int32_t rank = mth_rule_rank(rule, 0);
  if (rank < 0 || rank > mth_rank_max) return MTH_OK;
  for (int32_t i = 0; i < rank; ++i)
    dims[i] = mth_rule_dim(rule, 0, i);
  return mth_rule_state_dims_arg(rule, "output", (size_t)rank, dims);
}

static mth_status infer_length(mth_rule *rule) {
  MTH_TRY(mth_rule_state_first_dims(rule, 0, 1));
  const mth_dim *length = mth_rule_dim(rule, 0, 0);
  return length ? mth_rule_state_int(rule, "output", length) : MTH_OK;
}

static mth_status state_element_count(mth_rule *rule) {
  const int32_t rank = mth_rule_rank(rule, 0);
  const mth_dim *count = number_dim(rule, 1);
  for (int32_t i = 0; i < rank; ++i)
    count = mth_dim_multiply(mth_rule_dims(rule), count, mth_rule_dim(rule, 0, i));
  return rank < 0 ? MTH_OK : mth_rule_state_int(rule, "output", count);
}

// The dims that a tuple of axes names.
static mth_status state_some_dims(mth_rule *rule, const mth_arg *axes) {
  const int32_t rank = mth_rule_rank(rule, 0);
  mth_arg dims[mth_rank_max];
  if (rank < 0) return MTH_OK;
  if (axes->count > mth_rank_max)
    return mth_rule_fail(rule, "wanted at most %d axes, found %zu", (int)mth_rank_max, axes->count);
  for (size_t i = 0; i < axes->count; ++i) {
    int32_t axis;
    if (axes->items[i].kind == MTH_ARG_DIM) return MTH_OK;
    if (axes->items[i].kind != MTH_ARG_INT)
      return mth_rule_fail(rule, "'dim' wants integers, found %s", mth_rule_value_text(rule, axes));
    MTH_TRY(mth_rule_axis(rule, axes->items[i].i, rank, &axis));
    dims[i] = MTH_ARG_D(NULL, mth_rule_dim(rule, 0, axis));
  }
  return mth_rule_state_arg(rule, "output", 0, &MTH_ARG_TUPLE_OF(NULL, axes->count, dims));
}

static mth_status infer_size(mth_rule *rule) {
  const mth_arg *dim = mth_rule_arg(rule, "dim");
  int32_t axis;
  if (!dim || dim->kind == MTH_ARG_DIM) return MTH_OK;
  if (dim->kind == MTH_ARG_NONE) return state_element_count(rule);
  if (dim->kind == MTH_ARG_TUPLE) return state_some_dims(rule, dim);
  if (dim->kind != MTH_ARG_INT)
    return mth_rule_fail(rule, "'dim' wants an integer, a tuple of them or None, found %s",
                         mth_rule_value_text(rule, dim));
  const int32_t rank = mth_rule_rank(rule, 0);
  if (rank >= 0) MTH_TRY(mth_rule_axis(rule, dim->i, rank, &axis));
  const mth_dim *size = mth_rule_dim(rule, 0, dim->i);
  return size ? mth_rule_state_int(rule, "output", size) : MTH_OK;
}

// How many parts `split` makes: `sections`, or as many of `split_size` as the extent needs.
static mth_status infer_split_length(mth_rule *rule) {
  mth_dim_table *dims = mth_rule_dims(rule);
  const mth_arg *sections = mth_rule_arg(rule, "sections"), *axis = mth_rule_arg(rule, "axis");
  const mth_arg *split_size = mth_rule_arg(rule, "split_size");
  const mth_dim *count = mth_rule_int(rule, "sections"), *size = mth_rule_int(rule, "split_size");
  const bool has_sections = count || !sections, has_size = size || !split_size;
  if (has_sections == has_size)
    return sections && split_size
               ? mth_rule_fail(rule, "wanted either 'split_size' or 'sections', found %s",
                               has_size ? "both" : "neither")
               : MTH_OK;
  if (count) return mth_rule_state_int(rule, "output", count);
  if (has_sections) {
    count = mth_rule_int(rule, "output");
    return count ? mth_rule_state_int(rule, "sections", count) : MTH_OK;
  }
  const mth_dim *extent = axis && axis->kind == MTH_ARG_INT ? mth_rule_dim(rule, 0, axis->i) : NULL;
  int64_t number;
  if (!extent || !size) return MTH_OK;
  if (mth_dim_is_constant(size, &number) && number < 1)
    return mth_rule_fail(rule, "wanted parts of 1 or more, found %lld", (long long)number);
  const mth_dim *last = mth_dim_subtract(dims, size, mth_dim_constant(dims, 1));
  return mth_rule_state_int(rule, "output",
                            mth_dim_floordiv(dims, mth_dim_add(dims, extent, last), size));
}

// ---- tuples and slices --------------------------------------------------------------------------

static bool is_list(const mth_arg *value) {
  return value && (value->kind == MTH_ARG_TUPLE || value->kind == MTH_ARG_DIMS ||
                   value->kind == MTH_ARG_INTS);
}

// An item of a tuple in whichever form it is read.
static mth_arg item_of(const mth_arg *list, size_t index) {
  return list->kind == MTH_ARG_DIMS   ? MTH_ARG_D(NULL, list->dims[index])
         : list->kind == MTH_ARG_INTS ? MTH_ARG_I(NULL, list->ints[index])
                                      : list->items[index];
}

static mth_status infer_to_tuple(mth_rule *rule) {
  const size_t count = mth_rule_arg_count(rule);
  const mth_arg *whole = mth_rule_arg(rule, "output");
  const mth_arg_kind kind = mth_rule_arg_kind(rule, "output", 0);
  const bool is_integers = kind == MTH_ARG_DIMS || kind == MTH_ARG_INTS;
  if (whole && !is_list(whole))
    return mth_rule_fail(rule, "the result is a tuple, wanted %s",
                         mth_rule_value_text(rule, whole));
  if (whole && whole->count != count)
    return mth_rule_fail(rule, "wanted a tuple of %zu, made one of %zu", whole->count, count);
  mth_arg *items = mth_rule_scratch(rule, count, sizeof *items);
  if (!items) return MTH_NO_MEMORY;
  bool is_known = true;
  for (size_t i = 0; i < count; ++i) {
    const mth_arg *item = mth_rule_arg_at(rule, "inputs", i);
    const mth_dim *integer = mth_rule_int_at(rule, "inputs", i);
    items[i] = integer ? MTH_ARG_D(NULL, integer) : item ? *item : none;
    if (whole && !(item && item->kind == MTH_ARG_NONE)) { // None may stand for an open dim
      items[i] = item_of(whole, i);
      MTH_TRY(mth_rule_state_arg(rule, "inputs", i, &items[i]));
    } else if (whole) {
      items[i] = item_of(whole, i);
    } else if (!item && !integer && is_integers) {
      items[i] = MTH_ARG_D(NULL, mth_dim_fresh(mth_rule_dims(rule)));
      MTH_TRY(mth_rule_state_arg(rule, "inputs", i, &items[i]));
    } else if (!item && !integer) {
      is_known = false;
    }
  }
  if (!is_known || whole) return MTH_OK;
  return mth_rule_state_arg(rule, "output", 0, &MTH_ARG_TUPLE_OF(NULL, count, items));
}

static mth_status infer_tuple_length(mth_rule *rule) {
  const mth_arg *tuple = mth_rule_arg(rule, "input");
  if (!tuple) return MTH_OK;
  if (!is_list(tuple))
    return mth_rule_fail(rule, "wanted a tuple, found %s", mth_rule_value_text(rule, tuple));
  return mth_rule_state_int(rule, "output", number_dim(rule, (int64_t)tuple->count));
}

static mth_status infer_make_slice(mth_rule *rule) {
  static const char *const keys[] = {"start", "stop", "step"};
  const mth_arg *slice = mth_rule_arg(rule, "output");
  mth_arg parts[3];
  bool is_known = true;
  for (size_t i = 0; i < 3; ++i) {
    if (slice && slice->kind == MTH_ARG_SLICE)
      MTH_TRY(mth_rule_state_arg(rule, keys[i], 0, &slice->items[i]));
    const mth_arg *part = mth_rule_arg(rule, keys[i]);
    if (part && part->kind != MTH_ARG_NONE && part->kind != MTH_ARG_INT &&
        part->kind != MTH_ARG_DIM)
      return mth_rule_fail(rule, "'%s' wants an integer or None, found %s", keys[i],
                           mth_rule_value_text(rule, part));
    is_known &= part != NULL;
    parts[i] = part ? *part : none;
  }
  if (!is_known || slice) return MTH_OK;
  return mth_rule_state_arg(rule, "output", 0,
                            &(mth_arg){.kind = MTH_ARG_SLICE, .count = 3, .items = parts});
}

// A bound of a slice as 0 <= bound <= count, or -1 <= bound < count for a step backwards.
static int64_t clamp_bound(const mth_arg *bound, int64_t count, int64_t step, int64_t open) {
  if (bound->kind != MTH_ARG_INT) return open;
  const int64_t least = step < 0 ? -1 : 0, most = step < 0 ? count - 1 : count;
  const int64_t at = bound->i < 0 ? bound->i + count : bound->i;
  return at < least ? least : at > most ? most : at;
}

static mth_status state_part(mth_rule *rule, const mth_arg *tuple, const mth_arg *slice) {
  const int64_t count = (int64_t)tuple->count;
  for (size_t i = 0; i < 3; ++i)
    if (slice->items[i].kind == MTH_ARG_DIM) return MTH_OK; // not a number yet
  const int64_t step = slice->items[2].kind == MTH_ARG_INT ? slice->items[2].i : 1;
  if (step == 0) return mth_rule_fail(rule, "a slice wants a step that is not 0");
  int64_t at = clamp_bound(&slice->items[0], count, step, step < 0 ? count - 1 : 0);
  const int64_t stop = clamp_bound(&slice->items[1], count, step, step < 0 ? -1 : count);
  mth_arg *items = mth_rule_scratch(rule, tuple->count, sizeof *items);
  size_t taken = 0;
  if (!items) return MTH_NO_MEMORY;
  while (step < 0 ? at > stop : at < stop) {
    items[taken++] = item_of(tuple, (size_t)at);
    if (__builtin_add_overflow(at, step, &at)) break;
  }
  return mth_rule_state_arg(rule, "output", 0, &MTH_ARG_TUPLE_OF(NULL, taken, items));
}

static mth_status infer_tuple_item(mth_rule *rule) {
  const mth_arg *tuple = mth_rule_arg(rule, "input"), *index = mth_rule_arg(rule, "index");
  if (!tuple || !index || index->kind == MTH_ARG_DIM) return MTH_OK;
  if (!is_list(tuple))
    return mth_rule_fail(rule, "wanted a tuple, found %s", mth_rule_value_text(rule, tuple));
  if (index->kind == MTH_ARG_SLICE) return state_part(rule, tuple, index);
  if (index->kind != MTH_ARG_INT)
    return mth_rule_fail(rule, "'index' wants an integer or a slice, found %s",
                         mth_rule_value_text(rule, index));
  const int64_t count = (int64_t)tuple->count;
  const int64_t at = index->i < 0 ? index->i + count : index->i;
  if (at < 0 || at >= count)
    return mth_rule_fail(rule, "index %lld is outside of a tuple of %lld", (long long)index->i,
                         (long long)count);
  const mth_arg item = item_of(tuple, (size_t)at);
  return mth_rule_state_arg(rule, "output", 0, &item);
}

// ---- values as tensors --------------------------------------------------------------------------

typedef struct nest {
  size_t rank;
  const mth_dim *dims[most_nested];
  mth_family widest;
} nest;

static mth_status measure(mth_rule *rule, const mth_arg *value, size_t depth, bool is_first,
                          nest *nest) {
  const bool has_items = is_list(value);
  int64_t extent;
  if (depth == most_nested)
    return mth_rule_fail(rule, "tuples nest at most %d deep", (int)most_nested);
  if (!is_first && (has_items ? depth >= nest->rank : depth != nest->rank))
    return mth_rule_fail(rule, "the items of a tuple have different ranks");
  if (has_items) {
    if (is_first) {
      nest->dims[depth] = number_dim(rule, (int64_t)value->count);
      nest->rank = depth + 1;
      if (!nest->dims[depth]) return MTH_NO_MEMORY;
    }
    if (mth_dim_is_constant(nest->dims[depth], &extent) && extent != (int64_t)value->count)
      return mth_rule_fail(rule, "the items of a tuple have %lld and %zu items", (long long)extent,
                           value->count);
    for (size_t i = 0; i < value->count; ++i) {
      const mth_arg item = item_of(value, i);
      MTH_TRY(measure(rule, &item, depth + 1, is_first && i == 0, nest));
    }
    return MTH_OK;
  }
  const bool is_int = value->kind == MTH_ARG_INT || value->kind == MTH_ARG_DIM;
  if (!is_int && value->kind != MTH_ARG_FLOAT && value->kind != MTH_ARG_BOOL)
    return mth_rule_fail(rule, "a tensor is made of numbers, found %s",
                         mth_rule_value_text(rule, value));
  const mth_family family = is_int                         ? MTH_FAMILY_INT
                            : value->kind == MTH_ARG_FLOAT ? MTH_FAMILY_FLOAT
                                                           : MTH_FAMILY_BOOL;
  if (family > nest->widest) nest->widest = family;
  return MTH_OK;
}

static mth_status infer_to_tensor(mth_rule *rule) {
  const mth_arg *value = mth_rule_arg(rule, "input"), *dtype = mth_rule_arg(rule, "dtype");
  const mth_dim *integer = mth_rule_int(rule, "input");
  const mth_arg_kind kind = mth_rule_arg_kind(rule, "input", 0);
  const mth_arg scalar = MTH_ARG_D(NULL, integer);
  const size_t result = mth_rule_result(rule, 0);
  nest nest = {.widest = MTH_FAMILY_NONE};
  if (dtype && dtype->kind == MTH_ARG_DTYPE)
    MTH_TRY(mth_rule_state_dtype(rule, result, dtype->dtype));
  if (integer) value = &scalar;
  if (!value) {
    const bool is_scalar = kind == MTH_ARG_INT || kind == MTH_ARG_FLOAT || kind == MTH_ARG_BOOL;
    return is_scalar ? mth_rule_state_rank(rule, result, 0) : MTH_OK;
  }
  MTH_TRY(measure(rule, value, 0, true, &nest));
  MTH_TRY(mth_rule_state_shape(rule, result, nest.rank, nest.dims));
  const bool is_open = nest.widest == MTH_FAMILY_NONE || (dtype && dtype->kind == MTH_ARG_DTYPE);
  return is_open ? MTH_OK : mth_rule_state_families(rule, result, nest.widest);
}

// ---- the table ----------------------------------------------------------------------------------

#define ANY_VALUE(name_) MTH_NEEDED(name_, MTH_ARG_NONE)
#define NO_VALUE {.kind = MTH_ARG_NONE}

static const mth_op_key tensor[] = {MTH_IN("input", MTH_FAMILY_ANY)};
static const mth_op_key sized[] = {MTH_IN("input", MTH_FAMILY_ANY),
                                   MTH_OPTION("dim", MTH_ARG_NONE, NO_VALUE)};
static const mth_op_key split[] = {MTH_IN("input", MTH_FAMILY_ANY),
                                   MTH_OPTION("split_size", MTH_ARG_INT, NO_VALUE),
                                   MTH_OPTION("sections", MTH_ARG_INT, NO_VALUE),
                                   MTH_OPTION("axis", MTH_ARG_INT, {.kind = MTH_ARG_INT, .i = 0})};
static const mth_op_key values[] = {{.name = "inputs", .kind = MTH_KEY_ARGS}};
static const mth_op_key value[] = {ANY_VALUE("input")};
static const mth_op_key indexed[] = {ANY_VALUE("input"), ANY_VALUE("index")};
static const mth_op_key bounds[] = {ANY_VALUE("start"), ANY_VALUE("stop"), ANY_VALUE("step")};
static const mth_op_key typed[] = {ANY_VALUE("input"),
                                   MTH_OPTION("dtype", MTH_ARG_DTYPE, NO_VALUE)};
static const mth_op_key made[] = {MTH_OUTPUT(MTH_FAMILY_ANY)};
static const mth_op_key any[] = {ANY_VALUE("output")};
static const mth_op_key dims[] = {MTH_NEEDED("output", MTH_ARG_DIMS)};
static const mth_op_key integer[] = {MTH_NEEDED("output", MTH_ARG_INT)};
static const mth_op_key slice[] = {MTH_NEEDED("output", MTH_ARG_SLICE)};

static const mth_op ops[] = {
    MTH_OP("shape", "Shape", VALUE, tensor, dims, 0, infer_shape),
    MTH_OP("size", "Size", VALUE, sized, any, 0, infer_size),
    MTH_OP("length", "Length", VALUE, tensor, integer, 0, infer_length),
    MTH_OP("split_length", "SplitLength", VALUE, split, integer, 0, infer_split_length),
    MTH_OP("to_tuple", "ToTuple", VALUE, values, any, 0, infer_to_tuple),
    MTH_OP("tuple_length", "TupleLength", VALUE, value, integer, 0, infer_tuple_length),
    MTH_OP("tuple_item", "TupleItem", VALUE, indexed, any, 0, infer_tuple_item),
    MTH_OP("make_slice", "MakeSlice", VALUE, bounds, slice, 0, infer_make_slice),
    MTH_OP("to_tensor", "ToTensor", VALUE, typed, made, 0, infer_to_tensor),
};

mth_op_table mth_value_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
