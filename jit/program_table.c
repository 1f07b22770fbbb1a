// program_table.c: mth_program_desc and all it points to, as LLVM constants.
#include "jit/program_table.h"

#include "dialect/fail.h"
#include "dialect/match.h"

#include "llvm-c/Core.h"
#include "llvm-c/Target.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { SYMBOL_BYTES_MAX = 1024, NAME_BYTES_MAX = 400 };

//===--- names ----------------------------------------------------------------------------------

static bool is_identifier(MlirStringRef name) {
  if (!name.length || name.length > NAME_BYTES_MAX || isdigit((unsigned char)name.data[0]))
    return false;
  for (size_t i = 0; i < name.length; ++i)
    if (!isalnum((unsigned char)name.data[i]) && name.data[i] != '_') return false;
  return true;
}

static mth_status check_name(MlirLocation loc, const char *what, MlirStringRef name) {
  if (is_identifier(name)) return MTH_OK;
  return mth_fail_ir(MTH_INVALID, loc, "the name of %s is a C identifier, found '%.*s'", what,
                     (int)(name.length < NAME_BYTES_MAX ? name.length : NAME_BYTES_MAX), name.data);
}

// Symbols of two entries, or of an entry and the table, that would be one.
static mth_status check_symbols(MlirLocation loc, const mth_program_interface *program) {
  for (size_t i = 0; i < program->entry_count; ++i) {
    const char *const name = program->entries[i].name;
    if (strcmp(name, "program") == 0)
      return mth_fail_ir(MTH_INVALID, loc, "an entry is not called 'program'");
    for (size_t j = 0; j < program->entry_count; ++j) {
      const size_t length = strlen(name);
      const char *const other = program->entries[j].name;
      if (strncmp(other, name, length) == 0 && strcmp(other + length, "_sizes") == 0)
        return mth_fail_ir(MTH_INVALID, loc, "entries '%s' and '%s' need the same symbol", name,
                           other);
    }
  }
  return MTH_OK;
}

mth_status mth_program_interface_read(MlirOperation module, mth_dim_table *dims, mth_arena *arena,
                                      mth_program_interface *out_interface) {
  const MlirLocation loc = mlirOperationGetLocation(module);
  const MlirStringRef name = mth_op_symbol(module);
  if (name.length) MTH_TRY(check_name(loc, "a program", name));
  mth_program_interface program = {
      .name = name.length ? mth_arena_copy_text(arena, name.data, name.length) : "model"};
  const MlirBlock body = mth_op_body(module);
  size_t count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    count += mth_op_is_named(op, "mithril.entry");
  if (!count) return mth_fail_ir(MTH_INVALID, loc, "a program has an entry, found none");
  mth_entry_interface *const entries = MTH_NEW_ARRAY(arena, mth_entry_interface, count);
  if (!program.name || !entries) return MTH_NO_MEMORY;
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (!mth_op_is_named(op, "mithril.entry")) continue;
    MTH_TRY(check_name(mlirOperationGetLocation(op), "an entry", mth_op_symbol(op)));
    MTH_TRY(mth_entry_interface_read(op, dims, arena, &entries[program.entry_count++]));
  }
  program.entries = entries;
  MTH_TRY(check_symbols(loc, &program));
  *out_interface = program;
  return MTH_OK;
}

static void format_symbol(char symbol[SYMBOL_BYTES_MAX], const char *program, const char *entry,
                          const char *suffix) {
  const int length = snprintf(symbol, SYMBOL_BYTES_MAX, "%s_%s%s", program, entry, suffix);
  assert(length > 0 && length < SYMBOL_BYTES_MAX); // names were checked
  (void)length;
}

bool mth_program_exports(const mth_program_interface *program, const char *symbol) {
  char exported[SYMBOL_BYTES_MAX];
  format_symbol(exported, program->name, "program", "");
  if (strcmp(symbol, exported) == 0) return true;
  for (size_t i = 0; i < program->entry_count; ++i) {
    format_symbol(exported, program->name, program->entries[i].name, "");
    const size_t length = strlen(exported);
    if (strncmp(symbol, exported, length) == 0 &&
        (symbol[length] == 0 || strcmp(symbol + length, "_sizes") == 0))
      return true;
  }
  return false;
}

//===--- constants ------------------------------------------------------------------------------

typedef struct writer {
  LLVMModuleRef module;
  LLVMContextRef context;
  mth_dim_table *dims;
  mth_arena *arena;
  bool out_of_memory;
  LLVMTypeRef pointer, i32, i64, f64;
} writer;

