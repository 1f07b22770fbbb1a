// entry_interface.c: reading an entry's ports, symbols and computed dims.
#include "passes/entry_interface.h"

#include "dialect/fail.h"
#include "dialect/match.h"
#include "dialect/type.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <string.h>

typedef struct reader {
  MlirOperation entry;
  MlirLocation loc;
  mth_dim_table *dims;
  mth_arena *arena;
  MlirType function;
  int32_t argument_count, result_count;
  mth_entry_port *ports;
  size_t port_count;
  int32_t *port_of_argument, *port_of_result;
} reader;

// The verifier has seen to names: every port has one, and only a state has that of a result.
static mth_status read_name(reader *r, MlirAttribute name, const char **out_name) {
  const MlirStringRef text = mlirStringAttrGetValue(name);
  *out_name = mth_arena_copy_text(r->arena, text.data, text.length);
  return *out_name ? MTH_OK : MTH_NO_MEMORY;
}

static mth_status read_number(reader *r, const char *port, MlirAttribute number, double *out) {
  if (mlirAttributeIsNull(number)) return MTH_OK; // stays 0
  if (!mlirAttributeIsAFloat(number))
    return mth_fail_ir(MTH_INVALID, r->loc, "port '%s': an initialiser's numbers are f64", port);
  *out = mlirFloatAttrGetValueDouble(number);
  return MTH_OK;
}

static mth_status read_init(reader *r, int32_t argument, const char *port, mth_init *out_init) {
  static const struct {
    const char *name;
    mth_init_kind kind;
  } kinds[] = {
      {"constant", MTH_INIT_CONSTANT}, {"uniform", MTH_INIT_UNIFORM}, {"normal", MTH_INIT_NORMAL}};
  *out_init = (mth_init){0};
  const MlirAttribute kind = mth_argument_attribute(r->entry, argument, "mithril.init");
  if (mlirAttributeIsNull(kind)) return MTH_OK;
  for (size_t i = 0; mlirAttributeIsAString(kind) && i < sizeof kinds / sizeof kinds[0]; ++i)
    if (mth_str_is(mlirStringAttrGetValue(kind), kinds[i].name))
      out_init->kind = (int32_t)kinds[i].kind;
  if (out_init->kind == MTH_INIT_NONE)
    return mth_fail_ir(MTH_INVALID, r->loc,
                       "port '%s': mithril.init is \"constant\", \"uniform\" or \"normal\"", port);
  MTH_TRY(read_number(r, port, mth_argument_attribute(r->entry, argument, "mithril.init_a"),
                      &out_init->a));
  return read_number(r, port, mth_argument_attribute(r->entry, argument, "mithril.init_b"),
                     &out_init->b);
}

static mth_entry_port *find_port(reader *r, const char *name) {
  for (size_t i = 0; i < r->port_count; ++i)
    if (strcmp(r->ports[i].name, name) == 0) return &r->ports[i];
  return NULL;
}

static mth_status add_argument(reader *r, int32_t argument, mth_role role) {
  mth_entry_port port = {.role = role, .argument = argument, .result = -1};
  MTH_TRY(read_name(r, mth_argument_attribute(r->entry, argument, "mithril.port"), &port.name));
  MTH_TRY(mth_type_from_ir(r->dims, r->arena, r->loc,
                           mlirFunctionTypeGetInput(r->function, argument), &port.type));
  MTH_TRY(read_init(r, argument, port.name, &port.init));
  r->port_of_argument[argument] = (int32_t)r->port_count;
  r->ports[r->port_count++] = port;
  return MTH_OK;
}

static mth_status add_result(reader *r, int32_t result) {
  mth_entry_port port = {.role = MTH_OUT, .argument = -1, .result = result};
  MTH_TRY(read_name(r, mth_result_attribute(r->entry, result, "mithril.port"), &port.name));
  MTH_TRY(mth_type_from_ir(r->dims, r->arena, r->loc,
                           mlirFunctionTypeGetResult(r->function, result), &port.type));
  mth_entry_port *const same = find_port(r, port.name);
  if (!same) {
    r->port_of_result[result] = (int32_t)r->port_count;
    r->ports[r->port_count++] = port;
    return MTH_OK;
  }
  if (!mth_type_agrees(&same->type, &port.type))
    return mth_fail_ir(MTH_INVALID, r->loc, "state port '%s' goes in as %s and comes out as %s",
                       port.name, mth_type_text(r->dims, r->arena, &same->type),
                       mth_type_text(r->dims, r->arena, &port.type));
  same->result = result;
  r->port_of_result[result] = (int32_t)(same - r->ports);
  return MTH_OK;
}

static bool is_state(reader *r, int32_t argument) {
  const MlirAttribute role = mth_argument_attribute(r->entry, argument, "mithril.role");
  return !mlirAttributeIsNull(role) && mlirAttributeIsAString(role) &&
         mth_str_is(mlirStringAttrGetValue(role), "state");
}

