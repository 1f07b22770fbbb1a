// header.c: the C header of a program that is compiled ahead of time.
#include "jit/header.h"

#include "dialect/match.h"
#include "passes/launch_dims.h"
#include "passes/memory_plan.h"

#include <ctype.h>
#include <string.h>

typedef struct writer {
  MlirOperation module;
  const mth_program_interface *program;
  mth_dim_table *dims;
  mth_arena *arena;
  mth_text *text;
} writer;

// A C name for each of `count` names: what C does not allow becomes '_', and a name that is taken,
// or a keyword, gets as many '_' as it needs.
static bool is_taken(const char *name, const char *const *names, size_t count) {
  static const char *const reserved[] = {
      "auto",     "bool",    "break",  "case",     "catch",   "char",      "class",     "const",
      "continue", "default", "delete", "do",       "double",  "else",      "enum",      "extern",
      "false",    "float",   "for",    "friend",   "goto",    "if",        "inline",    "int",
      "long",     "mutable", "new",    "operator", "private", "public",    "register",  "restrict",
      "return",   "short",   "signed", "sizeof",   "static",  "struct",    "switch",    "template",
      "this",     "throw",   "true",   "try",      "typedef", "typename",  "union",     "unsigned",
      "using",    "virtual", "void",   "volatile", "while",   "namespace", "protected", "explicit",
      "export",   "and",     "or",     "not",      "xor"};
  for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; ++i)
    if (strcmp(name, reserved[i]) == 0) return true;
  for (size_t i = 0; i < count; ++i)
    if (strcmp(name, names[i]) == 0) return true;
  return false;
}

static const char *c_name(writer *w, const char *name, const char *const *taken, size_t count) {
  char *c = mth_arena_format(w->arena, "%s%s", isalpha((unsigned char)*name) ? "" : "_", name);
  for (size_t i = 0; c && c[i]; ++i)
    if (!isalnum((unsigned char)c[i])) c[i] = '_';
  while (c && is_taken(c, taken, count))
    c = mth_arena_format(w->arena, "%s_", c);
  return c;
}

static const char *c_type(mth_dtype dtype) {
  switch (dtype) {
  case MTH_BOOL:
    return "uint8_t";
  case MTH_I8:
    return "int8_t";
  case MTH_I16:
    return "int16_t";
  case MTH_I32:
    return "int32_t";
  case MTH_I64:
    return "int64_t";
  case MTH_F16:
    return "uint16_t";
  case MTH_BF16:
    return "uint16_t";
  case MTH_F32:
    return "float";
  case MTH_F64:
    return "double";
  case MTH_DTYPE_NONE:
    break;
  }
  return "void";
}

static const char *role_name(mth_role role) {
  switch (role) {
  case MTH_IN:
    return "in";
  case MTH_OUT:
    return "out";
  case MTH_STATE:
    return "state";
  }
  return "";
}

// Names of the struct's members: symbols first, then ports.
static mth_status name_members(writer *w, const mth_entry_interface *entry,
                               const char ***out_names) {
  const size_t count = entry->symbol_count + entry->port_count;
  const char **const names = MTH_NEW_ARRAY(w->arena, const char *, count);
  if (!names) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; ++i) {
    const char *const name = i < entry->symbol_count ? entry->symbols[i].name
                                                     : entry->ports[i - entry->symbol_count].name;
    names[i] = c_name(w, name, names, i);
    if (!names[i]) return MTH_NO_MEMORY;
  }
  *out_names = names;
  return MTH_OK;
}

static void write_shape(writer *w, const mth_type *type) {
  mth_text_add(w->text, "[");
  for (int32_t i = 0; i < type->rank; ++i) {
    const char *const dim = mth_dim_text(w->dims, type->dims[i]);
    mth_text_add(w->text, "%s%s", i ? ", " : "", dim ? dim : "?");
  }
  mth_text_add(w->text, "]");
}

static void write_arguments(writer *w, const mth_entry_interface *entry, const char *const *names) {
  mth_text_add(w->text, "typedef struct %s_%s_args {\n", w->program->name, entry->name);
  if (entry->symbol_count + entry->port_count == 0) mth_text_add(w->text, "  char nothing;\n");
  for (size_t i = 0; i < entry->symbol_count; ++i)
    mth_text_add(w->text, "  int64_t %s;\n", names[i]);
  for (size_t i = 0; i < entry->port_count; ++i) {
    const mth_entry_port *const port = &entry->ports[i];
    mth_text_add(w->text, "  %s%s *%s; // %s ", port->role == MTH_IN ? "const " : "",
                 c_type(port->type.dtype), names[entry->symbol_count + i], role_name(port->role));
    write_shape(w, &port->type);
    mth_text_add(w->text, "\n");
  }
  mth_text_add(w->text, "} %s_%s_args;\n\n", w->program->name, entry->name);
}

static void write_symbols(writer *w, const mth_entry_interface *entry, const char *const *names,
                          const char *from) {
  mth_text_add(w->text, "  const int64_t symbols[] = {");
  for (size_t i = 0; i < entry->symbol_count; ++i)
    mth_text_add(w->text, "%s%s%s", i ? ", " : "", from, names[i]);
  mth_text_add(w->text, "%s};\n", entry->symbol_count ? "" : "0");
}