static LLVMValueRef int32_of(writer *w, int64_t value) {
  return LLVMConstInt(w->i32, (unsigned long long)value, true);
}

static LLVMValueRef data(writer *w, LLVMValueRef value, unsigned alignment_bytes) {
  LLVMValueRef global = LLVMAddGlobal(w->module, LLVMTypeOf(value), "");
  LLVMSetInitializer(global, value);
  LLVMSetGlobalConstant(global, true);
  LLVMSetLinkage(global, LLVMPrivateLinkage);
  LLVMSetAlignment(global, alignment_bytes);
  return global;
}

static LLVMValueRef text(writer *w, const char *value) {
  return data(w, LLVMConstStringInContext2(w->context, value, strlen(value), false), 1);
}

// The address of an array; a null pointer if it is empty.
static LLVMValueRef array(writer *w, LLVMTypeRef type, LLVMValueRef *values, size_t count) {
  if (!count) return LLVMConstPointerNull(w->pointer);
  return data(w, LLVMConstArray2(type, values, count), 8);
}

// A struct with C's layout, which is LLVM's for these fields; `bytes` is C's own opinion.
static LLVMValueRef structure(writer *w, LLVMValueRef *fields, unsigned count, size_t bytes) {
  LLVMValueRef value = LLVMConstStructInContext(w->context, fields, count, false);
  assert(LLVMABISizeOfType(LLVMGetModuleDataLayout(w->module), LLVMTypeOf(value)) == bytes);
  (void)bytes;
  return value;
}

static int64_t computed_index(const mth_entry_interface *entry, const mth_dim *dim) {
  size_t i = 0;
  while (entry->computed[i] != dim)
    ++i;
  return (int64_t)i;
}

// Stands for what there was no memory for; the module is thrown away.
static LLVMValueRef no_memory(writer *w) {
  w->out_of_memory = true;
  return LLVMConstPointerNull(w->pointer);
}

static LLVMValueRef port_dims(writer *w, const mth_entry_interface *entry, const mth_type *type) {
  const size_t rank = (size_t)type->rank;
  LLVMValueRef *const dims = MTH_NEW_ARRAY(w->arena, LLVMValueRef, rank);
  if (!dims) return no_memory(w);
  for (size_t i = 0; i < rank; ++i) {
    int64_t value;
    if (!mth_dim_is_constant(type->dims[i], &value))
      value = -1 - computed_index(entry, type->dims[i]);
    dims[i] = LLVMConstInt(w->i64, (unsigned long long)value, true);
  }
  return array(w, w->i64, dims, rank);
}

static LLVMValueRef port_desc(writer *w, const mth_entry_interface *entry,
                              const mth_entry_port *port) {
  LLVMValueRef init[] = {int32_of(w, port->init.kind), int32_of(w, 0),
                         LLVMConstReal(w->f64, port->init.a), LLVMConstReal(w->f64, port->init.b)};
  LLVMValueRef fields[] = {text(w, port->name),
                           int32_of(w, port->role),
                           int32_of(w, port->type.dtype),
                           int32_of(w, port->type.rank),
                           int32_of(w, 0),
                           port_dims(w, entry, &port->type),
                           structure(w, init, 4, sizeof(mth_init))};
  return structure(w, fields, 7, sizeof(mth_port_desc));
}

static LLVMValueRef port_descs(writer *w, const mth_entry_interface *entry) {
  LLVMValueRef *const ports = MTH_NEW_ARRAY(w->arena, LLVMValueRef, entry->port_count);
  if (!ports) return no_memory(w);
  for (size_t i = 0; i < entry->port_count; ++i)
    ports[i] = port_desc(w, entry, &entry->ports[i]);
  return entry->port_count ? array(w, LLVMTypeOf(ports[0]), ports, entry->port_count)
                           : LLVMConstPointerNull(w->pointer);
}

static LLVMValueRef symbol_descs(writer *w, const mth_entry_interface *entry) {
  const size_t count = entry->symbol_count;
  LLVMValueRef *const symbols = MTH_NEW_ARRAY(w->arena, LLVMValueRef, count);
  if (!symbols) return no_memory(w);
  for (size_t i = 0; i < count; ++i) {
    const mth_entry_symbol *const symbol = &entry->symbols[i];
    LLVMValueRef fields[] = {text(w, symbol->name[0] == '?' ? "" : symbol->name),
                             int32_of(w, symbol->port), int32_of(w, symbol->dim)};
    symbols[i] = structure(w, fields, 3, sizeof(mth_symbol_desc));
  }
  return count ? array(w, LLVMTypeOf(symbols[0]), symbols, count)
               : LLVMConstPointerNull(w->pointer);
}