static mth_status read_ports(reader *r) {
  for (int32_t i = 0; i < r->argument_count; ++i)
    if (!is_state(r, i)) MTH_TRY(add_argument(r, i, MTH_IN));
  for (int32_t i = 0; i < r->argument_count; ++i)
    if (is_state(r, i)) MTH_TRY(add_argument(r, i, MTH_STATE));
  for (int32_t i = 0; i < r->result_count; ++i)
    MTH_TRY(add_result(r, i));
  for (size_t i = 0; i < r->port_count; ++i) {
    const mth_entry_port *const port = &r->ports[i];
    if (!mth_type_is_inferred(&port->type))
      return mth_fail_ir(MTH_INVALID, r->loc, "port '%s' has a dim that is not known: %s",
                         port->name, mth_type_text(r->dims, r->arena, &port->type));
  }
  return MTH_OK;
}

int32_t mth_entry_symbol_index(const mth_entry_interface *interface, const char *symbol) {
  for (size_t i = 0; i < interface->symbol_count; ++i)
    if (strcmp(interface->symbols[i].name, symbol) == 0) return (int32_t)i;
  return -1;
}

// Which symbol of `dim` the interface lacks, or NULL.
static const char *missing_symbol(const mth_entry_interface *interface, const mth_dim *dim) {
  if (mth_dim_is_symbol(dim))
    return mth_entry_symbol_index(interface, mth_dim_name(dim)) < 0 ? mth_dim_name(dim) : NULL;
  if (mth_dim_is_constant(dim, NULL)) return NULL;
  for (size_t i = 0; i < mth_dim_operand_count(dim); ++i) {
    const char *const missing = missing_symbol(interface, mth_dim_operand(dim, i));
    if (missing) return missing;
  }
  return NULL;
}

static mth_status read_symbols(reader *r, mth_entry_interface *interface) {
  size_t dim_count = 0;
  for (size_t p = 0; p < r->port_count; ++p)
    dim_count += (size_t)r->ports[p].type.rank;
  mth_entry_symbol *const symbols = MTH_NEW_ARRAY(r->arena, mth_entry_symbol, dim_count);
  const mth_dim **const computed = MTH_NEW_ARRAY(r->arena, const mth_dim *, dim_count);
  if (!symbols || !computed) return MTH_NO_MEMORY;
  interface->symbols = symbols;
  interface->computed = computed;
  for (size_t p = 0; p < r->port_count; ++p)
    for (int32_t d = 0; d < r->ports[p].type.rank; ++d) {
      const mth_dim *const dim = r->ports[p].type.dims[d];
      if (mth_dim_is_constant(dim, NULL)) continue;
      if (r->ports[p].role != MTH_OUT && mth_dim_is_symbol(dim) &&
          mth_entry_symbol_index(interface, mth_dim_name(dim)) < 0)
        symbols[interface->symbol_count++] = (mth_entry_symbol){mth_dim_name(dim), (int32_t)p, d};
      size_t known = 0;
      while (known < interface->computed_count && computed[known] != dim)
        ++known;
      if (known == interface->computed_count) computed[interface->computed_count++] = dim;
    }
  for (size_t i = 0; i < interface->computed_count; ++i) {
    const char *const missing = missing_symbol(interface, computed[i]);
    if (missing)
      return mth_fail_ir(MTH_UNSUPPORTED, r->loc,
                         "no input has '%s' alone as a dim, so its value cannot be read", missing);
  }
  return MTH_OK;
}

mth_status mth_entry_interface_read(MlirOperation entry, mth_dim_table *dims, mth_arena *arena,
                                    mth_entry_interface *out_interface) {
  const MlirType function = mlirTypeAttrGetValue(mth_op_attribute(entry, "function_type"));
  reader r = {.entry = entry,
              .loc = mlirOperationGetLocation(entry),
              .dims = dims,
              .arena = arena,
              .function = function,
              .argument_count = (int32_t)mlirFunctionTypeGetNumInputs(function),
              .result_count = (int32_t)mlirFunctionTypeGetNumResults(function)};
  const MlirStringRef name = mth_op_symbol(entry);
  mth_entry_interface interface = {.name = mth_arena_copy_text(arena, name.data, name.length)};
  r.ports = MTH_NEW_ARRAY(arena, mth_entry_port, (size_t)(r.argument_count + r.result_count));
  r.port_of_argument = MTH_NEW_ARRAY(arena, int32_t, (size_t)r.argument_count);
  r.port_of_result = MTH_NEW_ARRAY(arena, int32_t, (size_t)r.result_count);
  if (!interface.name || !r.ports || !r.port_of_argument || !r.port_of_result) return MTH_NO_MEMORY;
  MTH_TRY(read_ports(&r));
  interface.ports = r.ports;
  interface.port_count = r.port_count;
  interface.port_of_argument = r.port_of_argument;
  interface.port_of_result = r.port_of_result;
  MTH_TRY(read_symbols(&r, &interface));
  *out_interface = interface;
  return MTH_OK;
}

mth_status mth_entry_visit_all(MlirOperation module, mth_entry_visit_fn *visit) {
  mth_dim_table *dims = NULL;
  MTH_TRY(mth_dim_table_create(mth_default_allocator(), &dims));
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  mth_status status = MTH_OK;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module));
       status == MTH_OK && !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (mth_op_is_named(op, "mithril.entry")) status = visit(module, op, dims, &arena);
  mth_arena_reset(&arena);
  mth_dim_table_destroy(dims);
  return status;
}
