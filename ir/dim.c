// dim.c: hash-consed normal forms.
#include "ir/dim_node.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { first_slot_count = 64, most_terms = 4096, most_nodes = 1 << 16 };

static uint64_t mix(uint64_t hash, uint64_t value) {
  hash ^= value + 0x9E3779B97F4A7C15u + (hash << 6) + (hash >> 2);
  return hash * 0xFF51AFD7ED558CCDu;
}

static uint64_t node_hash(const mth_dim *node) {
  uint64_t hash = mix((uint64_t)node->kind, (uint64_t)node->value);
  for (const char *c = node->name; c && *c; ++c)
    hash = mix(hash, (unsigned char)*c);
  for (size_t i = 0; i < node->operand_count; ++i)
    hash = mix(hash, (uint64_t)(uintptr_t)node->operands[i]);
  return hash;
}

static bool same_node(const mth_dim *a, const mth_dim *b) {
  if (a->kind != b->kind || a->value != b->value || a->operand_count != b->operand_count)
    return false;
  if (a->name && strcmp(a->name, b->name) != 0) return false;
  return a->operand_count == 0 ||
         memcmp(a->operands, b->operands, a->operand_count * sizeof *a->operands) == 0;
}

mth_status mth_dim_table_create(const mth_allocator *allocator, mth_dim_table **out_table) {
  mth_dim_table *table = mth_allocate(allocator, 1, sizeof *table);
  if (!table) return MTH_NO_MEMORY;
  table->allocator = allocator;
  table->arena = MTH_ARENA_INIT(allocator);
  table->slots = mth_allocate(allocator, first_slot_count, sizeof *table->slots);
  if (!table->slots) {
    mth_release(allocator, table);
    return MTH_NO_MEMORY;
  }
  table->slot_count = first_slot_count;
  *out_table = table;
  return MTH_OK;
}

void mth_dim_table_destroy(mth_dim_table *table) {
  if (!table) return;
  mth_release(table->allocator, table->slots);
  mth_arena_reset(&table->arena);
  mth_release(table->allocator, table);
}

size_t mth_dim_table_failure_count(const mth_dim_table *table) { return table->failure_count; }

mth_dim_failure mth_dim_table_failure(const mth_dim_table *table) { return table->failure; }

static void *counted(mth_dim_table *table, void *memory) {
  if (!memory) table->failure_count += 1, table->failure = MTH_DIM_FAILURE_MEMORY;
  return memory;
}

void *mth_dim_table_own(mth_dim_table *table, size_t count, size_t element_bytes) {
  return counted(table, mth_arena_alloc(&table->arena, count, element_bytes));
}

static void *allocate(mth_dim_table *table, size_t count, size_t element_bytes) {
  return counted(table, mth_allocate(table->allocator, count, element_bytes));
}

static mth_dim_slot *find_slot(const mth_dim_table *table, const mth_dim *node) {
  size_t i = (size_t)node->hash & (table->slot_count - 1);
  while (table->slots[i].dim &&
         !(table->slots[i].hash == node->hash && same_node(table->slots[i].dim, node)))
    i = (i + 1) & (table->slot_count - 1);
  return &table->slots[i];
}

bool mth_dim_table_has(const mth_dim_table *table, const mth_dim *dim) {
  return find_slot(table, dim)->dim == dim;
}

static bool grow(mth_dim_table *table) {
  const size_t slot_count = table->slot_count * 2;
  mth_dim_slot *slots = allocate(table, slot_count, sizeof *slots);
  if (!slots) return false;
  for (size_t i = 0; i < table->slot_count; ++i) {
    if (!table->slots[i].dim) continue;
    size_t to = (size_t)table->slots[i].hash & (slot_count - 1);
    while (slots[to].dim)
      to = (to + 1) & (slot_count - 1);
    slots[to] = table->slots[i];
  }
  mth_release(table->allocator, table->slots);
  table->slots = slots;
  table->slot_count = slot_count;
  return true;
}

