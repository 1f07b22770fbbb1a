// dim_text.c: the text form of dim expressions.
//
//   sum     = ['-'] product { ('+' | '-') product }
//   product = factor { ('*' | 'floordiv' | 'mod') factor }
//   factor  = number | symbol | '-' factor | '(' sum ')' | ('min' | 'max') '(' sum ',' sum ')'
#include "ir/dim_node.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { depth_limit = 100 };

// ---- printing ----

typedef struct printer {
  char *out; // NULL: only counts
  size_t length;
} printer;

static void put(printer *p, const char *text) {
  const size_t bytes = strlen(text);
  if (p->out) memcpy(p->out + p->length, text, bytes);
  p->length += bytes;
}

static void put_number(printer *p, int64_t value) {
  char text[24];
  snprintf(text, sizeof text, "%lld", (long long)value);
  put(p, text);
}

static void print(printer *p, const mth_dim *dim, bool as_factor);

static void print_product(printer *p, const mth_dim *dim) {
  size_t first = 0;
  if (dim->operands[0]->kind == MTH_DIM_CONSTANT) {
    first = 1;
    if (dim->operands[0]->value == -1)
      put(p, "-");
    else
      put_number(p, dim->operands[0]->value), put(p, "*");
  }
  for (size_t i = first; i < dim->operand_count; ++i) {
    if (i > first) put(p, "*");
    print(p, dim->operands[i], true);
  }
}

static bool is_negative_number(const mth_dim *dim) {
  return dim->kind == MTH_DIM_CONSTANT && dim->value < 0;
}

// Prints " + term" or " - (-term)".
static void print_following_term(printer *p, const mth_dim *dim) {
  printer probe = {NULL, 0};
  const bool negative = is_negative_number(dim) ||
                        (dim->kind == MTH_DIM_MULTIPLY && is_negative_number(dim->operands[0]));
  print(&probe, dim, false);
  put(p, negative ? " - " : " + ");
  const size_t start = p->length;
  print(p, dim, false);
  if (!negative) return;
  p->length -= 1; // the term's own sign
  if (p->out) memmove(p->out + start, p->out + start + 1, probe.length - 1);
}

static void print(printer *p, const mth_dim *dim, bool as_factor) {
  const bool compound = dim->kind == MTH_DIM_ADD || dim->kind == MTH_DIM_MULTIPLY ||
                        dim->kind == MTH_DIM_FLOORDIV || dim->kind == MTH_DIM_MOD ||
                        is_negative_number(dim);
  const bool brackets = as_factor && compound;
  if (brackets) put(p, "(");
  switch (dim->kind) {
  case MTH_DIM_CONSTANT:
    put_number(p, dim->value);
    break;
  case MTH_DIM_SYMBOL:
    put(p, dim->name);
    break;
  case MTH_DIM_ADD:
    print(p, dim->operands[0], false);
    for (size_t i = 1; i < dim->operand_count; ++i)
      print_following_term(p, dim->operands[i]);
    break;
  case MTH_DIM_MULTIPLY:
    print_product(p, dim);
    break;
  case MTH_DIM_FLOORDIV:
  case MTH_DIM_MOD:
    print(p, dim->operands[0], true);
    put(p, dim->kind == MTH_DIM_MOD ? " mod " : " floordiv ");
    print(p, dim->operands[1], true);
    break;
  case MTH_DIM_MIN:
  case MTH_DIM_MAX:
    put(p, dim->kind == MTH_DIM_MIN ? "min(" : "max(");
    print(p, dim->operands[0], false);
    put(p, ", ");
    print(p, dim->operands[1], false);
    put(p, ")");
    break;
  }
  if (brackets) put(p, ")");
}

const char *mth_dim_text(mth_dim_table *table, const mth_dim *dim) {
  if (!dim) return NULL;
  if (dim->text) return dim->text;
  printer p = {NULL, 0};
  print(&p, dim, false);
  // One spare byte: a sign is written before it is moved over.
  p.out = mth_arena_alloc(&table->arena, p.length + 2, 1);
  if (!p.out) return NULL;
  p.length = 0;
  print(&p, dim, false);
  p.out[p.length] = 0;
  ((mth_dim *)(uintptr_t)dim)->text = p.out; // a cache; the value does not change
  return p.out;
}

// ---- parsing ----

typedef struct parser {
  mth_dim_table *table;
  const char *text, *next;
  mth_location at;
  mth_status status;
  int depth;
  size_t failure_count; // of the table when it began
} parser;

static const mth_dim *fail(parser *p, const char *wanted) {
  if (p->status != MTH_OK) return NULL;
  char found[8] = "the end";
  if (*p->next) snprintf(found, sizeof found, "'%c'", *p->next);
  p->status =
      mth_fail(MTH_INVALID, p->at, "dim expression \"%.80s\", column %d: wanted %s, found %s",
               p->text, (int)(p->next - p->text) + 1, wanted, found);
  return NULL;
}

