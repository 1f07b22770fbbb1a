// model_tree.c: a model as a tree of text.
#include "ir/graph.h"
#include "ir/model_core.h"
#include "ir/parts.h"

// What a connection leads to, seen from the parent: a key of the parent, or "Child.key".
static void add_target(const mth_connection *connection, mth_text *text) {
  const mth_connection *outer = connection->outer;
  if (!outer) return;
  if (outer->name)
    mth_text_add(text, " = '%s'", outer->name);
  else if (!connection->is_produced && outer->producer)
    mth_text_add(text, " = %s.%s",
                 outer->producer->model->name ? outer->producer->model->name
                                              : outer->producer->model->class_name,
                 outer->producer->key);
}

static void add_connection(const mth_connection *connection, mth_text *text, const char *lead) {
  static const char *const families[] = {"none",  "bool",       "int",       "bool|int",
                                         "float", "bool|float", "int|float", "any"};
  // What was merged into the parent's net is still called here as it was made.
  mth_text_add(text, "%s%s", lead, connection->name ? connection->name : connection->net->origin);
  add_target(connection, text);
  mth_text_add(text, ": ");
  if (mth_connection_is_list(connection)) {
    size_t length;
    mth_text_add(text, "list");
    if (mth_connection_length(connection, &length)) mth_text_add(text, " of %zu", length);
    return;
  }
  if (!mth_net_of(connection)->is_tensor) {
    mth_text_add(text, "argument");
    return;
  }
  mth_text_add(text, "%s ", families[mth_connection_families(connection) & MTH_FAMILY_ANY]);
  mth_connection_shape_text(connection, text);
  if (mth_connection_is_differentiable(connection)) mth_text_add(text, " trainable");
}

static bool is_shown(const mth_connection *c, bool is_output) {
  if (is_output) return c->class_ == MTH_KEY_OUTPUT || c->class_ == MTH_KEY_LATENT_OUTPUT;
  return c->class_ == MTH_KEY_INPUT && !mth_net_is_valued(c);
}

static void add_model(const mth_model *model, size_t level, size_t depth, mth_text *text) {
  const char *name = model->name ? model->name : model->class_name;
  mth_text_add(text, "%*s%s", (int)(2 * level), "", name);
  if (model->name && model->name != model->class_name)
    mth_text_add(text, " (%s)", model->class_name);
  mth_text_add(text, "\n");
  for (size_t is_output = 0; is_output < 2; is_output++)
    for (size_t i = 0; i < model->connections.count; i++) {
      const mth_connection *c = model->connections.items[i];
      if (!is_shown(c, is_output == 1)) continue;
      mth_text_add(text, "%*s", (int)(2 * level + 2), "");
      add_connection(c, text, is_output ? "-> " : "<- ");
      mth_text_add(text, "\n");
    }
  for (size_t i = 0; depth > 0 && i < model->children.count; i++)
    add_model(model->children.items[i], level + 1, depth - 1, text);
}

void mth_model_tree(const mth_model *model, size_t depth, mth_text *text) {
  add_model(model, 0, depth, text);
}