// The one node equal to `node`, whose operands are interned already. Nodes are shared, so few of them
// may make an expression that nobody can print: that is refused.
static const mth_dim *intern(mth_dim_table *table, mth_dim node) {
  node.hash = node_hash(&node);
  mth_dim_slot *slot = find_slot(table, &node);
  if (slot->dim) return slot->dim;
  node.node_count = 1;
  for (size_t i = 0; i < node.operand_count; ++i)
    node.node_count += node.operands[i]->node_count;
  if (node.node_count > most_nodes) {
    table->failure = MTH_DIM_FAILURE_RANGE;
    return NULL;
  }
  if (table->count * 2 >= table->slot_count) {
    if (!grow(table)) return NULL;
    slot = find_slot(table, &node);
  }
  mth_dim *made = mth_dim_table_own(table, 1, sizeof(mth_dim));
  if (!made) return NULL;
  if (node.name && !(node.name = counted(
                         table, mth_arena_copy_text(&table->arena, node.name, strlen(node.name)))))
    return NULL;
  if (node.operand_count) {
    const mth_dim **operands = mth_dim_table_own(table, node.operand_count, sizeof *operands);
    if (!operands) return NULL;
    memcpy(operands, node.operands, node.operand_count * sizeof *operands);
    node.operands = operands;
  }
  *made = node;
  *slot = (mth_dim_slot){node.hash, made};
  if (node.kind == MTH_DIM_SYMBOL) made->number = table->symbol_count++;
  table->count += 1;
  return made;
}

// A fixed total order that does not depend on when expressions were made: symbols by name first,
// then compound atoms by structure.
static int compare(const mth_dim *a, const mth_dim *b) {
  if (a == b) return 0;
  if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
  if (a->kind == MTH_DIM_CONSTANT) return a->value < b->value ? -1 : 1;
  if (a->kind == MTH_DIM_SYMBOL) {
    const size_t a_length = strlen(a->name), b_length = strlen(b->name);
    const bool numbered = a->name[0] == '?' && b->name[0] == '?'; // ?2 before ?10
    if (numbered && a_length != b_length) return a_length < b_length ? -1 : 1;
    return strcmp(a->name, b->name);
  }
  for (size_t i = 0; i < a->operand_count && i < b->operand_count; ++i) {
    const int order = compare(a->operands[i], b->operands[i]);
    if (order != 0) return order;
  }
  return a->operand_count < b->operand_count ? -1 : 1;
}

// A sum while it is worked on: coefficient times monomial, where a monomial is NULL (1), an atom,
// or a MULTIPLY of atoms without a number.
typedef struct term {
  int64_t coefficient;
  const mth_dim *monomial;
} term;

enum { few_terms = 8 };
typedef struct sum {
  term few[few_terms]; // most sums have no more
  term *terms;         // `few`, or of the table's allocator
  size_t count, capacity;
  bool failed;
} sum;

static void sum_free(const mth_dim_table *table, sum *s) {
  if (s->terms != s->few) mth_release(table->allocator, s->terms);
}

static void leave_range(mth_dim_table *table, sum *s) {
  s->failed = true;
  table->failure = MTH_DIM_FAILURE_RANGE;
}

static void sum_add(mth_dim_table *table, sum *s, int64_t coefficient, const mth_dim *monomial) {
  for (size_t i = 0; i < s->count; ++i)
    if (s->terms[i].monomial == monomial) {
      if (__builtin_add_overflow(s->terms[i].coefficient, coefficient, &s->terms[i].coefficient))
        leave_range(table, s);
      return;
    }
  if (s->count == most_terms) leave_range(table, s);
  if (s->failed) return;
  if (s->capacity == 0) s->terms = s->few, s->capacity = few_terms;
  if (s->count == s->capacity) {
    const size_t capacity = s->capacity * 2;
    term *terms = allocate(table, capacity, sizeof *terms);
    if (!terms) {
      s->failed = true;
      return;
    }
    memcpy(terms, s->terms, s->count * sizeof *terms);
    sum_free(table, s);
    s->terms = terms, s->capacity = capacity;
  }
  s->terms[s->count++] = (term){coefficient, monomial};
}

static const mth_dim *multiply_of(mth_dim_table *table, size_t count,
                                  const mth_dim *const *operands) {
  if (count == 1) return operands[0];
  return intern(table, (mth_dim){.kind = MTH_DIM_MULTIPLY,
                                 .operand_count = count,
                                 .operands = (const mth_dim **)(uintptr_t)operands});
}