// A maker's result: NULL means that it does not fit, that a divisor is 0, or no memory.
static const mth_dim *made(parser *p, const mth_dim *dim) {
  if (dim || p->status != MTH_OK) return dim;
  if (p->table->failure_count != p->failure_count)
    p->status = mth_fail(MTH_NO_MEMORY, p->at, "memory ran out");
  else
    p->status = mth_fail(MTH_INVALID, p->at,
                         "dim expression \"%.80s\", column %d: a number leaves 63 bits, a divisor "
                         "is 0, or it is too long written out",
                         p->text, (int)(p->next - p->text) + 1);
  return NULL;
}

static void skip_space(parser *p) {
  while (*p->next == ' ')
    ++p->next;
}

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

// Takes `token` if it comes next; a word must end there.
static bool take(parser *p, const char *token) {
  skip_space(p);
  const size_t bytes = strlen(token);
  if (strncmp(p->next, token, bytes) != 0) return false;
  if (is_word(token[0]) && is_word(p->next[bytes])) return false;
  p->next += bytes;
  return true;
}

static const mth_dim *parse_sum(parser *p);

static const mth_dim *parse_number(parser *p) {
  int64_t value = 0;
  for (; isdigit((unsigned char)*p->next); ++p->next)
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, *p->next - '0', &value))
      return fail(p, "a number below 2^63");
  if (is_word(*p->next)) return fail(p, "the end of the number");
  return made(p, mth_dim_constant(p->table, value));
}

static const mth_dim *parse_symbol(parser *p) {
  const char *start = p->next++;
  if (*start == '?') {
    if (!isdigit((unsigned char)*p->next)) return fail(p, "a number after '?'");
    while (isdigit((unsigned char)*p->next))
      ++p->next;
  } else {
    while (is_word(*p->next))
      ++p->next;
  }
  char *name = mth_arena_copy_text(&p->table->arena, start, (size_t)(p->next - start));
  p->table->failure_count += !name;
  return made(p, name ? mth_dim_symbol(p->table, name) : NULL);
}

static const mth_dim *parse_extreme(parser *p, bool smaller) {
  if (!take(p, "(")) return fail(p, "'('");
  const mth_dim *a = parse_sum(p);
  if (a && !take(p, ",")) return fail(p, "','");
  const mth_dim *b = a ? parse_sum(p) : NULL;
  if (!b) return NULL;
  if (!take(p, ")")) return fail(p, "')'");
  return made(p, smaller ? mth_dim_min(p->table, a, b) : mth_dim_max(p->table, a, b));
}

static const mth_dim *parse_factor(parser *p) {
  skip_space(p);
  const mth_dim *dim = NULL;
  if (++p->depth > depth_limit) {
    fail(p, "less nesting");
  } else if (take(p, "-")) {
    const mth_dim *negated = parse_factor(p);
    if (negated) dim = made(p, mth_dim_subtract(p->table, mth_dim_constant(p->table, 0), negated));
  } else if (take(p, "(")) {
    dim = parse_sum(p);
    if (dim && !take(p, ")")) dim = fail(p, "')'");
  } else if (take(p, "min")) {
    dim = parse_extreme(p, true);
  } else if (take(p, "max")) {
    dim = parse_extreme(p, false);
  } else if (isdigit((unsigned char)*p->next)) {
    dim = parse_number(p);
  } else if (is_word(*p->next) || *p->next == '?') {
    dim = parse_symbol(p);
  } else {
    fail(p, "a number, a symbol or '('");
  }
  --p->depth;
  return dim;
}

static const mth_dim *parse_product(parser *p) {
  const mth_dim *left = parse_factor(p);
  while (left) {
    const bool times = take(p, "*"), floordiv = !times && take(p, "floordiv");
    const bool mod = !times && !floordiv && take(p, "mod");
    if (!times && !floordiv && !mod) break;
    const mth_dim *right = parse_factor(p);
    if (!right) return NULL;
    left = made(p, times      ? mth_dim_multiply(p->table, left, right)
                   : floordiv ? mth_dim_floordiv(p->table, left, right)
                              : mth_dim_mod(p->table, left, right));
  }
  return left;
}

static const mth_dim *parse_sum(parser *p) {
  const mth_dim *left = parse_product(p);
  while (left) {
    const bool plus = take(p, "+"), minus = !plus && take(p, "-");
    if (!plus && !minus) break;
    const mth_dim *right = parse_product(p);
    if (!right) return NULL;
    left = made(p, plus ? mth_dim_add(p->table, left, right)
                        : mth_dim_subtract(p->table, left, right));
  }
  return left;
}

mth_status mth_dim_parse(mth_dim_table *table, const char *text, mth_location at,
                         const mth_dim **out_dim) {
  if (!text) return mth_fail(MTH_INVALID, at, "dim expression: wanted a text, found NULL");
  parser p = {table, text, text, at, MTH_OK, 0, table->failure_count};
  const mth_dim *dim = parse_sum(&p);
  if (dim) skip_space(&p);
  if (dim && *p.next) dim = fail(&p, "an operator or the end");
  if (!dim) return p.status != MTH_OK ? p.status : MTH_INTERNAL;
  *out_dim = dim;
  return MTH_OK;
}