// The bytes of a workspace for one thread: a constant, or a function of the symbols.
static mth_status write_workspace(writer *w, const mth_entry_interface *entry,
                                  const char *const *names) {
  const MlirOperation op = mth_find_symbol(w->module, mth_str(entry->name));
  const mth_dim *workspace, *scratch;
  MTH_TRY(mth_dim_from_attribute(w->dims, w->arena, mlirOperationGetLocation(op),
                                 mth_op_attribute(op, "mithril.workspace"), &workspace));
  MTH_TRY(mth_launches_scratch(w->module, op, w->dims, w->arena, &scratch));
  const mth_dim *const all = mth_dim_add(w->dims, workspace, scratch);
  const char *const program = w->program->name;
  int64_t bytes;
  if (!all) return MTH_NO_MEMORY;
  if (mth_dim_is_constant(all, &bytes)) {
    mth_text_add(w->text,
                 "// Bytes of a workspace for %s_%s_run, 64-byte aligned.\n"
                 "#define %s_%s_workspace_bytes ((size_t)%lld)\n\n",
                 program, entry->name, program, entry->name, (long long)bytes);
    return MTH_OK;
  }
  mth_text_add(w->text,
               "// Bytes of a workspace for %s_%s_run, 64-byte aligned; 0 if the sizes are wrong.\n"
               "static inline size_t %s_%s_workspace_bytes(",
               program, entry->name, program, entry->name);
  for (size_t i = 0; i < entry->symbol_count; ++i)
    mth_text_add(w->text, "%sint64_t %s", i ? ", " : "", names[i]);
  mth_text_add(w->text, ") {\n");
  write_symbols(w, entry, names, "");
  mth_text_add(w->text,
               "  int64_t sizes[%zu];\n"
               "  if (%s_%s_sizes(symbols, sizes) != 0) return 0;\n"
               "  return (size_t)(sizes[0] + sizes[1]) + (sizes[0] + sizes[1] == 0);\n"
               "}\n\n",
               2 + entry->computed_count, program, entry->name);
  return MTH_OK;
}

static void write_run(writer *w, const mth_entry_interface *entry, const char *const *names) {
  const char *const program = w->program->name;
  mth_text_add(w->text,
               "// Runs '%s' on this thread. Returns 0, or what its kernels returned.\n"
               "static inline int32_t %s_%s_run(const %s_%s_args *args, void *workspace) {\n"
               "  void *const ports[] = {",
               entry->name, program, entry->name, program, entry->name);
  for (size_t i = 0; i < entry->port_count; ++i)
    mth_text_add(w->text, "%s(void *)(uintptr_t)args->%s", i ? ", " : "",
                 names[entry->symbol_count + i]);
  mth_text_add(w->text, "%s};\n", entry->port_count ? "" : "0");
  if (entry->symbol_count + entry->port_count == 0) mth_text_add(w->text, "  (void)args;\n");
  write_symbols(w, entry, names, "args->");
  mth_text_add(w->text, "  return %s_%s(0, ports, symbols, workspace);\n}\n\n", program,
               entry->name);
}

static mth_status write_entry(writer *w, const mth_entry_interface *entry) {
  const char *const program = w->program->name;
  const char **names = NULL;
  MTH_TRY(name_members(w, entry, &names));
  mth_text_add(w->text,
               "//===--- %s ---===//\n\n"
               "// The compiled code; `host` may be null (runtime/program.h).\n"
               "int32_t %s_%s(const struct mth_host *host, void *const *ports,\n"
               "    const int64_t *symbols, void *workspace);\n"
               "int32_t %s_%s_sizes(const int64_t *symbols, int64_t *sizes);\n\n",
               entry->name, program, entry->name, program, entry->name);
  write_arguments(w, entry, names);
  MTH_TRY(write_workspace(w, entry, names));
  write_run(w, entry, names);
  return MTH_OK;
}

mth_status mth_header_write(MlirOperation module, const mth_program_interface *program,
                            mth_dim_table *dims, mth_arena *arena, mth_text *into) {
  writer w = {module, program, dims, arena, into};
  mth_text_add(into,
               "// %s.h: made by Mithril for the object of program '%s'. Do not edit.\n"
               "//\n"
               "// Tensors are contiguous and row-major. The arrays of one call do not overlap.\n"
               "#ifndef MTH_PROGRAM_%s_H\n"
               "#define MTH_PROGRAM_%s_H\n"
               "#include <stddef.h>\n"
               "#include <stdint.h>\n"
               "#ifdef __cplusplus\n"
               "extern \"C\" {\n"
               "#endif\n\n"
               "struct mth_host;\n"
               "// The table of this program, for mth_program_create (runtime/entries.h).\n"
               "extern const struct mth_program_desc %s_program;\n\n",
               program->name, program->name, program->name, program->name, program->name);
  for (size_t i = 0; i < program->entry_count; ++i)
    MTH_TRY(write_entry(&w, &program->entries[i]));
  mth_text_add(into, "#ifdef __cplusplus\n"
                     "}\n"
                     "#endif\n"
                     "#endif\n");
  return into->status;
}
