// fake_compiler.c: a library with the compiler's door and nothing behind it: what the frontend asks
// for comes back as text. An object holds the entries of its module, with their ports and no code
// to speak of, or the sample program if the module has none.
#define _GNU_SOURCE // asprintf
#include "jit/compiler.h"
#include "test/harness/sample_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

enum { most_entries = 4, most_ports = 32, most_rank = 4 };

struct mth_loaded {
  char *text;
  char *copies[most_entries][3]; // names point into them
  mth_program_desc desc;
  mth_entry_desc entries[most_entries];
  mth_port_desc ports[most_entries][most_ports];
  int64_t dims[most_entries][most_ports][most_rank];
  mth_symbol_desc symbols[most_entries];
};

// Programs loaded and not unloaded; a test reads it through the dynamic linker.
EXPORT extern int fake_compiler_loaded;
int fake_compiler_loaded = 0;

static mth_status compile(const mth_compile_request *request, mth_artifact *out_artifact) {
  const mth_location at = {request->sink, request->source_name};
  if (request->source_bytes == 3 && memcmp(request->source, "bad", 3) == 0)
    return mth_fail(MTH_INVALID, at, "wanted a module, found 'bad'");
  if (request->source_bytes == 5 && memcmp(request->source, "faint", 5) == 0)
    return MTH_INVALID; // as where memory ran out behind MLIR
  char *text = NULL;
  const int length =
      asprintf(&text, "emit %d cpu %s features %s: %.*s", (int)request->emit,
               request->cpu ? request->cpu : "-", request->features ? request->features : "-",
               (int)request->source_bytes, request->source);
  if (length < 0) return MTH_NO_MEMORY;
  if (request->dump_after) request->dump(request->dump_user, request->dump_after, "dumped", 6);
  out_artifact->byte_count = (size_t)length;
  out_artifact->bytes = mth_allocate(request->allocator, (size_t)length, 1);
  if (out_artifact->bytes) memcpy(out_artifact->bytes, text, (size_t)length);
  free(text);
  return out_artifact->bytes ? MTH_OK : mth_fail(MTH_NO_MEMORY, at, "no memory for the artifact");
}

static int32_t run_nothing(const mth_host *host, void *const *ports, const int64_t *symbols,
                           void *workspace) {
  (void)host, (void)ports, (void)symbols, (void)workspace;
  return MTH_OK;
}

static int32_t one_symbol(const int64_t *symbols, int64_t *out) {
  out[0] = out[1] = 0;
  out[2] = symbols[0];
  return MTH_OK;
}

static int32_t no_symbol(const int64_t *symbols, int64_t *out) {
  (void)symbols;
  out[0] = out[1] = 0;
  return MTH_OK;
}

// The text in quotes after `key`, cut out of `text`; NULL if there is none before `end`.
static char *quoted(char *text, const char *key, const char *end) {
  char *at = strstr(text, key);
  if (!at || at >= end) return NULL;
  at += strlen(key);
  *strchr(at, '"') = 0;
  return at;
}

// Reads the ports of one role between `text` and `end`. All f32; '?' is the entry's one symbol.
static void read_ports(mth_loaded *loaded, int e, char *text, const char *end, mth_role role) {
  static const char *const computed[] = {"B"};
  mth_entry_desc *entry = &loaded->entries[e];
  for (char *type = text; (type = strstr(type, "tensor<")) && type < end;) {
    mth_port_desc *port = &loaded->ports[e][entry->port_count];
    int64_t *dims = loaded->dims[e][entry->port_count];
    char *close = strchr(type, '}');
    const char *state = strstr(type, "mithril.role = \"state\"");
    const bool is_state = state && state < close;
    int32_t rank = 0;
    char *at = type + 7;
    type = close;
    if (role != MTH_OUT && is_state != (role == MTH_STATE)) continue;
    for (; *at == '?' || (*at >= '0' && *at <= '9'); ++at) {
      dims[rank++] = *at == '?' ? -1 : strtoll(at, &at, 10);
      if (dims[rank - 1] < 0) ++at;
      if (dims[rank - 1] < 0 && entry->symbol_count == 0) {
        loaded->symbols[e] = (mth_symbol_desc){"B", entry->port_count, rank - 1};
        entry->symbols = &loaded->symbols[e];
        entry->symbol_count = entry->computed_count = 1;
        entry->computed = computed;
        entry->sizes = one_symbol;
      }
    }
    char *name = quoted(at, "mithril.port = \"", close);
    bool is_known = !name;
    for (int32_t p = 0; name && p < entry->port_count; ++p)
      is_known = is_known || strcmp(entry->ports[p].name, name) == 0;
    if (is_known) continue; // the new value of a state
    *port = (mth_port_desc){name, (int32_t)role, MTH_F32, rank, 0, dims, {0}};
    ++entry->port_count;
  }
}

static void read_entries(mth_loaded *loaded) {
  char *at = loaded->text;
  for (int e = 0; e < most_entries && (at = strstr(at, "mithril.entry @")); ++e) {
    char *name = at + strlen("mithril.entry @"), *open = strchr(name, '(');
    char *arrow = strstr(open, ") -> ("), *end = strstr(arrow, ") {");
    *open = *arrow = *end = 0;
    at = end + 1;
    loaded->entries[e] = (mth_entry_desc){
        .name = name, .run = run_nothing, .sizes = no_symbol, .ports = loaded->ports[e]};
    // Names are cut out on the way, so each role reads a copy that stays.
    char **copies = loaded->copies[e];
    copies[0] = strdup(open + 1), copies[1] = strdup(open + 1), copies[2] = strdup(arrow + 1);
    const mth_role roles[] = {MTH_IN, MTH_STATE, MTH_OUT};
    for (int k = 0; k < 3; ++k)
      read_ports(loaded, e, copies[k], copies[k] + strlen(copies[k]), roles[k]);
    loaded->desc = (mth_program_desc){MTH_PROGRAM_ABI, e + 1, "fake", loaded->entries};
  }
}

static mth_status load(const mth_registry *registry, const void *object, size_t object_bytes,
                       const char *program_name, const mth_sink *sink, mth_loaded **out_loaded,
                       const mth_program_desc **out_program) {
  static const mth_program_desc other_abi = {99, 0, "other", NULL};
  (void)registry, (void)program_name;
  if (object_bytes < 6 || memcmp(object, "emit 0", 6) != 0)
    return mth_fail(MTH_INVALID, (mth_location){sink, "object"}, "not an object");
  mth_loaded *loaded = calloc(1, sizeof *loaded);
  if (!loaded) return MTH_NO_MEMORY;
  loaded->text = strndup(object, object_bytes);
  loaded->desc = strstr(loaded->text, "other abi") ? other_abi : sample_program;
  read_entries(loaded);
  ++fake_compiler_loaded;
  *out_loaded = loaded;
  *out_program = &loaded->desc;
  return MTH_OK;
}

static void unload(mth_loaded *loaded) {
  --fake_compiler_loaded;
  for (int e = 0; e < most_entries; ++e)
    for (int k = 0; k < 3; ++k)
      free(loaded->copies[e][k]);
  free(loaded->text);
  free(loaded);
}

EXPORT const mth_compiler_api *mth_compiler_get(int32_t abi) {
  static const mth_compiler_api api = {sizeof api, MTH_COMPILER_ABI, compile, load, unload};
  return abi == MTH_COMPILER_ABI && !getenv("FAKE_COMPILER_IS_OLD") ? &api : NULL;
}