// The coefficient and monomial of one operand of an ADD, or of a dim that is not an ADD.
static term split_term(mth_dim_table *table, const mth_dim *dim, bool *failed) {
  if (dim->kind == MTH_DIM_CONSTANT) return (term){dim->value, NULL};
  if (dim->kind != MTH_DIM_MULTIPLY || dim->operands[0]->kind != MTH_DIM_CONSTANT)
    return (term){1, dim};
  const mth_dim *monomial = multiply_of(table, dim->operand_count - 1, dim->operands + 1);
  if (!monomial) *failed = true;
  return (term){dim->operands[0]->value, monomial};
}

static void sum_add_scaled(mth_dim_table *table, sum *s, const mth_dim *dim, int64_t scale) {
  const bool many = dim->kind == MTH_DIM_ADD;
  for (size_t i = 0; i < (many ? dim->operand_count : 1); ++i) {
    const term t = split_term(table, many ? dim->operands[i] : dim, &s->failed);
    int64_t coefficient;
    if (__builtin_mul_overflow(t.coefficient, scale, &coefficient))
      leave_range(table, s);
    else
      sum_add(table, s, coefficient, t.monomial);
  }
}

static int compare_terms(const void *a, const void *b) {
  const mth_dim *x = ((const term *)a)->monomial, *y = ((const term *)b)->monomial;
  if (!x || !y) return (x == NULL) - (y == NULL); // the number last
  const size_t x_degree = x->kind == MTH_DIM_MULTIPLY ? x->operand_count : 1;
  const size_t y_degree = y->kind == MTH_DIM_MULTIPLY ? y->operand_count : 1;
  if (x_degree != y_degree) return x_degree > y_degree ? -1 : 1;
  return compare(x, y);
}

// The dim of one term.
static const mth_dim *term_dim(mth_dim_table *table, term t) {
  if (!t.monomial) return mth_dim_constant(table, t.coefficient);
  if (t.coefficient == 1) return t.monomial;
  const bool product = t.monomial->kind == MTH_DIM_MULTIPLY;
  const size_t factors = product ? t.monomial->operand_count : 1;
  const mth_dim **operands = allocate(table, factors + 1, sizeof *operands);
  const mth_dim *made = NULL;
  if (operands && (operands[0] = mth_dim_constant(table, t.coefficient))) {
    memcpy(operands + 1, product ? t.monomial->operands : &t.monomial, factors * sizeof *operands);
    made = multiply_of(table, factors + 1, operands);
  }
  mth_release(table->allocator, operands);
  return made;
}

// Takes the sum: sorts it, drops zeros, and frees it.
static const mth_dim *sum_dim(mth_dim_table *table, sum *s) {
  const mth_dim *made = NULL;
  const mth_dim **operands = NULL;
  if (s->failed) goto done;
  size_t count = 0;
  for (size_t i = 0; i < s->count; ++i)
    if (s->terms[i].coefficient != 0) s->terms[count++] = s->terms[i];
  if (count > 1) qsort(s->terms, count, sizeof *s->terms, compare_terms);
  if (count == 0) made = mth_dim_constant(table, 0);
  if (count == 1) made = term_dim(table, s->terms[0]);
  if (count <= 1) goto done;
  operands = allocate(table, count, sizeof *operands);
  if (!operands) goto done;
  for (size_t i = 0; i < count; ++i)
    if (!(operands[i] = term_dim(table, s->terms[i]))) goto done;
  made =
      intern(table, (mth_dim){.kind = MTH_DIM_ADD, .operand_count = count, .operands = operands});
done:
  mth_release(table->allocator, operands);
  sum_free(table, s);
  return made;
}

const mth_dim *mth_dim_constant(mth_dim_table *table, int64_t value) {
  return intern(table, (mth_dim){.kind = MTH_DIM_CONSTANT, .value = value});
}

const mth_dim *mth_dim_symbol(mth_dim_table *table, const char *name) {
  if (!name) return NULL;
  return intern(table, (mth_dim){.kind = MTH_DIM_SYMBOL, .name = name});
}

