// random_compose.h: does what a plan says to a model, step by step, in any valid order.
#ifndef MTH_TEST_PROGRAMS_RANDOM_COMPOSE_H
#define MTH_TEST_PROGRAMS_RANDOM_COMPOSE_H
#include "test/programs/random_plan.h"

// What a net is to the model that is being composed.
typedef struct composed_net {
  mth_connection *connection; // of an unnamed one
  char name[16];              // as of now; "": none
  int group;                  // nets that were merged have one group
} composed_net;

typedef struct composing {
  mth_context *context;
  const plan *plan;
  mth_model *model;
  draws *order; // NULL: the plan's own; inner models have it too
  bool is_done[most_steps];
  composed_net nets[most_nets];
} composing;

// A class that plans draw from, and what its number is.
typedef struct made_class {
  const char *name, *arg;
  enum { ARG_NONE, ARG_INT, ARG_INTS, ARG_SHAPE, ARG_PARTS } arg_kind;
  bool is_two_axes; // `axis1`, `axis2`
  int least, most;  // of the number
} made_class;

const made_class *made_class_at(int index); // NULL: behind the last
typedef struct made_expression {
  const char *name;
  int operand_count;
  const char *ops; // what reports name
} made_expression;
const made_expression *made_expression_at(int index); // NULL: behind the last

mth_status composing_create(composing *c, mth_context *context, const plan *p, draws *order);
// What stands for the net now; NULL: nothing yet.
mth_connection *composing_net(const composing *c, int net);
void composing_add_net(composing *c, int net); // of the plan, which just got it
bool composing_can(const composing *c, int step);
// The child of a step.
mth_status composing_make(const composing *c, const plan_step *step, mth_model **out_child);
// `child` is taken by a step that adds one if it succeeds.
mth_status composing_do(composing *c, int step, mth_model *child);
// The model of the whole plan without what was refused.
mth_status plan_compose(mth_context *context, const plan *p, draws *order, mth_model **out_model);
#endif
