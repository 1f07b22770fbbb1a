// context.c: contexts, and changes that can be undone.
#include "ir/context.h"

#include "ir/graph.h"
#include "ir/model_core.h"
#include "ir/parts_core.h"

static void report(void *user, const mth_diagnostic *diagnostic) {
  mth_context *context = user;
  context->last = *diagnostic;
  if (context->also.report) context->also.report(context->also.user, diagnostic);
}

mth_status mth_context_create(const mth_context_options *options, mth_context **out_context) {
  if (options && options->struct_bytes != sizeof *options) return MTH_INVALID;
  const mth_allocator *allocator =
      options && options->allocator ? options->allocator : mth_default_allocator();
  mth_context *context = mth_allocate(allocator, 1, sizeof *context);
  if (!context) return MTH_NO_MEMORY;
  context->allocator = allocator;
  context->names = MTH_NAMES_INIT(allocator);
  context->journal = MTH_JOURNAL_INIT(allocator);
  context->sink = (mth_sink){report, context};
  if (options && options->sink) context->also = *options->sink;
  mth_status status = mth_registry_create(allocator, &context->registry);
  if (status == MTH_OK) status = mth_dim_table_create(allocator, &context->dims);
  if (status == MTH_OK) status = mth_solver_create(allocator, context->dims, &context->solver);
  if (status == MTH_OK)
    *out_context = context;
  else
    mth_context_destroy(context);
  return status;
}

void mth_context_destroy(mth_context *context) {
  if (!context) return;
  while (context->free_models.count)
    mth_model_destroy(context->free_models.items[context->free_models.count - 1]);
  mth_release(context->allocator, context->free_models.items);
  mth_solver_destroy(context->solver);
  mth_dim_table_destroy(context->dims);
  mth_registry_destroy(context->registry);
  mth_release(context->allocator, context->classes.items);
  mth_release(context->allocator, context->waiting.items);
  mth_journal_deinit(&context->journal);
  mth_names_deinit(&context->names);
  mth_release(context->allocator, context);
}

const mth_diagnostic *mth_context_diagnostic(const mth_context *context) { return &context->last; }

mth_status mth_register_op(mth_context *context, const mth_op *op) {
  const mth_location at = {&context->sink, op ? op->name : NULL};
  return mth_registry_add(context->registry, op, at);
}

const mth_allocator *mth_context_allocator(const mth_context *context) {
  return context->allocator;
}

mth_registry *mth_context_registry(mth_context *context) { return context->registry; }
mth_dim_table *mth_context_dims(mth_context *context) { return context->dims; }
const mth_sink *mth_context_sink(const mth_context *context) { return &context->sink; }

mth_change mth_change_begin(mth_context *context) {
  return (mth_change){context, mth_journal_begin(&context->journal),
                      mth_solver_begin(context->solver)};
}

void mth_change_undo(mth_change change) {
  mth_solver_rollback(change.context->solver, change.solver_mark);
  mth_journal_end(&change.context->journal, change.journal_mark, false);
}

mth_status mth_change_end(mth_change change, mth_status status) {
  mth_context *context = change.context;
  if (status == MTH_OK && context->waiting.count && context->journal.depth == 1)
    status = mth_parts_settle(context);
  if (status == MTH_NO_MEMORY)
    (void)mth_fail(status, (mth_location){&context->sink, NULL}, "memory ran out");
  if (status != MTH_OK) mth_change_undo(change);
  if (status == MTH_OK) {
    mth_solver_commit(context->solver, change.solver_mark);
    mth_journal_end(&context->journal, change.journal_mark, true);
  }
  return status;
}
