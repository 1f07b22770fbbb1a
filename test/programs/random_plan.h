// random_plan.h: how a random model is composed, as data, so that it can be composed in any valid
// order and be read when a property fails.
#ifndef MTH_TEST_PROGRAMS_RANDOM_PLAN_H
#define MTH_TEST_PROGRAMS_RANDOM_PLAN_H
#include "frontend/mithril.h"

enum { most_steps = 28, most_wires = 8, most_nets = 96, most_inners = 2, most_extents = 4 };

typedef struct draws {
  uint64_t state; // not 0
} draws;

int draw(draws *d, int below); // in [0, below)

// A value that several keys may lead to. A named one exists once a child is wired to its name, or
// once its maker is done; another is what the maker leaves open.
typedef struct plan_net {
  char name[16]; // "": none
  int maker;     // a step, or -1: whoever names it first
  char key[32];  // of the maker's child; "": its input or expression
  int naming;    // the last step that named it, or -1
} plan_net;

typedef enum plan_way {
  WAY_OPEN,       // `net` is what comes of it
  WAY_NAME,       // of the net
  WAY_CONNECTION, // the net's
  WAY_SHAPED,     // the net's name, with a shape
  WAY_NUMBER,
} plan_way;

typedef struct plan_wire {
  char key[32];
  plan_way way;
  int net;
  double number;
} plan_wire;

typedef enum plan_kind {
  STEP_INPUT,
  STEP_CHILD,
  STEP_APPEND, // wires[wire_count] is what the chain leads to
  STEP_EXPRESSION,
  STEP_SHAPES,
  STEP_FAMILIES,
  STEP_MERGE,
  STEP_RENAME,
  STEP_EXPOSE,
  STEP_UNTRAINED,
} plan_kind;

typedef struct plan_extent {
  char kind; // '*' any, 'n' number, 'l' local name, 'd' declared name, 'r' rest, 'R' rest with name
  int64_t number;
  char name[4];
} plan_extent;

typedef struct plan_shape {
  int rank;
  plan_extent extents[most_extents];
} plan_shape;

typedef struct plan plan;

typedef struct plan_step {
  plan_kind kind;
  bool is_refused;
  const char *what; // the class of a child, a row of an expression; NULL: `inner`
  const plan *inner;
  int64_t number; // its argument
  char name[16];  // of the child, or the new name of the net; "": none
  plan_wire wires[most_wires];
  int wire_count;
  int nets[3], net_count;
  plan_shape shapes[2];
  mth_family families;
  int after[3]; // steps that named these nets before, or -1
} plan_step;

struct plan {
  plan_step steps[most_steps];
  int step_count;
  plan_net nets[most_nets];
  int net_count;
  plan *inners[most_inners];
  int inner_count;
};

void plan_destroy(plan *p); // and those inside
// Exposing and freezing say what is at that time, so they come last in any order.
bool plan_step_is_last(const plan_step *step);
// Adds the plan as text like C.
void plan_print(const plan *p, int indent, mth_text *text);
void plan_print_step(const plan *p, int index, int indent, mth_text *text);
#endif