static LLVMValueRef computed_texts(writer *w, const mth_entry_interface *entry) {
  const size_t count = entry->computed_count;
  LLVMValueRef *const texts = MTH_NEW_ARRAY(w->arena, LLVMValueRef, count);
  if (!texts) return no_memory(w);
  for (size_t i = 0; i < count; ++i) {
    const char *const dim = mth_dim_text(w->dims, entry->computed[i]);
    texts[i] = dim ? text(w, dim) : no_memory(w);
  }
  return array(w, w->pointer, texts, count);
}

// The descriptions that entry-to-llvm wrote: `<entry>.launch.<i>`.
static LLVMValueRef launch_descs(writer *w, const mth_entry_interface *entry, int32_t *out_count) {
  char symbol[SYMBOL_BYTES_MAX];
  int32_t count = 0;
  while (snprintf(symbol, sizeof symbol, "%s.launch.%d", entry->name, (int)count) > 0 &&
         LLVMGetNamedGlobal(w->module, symbol))
    ++count;
  *out_count = count;
  LLVMValueRef *const launches = MTH_NEW_ARRAY(w->arena, LLVMValueRef, (size_t)count);
  if (!launches) return no_memory(w);
  for (int32_t i = 0; i < count; ++i) {
    snprintf(symbol, sizeof symbol, "%s.launch.%d", entry->name, (int)i);
    launches[i] = LLVMGetNamedGlobal(w->module, symbol);
  }
  return array(w, w->pointer, launches, (size_t)count);
}

static LLVMValueRef entry_desc(writer *w, const mth_program_interface *program,
                               const mth_entry_interface *entry) {
  char run[SYMBOL_BYTES_MAX], sizes[SYMBOL_BYTES_MAX];
  format_symbol(run, program->name, entry->name, "");
  format_symbol(sizes, program->name, entry->name, "_sizes");
  int32_t launch_count;
  LLVMValueRef launches = launch_descs(w, entry, &launch_count);
  LLVMValueRef fields[] = {text(w, entry->name),
                           LLVMGetNamedFunction(w->module, run),
                           LLVMGetNamedFunction(w->module, sizes),
                           int32_of(w, (int64_t)entry->port_count),
                           int32_of(w, (int64_t)entry->symbol_count),
                           int32_of(w, (int64_t)entry->computed_count),
                           int32_of(w, launch_count),
                           port_descs(w, entry),
                           symbol_descs(w, entry),
                           launches,
                           computed_texts(w, entry)};
  return structure(w, fields, 11, sizeof(mth_entry_desc));
}

mth_status mth_program_table_add(LLVMModuleRef module, mth_dim_table *dims, mth_arena *arena,
                                 const mth_program_interface *program) {
  LLVMContextRef context = LLVMGetModuleContext(module);
  writer w = {.module = module,
              .context = context,
              .dims = dims,
              .arena = arena,
              .pointer = LLVMPointerTypeInContext(context, 0),
              .i32 = LLVMInt32TypeInContext(context),
              .i64 = LLVMInt64TypeInContext(context),
              .f64 = LLVMDoubleTypeInContext(context)};
  LLVMValueRef *const entries = MTH_NEW_ARRAY(arena, LLVMValueRef, program->entry_count);
  if (!entries) return MTH_NO_MEMORY;
  for (size_t i = 0; i < program->entry_count; ++i)
    entries[i] = entry_desc(&w, program, &program->entries[i]);
  LLVMValueRef fields[] = {int32_of(&w, MTH_PROGRAM_ABI),
                           int32_of(&w, (int64_t)program->entry_count), text(&w, program->name),
                           array(&w, LLVMTypeOf(entries[0]), entries, program->entry_count)};
  LLVMValueRef table = structure(&w, fields, 4, sizeof(mth_program_desc));
  char symbol[SYMBOL_BYTES_MAX];
  format_symbol(symbol, program->name, "program", "");
  LLVMValueRef global = LLVMAddGlobal(module, LLVMTypeOf(table), symbol);
  LLVMSetInitializer(global, table);
  LLVMSetGlobalConstant(global, true);
  return w.out_of_memory ? MTH_NO_MEMORY : MTH_OK;
}
