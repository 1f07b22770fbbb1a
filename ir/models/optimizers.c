// optimizers.c: SGD with momentum, Adam.
#include "ir/models/optimizers.h"

#include "ir/sketch.h"

#include <math.h>

static mth_connection *times(mth_sketch *s, double factor, mth_connection *x) {
  return mth_sketch_binary(s, "multiply", x, mth_sketch_number(s, factor));
}

// decay * old + share * x
static mth_connection *average(mth_sketch *s, double decay, mth_connection *old, double share,
                               mth_connection *x) {
  mth_connection *kept = times(s, decay, old);
  return mth_sketch_binary(s, "add", kept, share == 1 ? x : times(s, share, x));
}

static mth_connection *scalar_input(mth_sketch *s, const char *name) {
  mth_connection *input = mth_sketch_input(s, name);
  mth_sketch_shape(s, input, MTH_SCALAR_SHAPE);
  return input;
}

// A tensor that starts at zero.
static void start_at_zero(mth_sketch *s, mth_connection *input) {
  if (s->status == MTH_OK)
    s->status =
        mth_connection_set_initializer(input, (mth_initializer){MTH_INIT_CONSTANT, 0, 0, NULL});
}

// parameter - rate * direction, where the rate is a number or an input.
static mth_connection *descend(mth_sketch *s, mth_connection *parameter, bool is_input,
                               double number, mth_connection *direction) {
  mth_connection *rate = is_input ? scalar_input(s, "learning_rate") : mth_sketch_number(s, number);
  mth_connection *step = mth_sketch_binary(s, "multiply", direction, rate);
  return mth_sketch_binary(s, "subtract", parameter, step);
}

// The step count's input; its output is made here too.
static mth_connection *count_step(mth_sketch *s) {
  mth_connection *old = scalar_input(s, "step_count");
  start_at_zero(s, old);
  return mth_sketch_binary(s, "add", old, mth_sketch_number(s, 1));
}

static mth_status check_options(mth_context *context, const char *name, bool ok, size_t bytes) {
  if (!context) return MTH_INVALID; // there is nobody to report to
  if (ok) return MTH_OK;
  return mth_fail(MTH_INVALID, (mth_location){mth_context_sink(context), name},
                  "wants its options, of %zu bytes", bytes);
}

mth_status mth_sgd(mth_context *context, const mth_sgd_options *options, mth_model **out_model) {
  MTH_TRY(check_options(context, "SGD", options && options->struct_bytes == sizeof *options,
                        sizeof *options));
  mth_sketch s;
  mth_sketch_begin(&s, context, "SGD");
  mth_connection *parameter = mth_sketch_input(&s, "parameter");
  mth_connection *direction = mth_sketch_input(&s, "gradient");
  mth_connection *count = count_step(&s), *momentum = NULL;
  if (options->weight_decay != 0) {
    mth_connection *decay = times(&s, options->weight_decay, parameter);
    direction = mth_sketch_binary(&s, "add", direction, decay);
  }
  if (options->momentum != 0) {
    momentum = mth_sketch_input(&s, "momentum");
    start_at_zero(&s, momentum);
    direction = average(&s, options->momentum, momentum, 1, direction);
  }
  mth_connection *updated =
      descend(&s, parameter, options->learning_rate_input, options->learning_rate, direction);
  mth_sketch_output(&s, updated, "new_parameter");
  mth_sketch_output(&s, count, "new_step_count");
  if (momentum) mth_sketch_output(&s, direction, "new_momentum");
  return mth_sketch_end(&s, out_model);
}

// 1 - beta^t = tanh(x / 2) (1 + exp(-x)) with x = -t log(beta): no difference of near numbers, so
// the first steps are right to the last digits in f32 too.
static mth_connection *bias_correction(mth_sketch *s, double beta, mth_connection *t) {
  mth_connection *power = mth_sketch_unary(s, "exp", times(s, log(beta), t));
  mth_connection *root = mth_sketch_unary(s, "tanh", times(s, -log(beta) / 2, t));
  mth_connection *sum = mth_sketch_binary(s, "add", power, mth_sketch_number(s, 1));
  return mth_sketch_binary(s, "multiply", root, sum);
}

mth_status mth_adam(mth_context *context, const mth_adam_options *options, mth_model **out_model) {
  MTH_TRY(check_options(context, "Adam", options && options->struct_bytes == sizeof *options,
                        sizeof *options));
  const bool is_default = options->beta1 == 0 && options->beta2 == 0;
  const double beta1 = is_default ? 0.9 : options->beta1;
  const double beta2 = is_default ? 0.999 : options->beta2;
  const double epsilon = options->epsilon == 0 ? 1e-8 : options->epsilon;
  mth_sketch s;
  mth_sketch_begin(&s, context, "Adam");
  mth_connection *parameter = mth_sketch_input(&s, "parameter");
  mth_connection *gradient = mth_sketch_input(&s, "gradient");
  mth_connection *m = mth_sketch_input(&s, "m"), *v = mth_sketch_input(&s, "v");
  start_at_zero(&s, m);
  start_at_zero(&s, v);
  mth_connection *t = count_step(&s);
  m = average(&s, beta1, m, 1 - beta1, gradient);
  v = average(&s, beta2, v, 1 - beta2, mth_sketch_binary(&s, "multiply", gradient, gradient));
  mth_connection *m_hat = mth_sketch_binary(&s, "divide", m, bias_correction(&s, beta1, t));
  mth_connection *v_hat = mth_sketch_binary(&s, "divide", v, bias_correction(&s, beta2, t));
  mth_connection *root = mth_sketch_unary(&s, "sqrt", v_hat);
  mth_connection *scale = mth_sketch_binary(&s, "add", root, mth_sketch_number(&s, epsilon));
  mth_connection *direction = mth_sketch_binary(&s, "divide", m_hat, scale);
  mth_connection *updated =
      descend(&s, parameter, options->learning_rate_input, options->learning_rate, direction);
  mth_sketch_output(&s, updated, "new_parameter");
  mth_sketch_output(&s, m, "new_m");
  mth_sketch_output(&s, v, "new_v");
  mth_sketch_output(&s, t, "new_step_count");
  return mth_sketch_end(&s, out_model);
}