const mth_dim *mth_dim_fresh(mth_dim_table *table) {
  for (;;) { // a text may have brought a number of its own
    char name[24];
    char *digit = name + sizeof name - 1;
    uint64_t number = table->fresh_count++;
    for (*digit = 0; digit == name + sizeof name - 1 || number; number /= 10)
      *--digit = (char)('0' + number % 10);
    *--digit = '?';
    const size_t before = table->count;
    const mth_dim *symbol = mth_dim_symbol(table, digit);
    if (!symbol || table->count != before) return symbol;
  }
}

static const mth_dim *add_scaled(mth_dim_table *table, const mth_dim *a, const mth_dim *b,
                                 int64_t scale) {
  if (!a || !b) return NULL;
  sum s = {.count = 0};
  sum_add_scaled(table, &s, a, 1);
  sum_add_scaled(table, &s, b, scale);
  return sum_dim(table, &s);
}

const mth_dim *mth_dim_add(mth_dim_table *table, const mth_dim *a, const mth_dim *b) {
  return add_scaled(table, a, b, 1);
}

const mth_dim *mth_dim_subtract(mth_dim_table *table, const mth_dim *a, const mth_dim *b) {
  return add_scaled(table, a, b, -1);
}

static int compare_atoms(const void *a, const void *b) {
  return compare(*(const mth_dim *const *)a, *(const mth_dim *const *)b);
}

// The product of two monomials. Sets *failed without memory.
static const mth_dim *join(mth_dim_table *table, const mth_dim *a, const mth_dim *b, bool *failed) {
  if (!a) return b;
  if (!b) return a;
  const size_t a_count = a->kind == MTH_DIM_MULTIPLY ? a->operand_count : 1;
  const size_t b_count = b->kind == MTH_DIM_MULTIPLY ? b->operand_count : 1;
  const mth_dim **atoms = allocate(table, a_count + b_count, sizeof *atoms);
  const mth_dim *made = NULL;
  if (atoms) {
    memcpy(atoms, a_count > 1 ? a->operands : &a, a_count * sizeof *atoms);
    memcpy(atoms + a_count, b_count > 1 ? b->operands : &b, b_count * sizeof *atoms);
    qsort(atoms, a_count + b_count, sizeof *atoms, compare_atoms);
    made = multiply_of(table, a_count + b_count, atoms);
  }
  mth_release(table->allocator, atoms);
  if (!made) *failed = true;
  return made;
}

const mth_dim *mth_dim_multiply(mth_dim_table *table, const mth_dim *a, const mth_dim *b) {
  if (!a || !b) return NULL;
  sum s = {.count = 0};
  const bool a_many = a->kind == MTH_DIM_ADD, b_many = b->kind == MTH_DIM_ADD;
  for (size_t i = 0; i < (a_many ? a->operand_count : 1); ++i)
    for (size_t j = 0; j < (b_many ? b->operand_count : 1); ++j) {
      const term x = split_term(table, a_many ? a->operands[i] : a, &s.failed);
      const term y = split_term(table, b_many ? b->operands[j] : b, &s.failed);
      int64_t coefficient;
      if (__builtin_mul_overflow(x.coefficient, y.coefficient, &coefficient))
        leave_range(table, &s);
      if (s.failed) return sum_dim(table, &s);
      sum_add(table, &s, coefficient, join(table, x.monomial, y.monomial, &s.failed));
    }
  return sum_dim(table, &s);
}

