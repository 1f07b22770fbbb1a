// signature_test.c: an op's signature stands in ODS and in the registry; here the two are held
// against each other. CMake writes the ODS records to MTH_ODS_JSON.
#include "ir/registry.h"
#include "test/harness/harness.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *super_of(const json_t *record, const char *wanted) {
  size_t i;
  json_t *name;
  json_array_foreach(json_object_get(record, "!superclasses"), i, name) {
    if (strcmp(json_string_value(name), wanted) == 0) return wanted;
  }
  return NULL;
}

static const char *name_of(const json_t *reference) {
  return json_string_value(json_object_get(reference, "def"));
}

static const char *attribute_of(mth_arg_kind kind) {
  switch (kind) {
  case MTH_ARG_NONE:
    return "nothing";
  case MTH_ARG_INT:
    return "I64Attr";
  case MTH_ARG_BOOL:
    return "BoolAttr";
  case MTH_ARG_FLOAT:
    return "F64Attr";
  case MTH_ARG_STRING:
    return "StrAttr";
  case MTH_ARG_DTYPE:
    return "TypeAttr";
  case MTH_ARG_INTS:
    return "DenseI64ArrayAttr";
  case MTH_ARG_DIMS:
    return "ArrayAttr";
  case MTH_ARG_DIM:
  case MTH_ARG_TUPLE:
  case MTH_ARG_SLICE:
  case MTH_ARG_ELLIPSIS:
  case MTH_ARG_MODEL:
  case MTH_ARG_OPEN:
    break; // no attribute
  }
  return "?";
}

// What ODS says of one argument, in words: "tensor", "tensors", "I64Attr", "optional BoolAttr".
static void describe_ods(const json_t *records, const json_t *argument, char *out, size_t bytes) {
  const char *name = name_of(json_array_get(argument, 0));
  const json_t *record = json_object_get(records, name);
  if (super_of(record, "Variadic"))
    snprintf(out, bytes, "tensors");
  else if (super_of(record, "TypeConstraint"))
    snprintf(out, bytes, "tensor");
  else if (super_of(record, "OptionalAttr"))
    snprintf(out, bytes, "optional %s", name_of(json_object_get(record, "baseAttr")));
  else
    snprintf(out, bytes, "%s", name);
}

static void describe_key(const mth_op_key *key, char *out, size_t bytes) {
  if (key->kind == MTH_KEY_TENSORS)
    snprintf(out, bytes, "tensors");
  else if (key->kind == MTH_KEY_TENSOR)
    snprintf(out, bytes, "tensor");
  else
    snprintf(out, bytes, "%s%s", key->required ? "" : "optional ", attribute_of(key->arg_kind));
}

static void compare_keys(const json_t *records, const char *op, const json_t *arguments,
                         const mth_op_key *keys, size_t count) {
  const size_t found = json_array_size(arguments);
  harness_check(found == count, false, __FILE__, __LINE__, "%s: ODS has %zu keys, the registry %zu",
                op, found, count);
  for (size_t i = 0; i < found && i < count; ++i) {
    const json_t *argument = json_array_get(arguments, i);
    const char *name = json_string_value(json_array_get(argument, 1));
    char ods[64], ours[64];
    describe_ods(records, argument, ods, sizeof ods);
    describe_key(&keys[i], ours, sizeof ours);
    harness_check(strcmp(name, keys[i].name) == 0 && strcmp(ods, ours) == 0, false, __FILE__,
                  __LINE__, "%s, key %zu: ODS has '%s', %s; the registry '%s', %s", op, i, name,
                  ods, keys[i].name, ours);
  }
}

static const json_t *find_record(json_t *records, const char *op) {
  const char *key;
  json_t *record;
  json_object_foreach(records, key, record) {
    const char *name = json_string_value(json_object_get(record, "opName"));
    if (name && strcmp(name, op) == 0 && super_of(record, "Mithril_Op")) return record;
  }
  return NULL;
}

TEST(Signature, EveryBuiltInOpStandsInOds) {
  json_t *records = json_load_file(MTH_ODS_JSON, 0, NULL);
  ASSERT(records);
  mth_registry *registry;
  ASSERT(mth_registry_create(mth_default_allocator(), &registry) == MTH_OK);
  EXPECT(mth_registry_count(registry) > 40);
  for (size_t i = 0; i < mth_registry_count(registry); ++i) {
    const mth_op *op = mth_registry_get(registry, i);
    if (op->category == MTH_CATEGORY_VALUE) continue; // no program has it
    const json_t *record = find_record(records, op->name);
    if (!harness_check(record != NULL, false, __FILE__, __LINE__, "ODS has no '%s'", op->name))
      continue;
    compare_keys(records, op->name, json_object_get(json_object_get(record, "arguments"), "args"),
                 op->inputs, op->input_count);
    compare_keys(records, op->name, json_object_get(json_object_get(record, "results"), "args"),
                 op->outputs, op->output_count);
  }
  mth_registry_destroy(registry);
  json_decref(records);
}

TEST(Signature, EveryTensorOpOfOdsIsRegistered) {
  json_t *records = json_load_file(MTH_ODS_JSON, 0, NULL);
  ASSERT(records);
  mth_registry *registry;
  ASSERT(mth_registry_create(mth_default_allocator(), &registry) == MTH_OK);
  const char *key;
  json_t *record;
  json_object_foreach(records, key, record) {
    const char *name = json_string_value(json_object_get(record, "opName"));
    if (!name || !super_of(record, "Mithril_TensorOp")) continue;
    harness_check(mth_registry_find(registry, name) != NULL, false, __FILE__, __LINE__,
                  "the registry has no '%s'", name);
  }
  mth_registry_destroy(registry);
  json_decref(records);
}
