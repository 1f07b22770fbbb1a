// table_check_test.c: what is said of tables that contradict themselves.
#include "runtime/table_check.h"
#include "test/harness/harness.h"
#include "test/harness/sample_program.h"

#include <string.h>

// A copy of the sample's table that a test may spoil.
typedef struct table {
  mth_port_desc ports[5];
  mth_symbol_desc symbols[1];
  mth_launch_desc launch;
  const mth_launch_desc *launches[2];
  mth_entry_desc entries[2];
  mth_program_desc desc;
} table;

static void make(table *t) {
  memcpy(t->ports, sample_evaluate_ports, sizeof t->ports);
  memcpy(t->symbols, sample_T, sizeof t->symbols);
  t->launch = sample_launches[0];
  t->launches[0] = &t->launch;
  t->launches[1] = &sample_launches[1];
  memcpy(t->entries, sample_entries, sizeof t->entries);
  t->entries[0].ports = t->ports;
  t->entries[0].symbols = t->symbols;
  t->entries[0].launches = t->launches;
  t->desc = sample_program;
  t->desc.entries = t->entries;
}

static void expect_refusal(const mth_program_desc *desc, bool allows_late, const char *message) {
  mth_diagnostic diagnostic = {0};
  const mth_sink sink = mth_sink_keep_first(&diagnostic);
  EXPECT(mth_table_check(desc, allows_late, (mth_location){&sink, "program"}) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.where, "program");
  EXPECT_TEXT(diagnostic.message, message);
}

#define REFUSED(change, message)                                                                   \
  do {                                                                                             \
    table t;                                                                                       \
    make(&t);                                                                                      \
    change;                                                                                        \
    expect_refusal(&t.desc, false, message);                                                       \
  } while (0)

TEST(table_check, a_whole_table_passes) {
  table t;
  make(&t);
  EXPECT(mth_table_check(&t.desc, false, (mth_location){0}) == MTH_OK);
}

TEST(table_check, programs) {
  expect_refusal(NULL, false, "there is no table");
  REFUSED(t.desc.abi = 7, "the table is of ABI 7, wanted 1: compile it again");
  REFUSED(t.desc.name = NULL, "the program has no name");
  REFUSED(t.desc.entry_count = 0, "program 'sample' has no entries");
  REFUSED(t.desc.entries = NULL, "program 'sample' has no entries");
}

TEST(table_check, entries) {
  REFUSED(t.entries[1].name = "", "entry 1 has no name");
  REFUSED(t.entries[1].name = "evaluate", "two entries are named 'evaluate'");
  REFUSED(t.entries[1].run = NULL, "entry 'step' has no code");
  REFUSED(t.entries[0].sizes = NULL, "entry 'evaluate' has no sizes");
  REFUSED(t.entries[0].ports = NULL, "entry 'evaluate' has a count without its rows");
  REFUSED(t.entries[0].symbols = NULL, "entry 'evaluate' has a count without its rows");
  REFUSED(t.entries[0].computed = NULL, "entry 'evaluate' has a count without its rows");
  REFUSED(t.entries[0].launches = NULL, "entry 'evaluate' has a count without its rows");
  REFUSED(t.entries[0].port_count = -1, "entry 'evaluate' has a count without its rows");
}