int64_t mth_floordiv_int(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

int64_t mth_mod_int(int64_t a, int64_t b) {
  const int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

// True if `monomial` is `factor` times something, which is written to *out_rest (NULL: 1).
static bool divides(mth_dim_table *table, const mth_dim *monomial, const mth_dim *factor,
                    const mth_dim **out_rest, bool *failed) {
  *out_rest = NULL;
  if (!monomial) return false;
  if (monomial == factor) return true;
  if (monomial->kind != MTH_DIM_MULTIPLY || factor->kind == MTH_DIM_MULTIPLY) return false;
  const mth_dim *rest = NULL;
  bool found = false;
  for (size_t i = 0; i < monomial->operand_count; ++i)
    if (!found && monomial->operands[i] == factor)
      found = true;
    else
      rest = join(table, rest, monomial->operands[i], failed);
  *out_rest = rest;
  return found;
}

// Splits a = b * quotient + rest with as much as possible in the quotient.
static void split_by(mth_dim_table *table, const mth_dim *a, const mth_dim *b, sum *quotient,
                     sum *rest) {
  const bool many = a->kind == MTH_DIM_ADD, number = b->kind == MTH_DIM_CONSTANT;
  for (size_t i = 0; i < (many ? a->operand_count : 1); ++i) {
    const term t = split_term(table, many ? a->operands[i] : a, &rest->failed);
    const mth_dim *factor;
    if (number && (!t.monomial || t.coefficient % b->value == 0)) {
      const int64_t q = mth_floordiv_int(t.coefficient, b->value);
      sum_add(table, quotient, q, t.monomial);
      sum_add(table, rest, mth_mod_int(t.coefficient, b->value), t.monomial);
    } else if (!number && divides(table, t.monomial, b, &factor, &rest->failed)) {
      sum_add(table, quotient, t.coefficient, factor);
    } else {
      sum_add(table, rest, t.coefficient, t.monomial);
    }
  }
}

static const mth_dim *divided(mth_dim_table *table, const mth_dim *a, const mth_dim *b,
                              bool remainder) {
  if (!a || !b) return NULL;
  if (b->kind == MTH_DIM_CONSTANT && b->value == 0) {
    table->failure = MTH_DIM_FAILURE_ZERO;
    return NULL;
  }
  if (b->kind == MTH_DIM_CONSTANT && b->value == -1) // INT64_MIN / -1 overflows below
    return remainder ? mth_dim_constant(table, 0) : mth_dim_multiply(table, a, b);
  sum quotient = {0}, rest = {0};
  split_by(table, a, b, &quotient, &rest);
  const mth_dim *whole = sum_dim(table, &quotient), *left = sum_dim(table, &rest);
  if (!whole || !left) return NULL;
  const mth_dim *zero = mth_dim_constant(table, 0);
  if (!zero) return NULL;
  // For a number b the number in `left` lies between 0 and b, so alone it divides to 0.
  const bool numbers = left->kind == MTH_DIM_CONSTANT && b->kind == MTH_DIM_CONSTANT;
  if (left == zero || numbers) return remainder ? left : whole;
  const mth_dim *operands[] = {left, b};
  const mth_dim *atom = intern(table, (mth_dim){.kind = remainder ? MTH_DIM_MOD : MTH_DIM_FLOORDIV,
                                                .operand_count = 2,
                                                .operands = operands});
  return remainder ? atom : mth_dim_add(table, whole, atom);
}

const mth_dim *mth_dim_floordiv(mth_dim_table *table, const mth_dim *a, const mth_dim *b) {
  return divided(table, a, b, false);
}

const mth_dim *mth_dim_mod(mth_dim_table *table, const mth_dim *a, const mth_dim *b) {
  return divided(table, a, b, true);
}

static const mth_dim *extreme(mth_dim_table *table, const mth_dim *a, const mth_dim *b,
                              mth_dim_kind kind) {
  if (!a || !b || a == b) return a && b ? a : NULL;
  const mth_dim *difference = mth_dim_subtract(table, a, b);
  if (!difference) return NULL;
  if (difference->kind == MTH_DIM_CONSTANT)
    return (difference->value < 0) == (kind == MTH_DIM_MIN) ? a : b;
  const bool ordered =
      b->kind == MTH_DIM_CONSTANT || (a->kind != MTH_DIM_CONSTANT && compare(a, b) < 0);
  const mth_dim *operands[] = {ordered ? a : b, ordered ? b : a};
  return intern(table, (mth_dim){.kind = kind, .operand_count = 2, .operands = operands});
}

const mth_dim *mth_dim_min(mth_dim_table *table, const mth_dim *a, const mth_dim *b) {
  return extreme(table, a, b, MTH_DIM_MIN);
}

const mth_dim *mth_dim_max(mth_dim_table *table, const mth_dim *a, const mth_dim *b) {
  return extreme(table, a, b, MTH_DIM_MAX);
}
