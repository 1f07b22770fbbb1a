// mlir_writer_ports_test.c: random models with random options: the ports of a program are those of
// its physical model, and those that walking back from the outputs finds.
#include "frontend/mlir_writer.h"
#include "test/ir/physical_fixture.h"

enum { input_count = 5, most_nodes = 24, width = 3, model_count = 200 };

// Node i is an input below input_count, else an op of two earlier nodes; "n7" is its name.
typedef struct node {
  int operands[2];
  bool is_output, is_fixed, is_discarded, is_data, is_needed;
} node;

typedef struct graph {
  node nodes[most_nodes];
  int count;
  char names[most_nodes][8];
  uint64_t random;
} graph;

static int draw(graph *g, int below) {
  g->random ^= g->random << 13;
  g->random ^= g->random >> 7;
  g->random ^= g->random << 17;
  return (int)(g->random % (uint64_t)below);
}

static void need(graph *g, int at) {
  if (g->nodes[at].is_needed) return;
  g->nodes[at].is_needed = true;
  for (int k = 0; at >= input_count && k < 2; k++)
    need(g, g->nodes[at].operands[k]);
}

static void make_graph(graph *g) {
  g->count = input_count + 1 + draw(g, most_nodes - input_count - 1);
  for (int i = 0; i < g->count; i++) {
    snprintf(g->names[i], sizeof g->names[i], "n%d", i);
    node *n = &g->nodes[i];
    for (int k = 0; i >= input_count && k < 2; k++)
      n->operands[k] = draw(g, i);
    n->is_output = i >= input_count && (draw(g, 3) == 0 || i == g->count - 1);
    n->is_fixed = i < input_count && draw(g, 4) == 0;
    n->is_data = i < input_count && !n->is_fixed && draw(g, 4) == 0;
    n->is_discarded = n->is_output && i < g->count - 1 && draw(g, 3) == 0;
  }
  for (int i = 0; i < g->count; i++)
    if (g->nodes[i].is_output && !g->nodes[i].is_discarded) need(g, i);
  for (int i = 0; i < input_count; i++) {
    node *n = &g->nodes[i];
    if (n->is_needed) continue;
    n->is_data = false; // a data key must be used
    n->is_discarded = !n->is_fixed && draw(g, 2) == 0;
  }
}

// Ops in random order and, some of them, inside of children.
static mth_model *make_model(graph *g, mth_context *context) {
  static const char *const ops[] = {"Add", "Multiply", "Maximum"};
  const mth_shape shape = MTH_SHAPE(MTH_N(width));
  const mth_facts facts = {.shape = &shape, .families = MTH_FAMILY_FLOAT, .differentiable = true};
  mth_model *m = new_model(context);
  for (int i = 0; i < input_count; i++) {
    mth_connection *made = NULL;
    EXPECT_INT(mth_model_add_input(m, g->names[i], &facts, &made), MTH_OK);
  }
  int order[most_nodes];
  for (int i = input_count; i < g->count; i++) {
    const int at = input_count + draw(g, i - input_count + 1);
    order[i] = order[at];
    order[at] = i;
  }
  for (int i = input_count; i < g->count; i++) {
    const node *n = &g->nodes[order[i]];
    mth_model *target = draw(g, 3) ? m : new_model(context);
    const char *a = g->names[n->operands[0]], *b = g->names[n->operands[1]];
    const char *output = g->names[order[i]];
    add_op(target, ops[draw(g, 3)], target == m ? a : "a", target == m ? b : "b",
           target == m ? output : "c");
    const mth_wire wires[] = {MTH_WIRE("a", a), MTH_WIRE("b", b), MTH_WIRE("c", output)};
    if (target != m) EXPECT_INT(mth_model_add(m, target, NULL, wires, 3), MTH_OK);
  }
  for (int i = 0; i < g->count; i++)
    if (g->nodes[i].is_output) expose(m, g->names[i]);
  return m;
}

static void check(const graph *g, mth_model *m) {
  static const int64_t extents[] = {width};
  static const double numbers[] = {1, 2, 3};
  const mth_constant constant = {.dtype = MTH_F64, .rank = 1, .extents = extents, .data = numbers};
  mth_key_constant constants[most_nodes];
  mth_key_ref data[most_nodes], discard[most_nodes];
  mth_physical_options physical = {.struct_bytes = sizeof physical,
                                   .constants = constants,
                                   .data_keys = data,
                                   .discard_keys = discard};
  for (int i = 0; i < g->count; i++) {
    const node *n = &g->nodes[i];
    if (n->is_fixed)
      constants[physical.constant_count++] =
          (mth_key_constant){MTH_REF(g->names[i]), &constant, NULL};
    if (n->is_data) data[physical.data_count++] = MTH_REF(g->names[i]);
    if (n->is_discarded) discard[physical.discard_count++] = MTH_REF(g->names[i]);
  }
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  const mth_physical_model *p = NULL;
  mth_outline outline = {0};
  const mth_write_options options = {.struct_bytes = sizeof options, .physical = &physical};
  ASSERT(mth_physical_model_create(m, &physical, &arena, &p) == MTH_OK);
  ASSERT(mth_write_outline(m, &options, &arena, &outline) == MTH_OK);
  const mth_entry_desc *entry = &outline.desc->entries[0];
  EXPECT(!outline.is_late[0]);
  int wanted = 0;
  for (int i = 0; i < g->count; i++) {
    const node *n = &g->nodes[i];
    const bool is_port =
        i < input_count ? n->is_needed && !n->is_fixed : n->is_output && !n->is_discarded;
    bool found = false;
    for (int32_t k = 0; k < entry->port_count; k++)
      found |= strcmp(entry->ports[k].name, g->names[i]) == 0;
    EXPECT_INT(found, is_port);
    wanted += is_port;
    const mth_physical_key *key = mth_physical_find(p, g->names[i]);
    if (i < input_count && is_port)
      EXPECT_INT(key->role, n->is_data ? MTH_ROLE_DATA : MTH_ROLE_TRAINABLE);
    if (i >= input_count) EXPECT_INT(key->is_output, is_port);
  }
  EXPECT_INT(entry->port_count, wanted);
  mth_arena_reset(&arena);
}

TEST(mlir_writer_ports, are_those_of_the_physical_model) {
  for (uint64_t seed = 1; seed <= model_count; seed++) {
    graph g = {.random = seed * 0x9E3779B97F4A7C15u};
    mth_context *context = new_context();
    make_graph(&g);
    mth_model *m = make_model(&g, context);
    check(&g, m);
    EXPECT_TEXT(mth_context_diagnostic(context)->message, "");
    mth_model_destroy(m);
    mth_context_destroy(context);
  }
}