TEST(table_check, ports) {
  REFUSED(t.ports[2].name = NULL, "port 2 of entry 'evaluate' has no name");
  REFUSED(t.ports[2].role = 3, "port 'mask' of entry 'evaluate' has role 3, wanted 0 to 2");
  REFUSED(t.ports[1].role = MTH_OUT,
          "port 'mask' of entry 'evaluate' is in after one that is out, wanted in, state, out");
  REFUSED(t.ports[4].role = MTH_STATE, "port 'twice' of entry 'evaluate' is state after one that "
                                       "is out, wanted in, state, out");
  REFUSED(t.ports[1].dtype = 99, "port 'w' of entry 'evaluate' has unknown dtype 99");
  REFUSED(t.ports[1].init.kind = 9, "port 'w' of entry 'evaluate' has unknown init 9");
  REFUSED(t.ports[1].rank = -1, "port 'w' of entry 'evaluate' has rank -1, wanted 0 to 32");
  REFUSED(t.ports[1].rank = 33, "port 'w' of entry 'evaluate' has rank 33, wanted 0 to 32");
  REFUSED(t.ports[1].dims = NULL, "port 'w' of entry 'evaluate' has no dims");
  const int64_t beyond[] = {-3};
  REFUSED(t.ports[1].dims = beyond, "port 'w' dim 0 of entry 'evaluate' is computed dim 2 of 2");
}

TEST(table_check, symbols) {
  REFUSED(t.symbols[0].name = NULL, "symbol 0 of entry 'evaluate' has no name");
  REFUSED(t.symbols[0].port = 5, "symbol 'T' of entry 'evaluate' is read from port 5 of 5");
  REFUSED(t.symbols[0].port = 3, "symbol 'T' of entry 'evaluate' is read from 'output', which is "
                                 "out");
  REFUSED(t.symbols[0].dim = 2, "symbol 'T' of entry 'evaluate' is dim 2 of 'input', which has 2");
}

TEST(table_check, launches) {
  REFUSED(t.launches[0] = NULL, "launch 0 of entry 'evaluate' has no kernel");
  REFUSED(t.launch.run = NULL, "launch 0 of entry 'evaluate' has no kernel");
  REFUSED(t.launch.index = 4, "launch 0 of entry 'evaluate' has index 4");
  REFUSED(t.launch.grid_rank = 5, "launch 0 of entry 'evaluate' has grid rank 5, wanted 1 to 4");
  REFUSED(t.launch.block[0] = 0,
          "launch 0 of entry 'evaluate' has block 0 in grid dim 0, wanted 1 up");
}

TEST(table_check, late_entries_may_lack_shapes_and_dtypes) {
  table t;
  make(&t);
  t.entries[0].run = NULL;
  t.entries[0].sizes = NULL;
  t.entries[0].symbol_count = 0;
  t.ports[1].rank = -1;
  t.ports[1].dtype = MTH_DTYPE_NONE;
  EXPECT(mth_table_check(&t.desc, true, (mth_location){0}) == MTH_OK);
  expect_refusal(&t.desc, false, "entry 'evaluate' has no code");
  t.ports[1].rank = -2;
  expect_refusal(&t.desc, true, "port 'w' of entry 'evaluate' has rank -2, wanted 0 to 32");
}

static void expect_no_code(const table *t, const char *message) {
  mth_diagnostic diagnostic = {0};
  const mth_sink sink = mth_sink_keep_first(&diagnostic);
  const mth_entry_desc *entry = NULL;
  EXPECT(mth_table_check_specialised(&sample_entries[0], &t->desc, (mth_location){&sink, NULL},
                                     &entry) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.message, message);
  EXPECT(!entry);
}

TEST(table_check, the_code_of_a_late_entry_has_its_ports) {
  table t;
  make(&t);
  const mth_entry_desc *entry = NULL;
  EXPECT(mth_table_check_specialised(&sample_entries[0], &t.desc, (mth_location){0}, &entry) ==
         MTH_OK);
  EXPECT(entry == &t.entries[0]);
  t.entries[0].name = "other";
  expect_no_code(&t, "the specialised program has no entry 'evaluate'");
  make(&t);
  t.entries[0].port_count = 4;
  expect_no_code(&t, "the specialised entry has 4 ports, wanted 5");
  make(&t);
  t.ports[1].name = "v";
  expect_no_code(&t, "port 1 of the specialised entry is 'v' (in), wanted 'w' (in)");
  make(&t);
  t.ports[2].role = MTH_STATE;
  expect_no_code(&t, "port 2 of the specialised entry is 'mask' (state), wanted 'mask' (in)");
}
