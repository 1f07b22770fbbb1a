// expand.c: putting the decomposition of an op in its place.
#include "dialect/expand.h"

#include "dialect/fail.h"

static mth_status check_results(const mth_op_site *site, MlirLocation loc,
                                const mth_value *results) {
  for (size_t i = 0; i < site->result_count; ++i) {
    const MlirValue old = mth_value_to_ir(site->results[i]), new = mth_value_to_ir(results[i]);
    if (mlirValueIsNull(new))
      return mth_fail_ir(MTH_INVALID, loc, "the decomposition of '%s' builds no result %zu",
                         site->op->name, i);
    if (!mlirTypeEqual(mlirValueGetType(old), mlirValueGetType(new)))
      return mth_fail_ir(MTH_INVALID, loc,
                         "the decomposition of '%s' gives result %zu another type", site->op->name,
                         i);
  }
  return MTH_OK;
}

mth_status mth_expand_op(mth_ir_builder *builder, MlirOperation op, bool *out_replaced) {
  *out_replaced = false;
  const mth_op *known = mth_op_of(op);
  const mth_op_code code = known ? mth_code_of(known) : (mth_op_code){0};
  if (!code.decompose) return MTH_OK;
  mth_op_site site;
  MTH_TRY(mth_site_of(op, builder->base.dims, builder->arena, &site));
  mth_value *results = MTH_NEW_ARRAY(builder->arena, mth_value, site.result_count);
  if (!results) return MTH_NO_MEMORY;
  mth_ir_builder_set_before(builder, op);
  MTH_TRY(code.decompose(&builder->base, &site, results));
  MTH_TRY(builder->base.status);
  bool any = false;
  for (size_t i = 0; i < site.result_count; ++i)
    any = any || results[i].handle;
  if (!any) return MTH_OK;
  MTH_TRY(check_results(&site, builder->loc, results));
  for (size_t i = 0; i < site.result_count; ++i)
    mlirValueReplaceAllUsesOfWith(mth_value_to_ir(site.results[i]), mth_value_to_ir(results[i]));
  mlirOperationDestroy(op);
  *out_replaced = true;
  return MTH_OK;
}
