// header_test: a program compiled ahead of time, linked by gcc into a C program that has nothing
// else of ours, prints the bits that the JIT computes.
#include "jit/session.h"
#include "test/harness/harness.h"
#include "test/jit/planned_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char main_text[] =
    "#include \"p.h\"\n"
    "#include <stdio.h>\n"
    "#include <stdlib.h>\n"
    "int main(void) {\n"
    "  float x[20], w[20], y[20], z[20];\n"
    "  for (int i = 0; i < 20; ++i) x[i] = 0.1f * (float)i, w[i] = (float)-i;\n"
    "  void *workspace = aligned_alloc(64, p_twice_workspace_bytes(5));\n"
    "  p_twice_args args = {.T = 5, .x = x, .w = w, .y = y, .z = z};\n"
    "  if (p_twice_run(&args, workspace) != 0) return 1;\n"
    "  for (int i = 0; i < 20; ++i)\n"
    "    printf(\"%a %a %a\\n\", (double)y[i], (double)w[i], (double)z[i]);\n"
    "  free(workspace);\n"
    "  return 0;\n"
    "}\n";

enum { PATH_BYTES = 64, OUTPUT_BYTES = 4096 };

static bool write_file(const char *folder, const char *name, const char *bytes, size_t count) {
  char path[PATH_BYTES * 2];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *const file = fopen(path, "wb");
  const bool ok = file && fwrite(bytes, 1, count, file) == count;
  return file && fclose(file) == 0 && ok;
}

// Runs a shell command in the folder; its output goes to `output`. Returns its exit status.
static int shell(const char *folder, const char *command, char output[OUTPUT_BYTES]) {
  char line[512];
  snprintf(line, sizeof line, "cd %s && (%s) 2>&1", folder, command);
  FILE *const pipe = popen(line, "r");
  if (!pipe) return -1;
  const size_t count = fread(output, 1, OUTPUT_BYTES - 1, pipe);
  output[count] = 0;
  return pclose(pipe);
}

static bool write_program(const built *b, char folder[PATH_BYTES]) {
  strcpy(folder, "/tmp/mithril-header-XXXXXX");
  const char *const header = mth_text_get(&b->header);
  return mkdtemp(folder) &&
         write_file(folder, "p.o", LLVMGetBufferStart(b->object), LLVMGetBufferSize(b->object)) &&
         write_file(folder, "p.h", header, strlen(header)) &&
         write_file(folder, "main.c", main_text, strlen(main_text));
}

static void remove_program(const char *folder) {
  char output[OUTPUT_BYTES];
  EXPECT_INT(shell(folder, "rm -f p p.o p.h main.c", output), 0);
  EXPECT_INT(rmdir(folder), 0);
}

static void jit_output(built *b, char output[OUTPUT_BYTES]) {
  mth_loaded *loaded;
  const mth_program_desc *program;
  ASSERT(mth_session_load(b->registry, LLVMGetBufferStart(b->object), LLVMGetBufferSize(b->object),
                          "p", NULL, &loaded, &program) == MTH_OK);
  float x[20], w[20], y[20], z[20];
  for (int i = 0; i < 20; ++i)
    x[i] = 0.1f * (float)i, w[i] = (float)-i;
  void *const workspace = aligned_alloc(64, 256);
  EXPECT_INT(program->entries[0].run(NULL, (void *[]){x, w, y, z}, (int64_t[]){5}, workspace),
             MTH_OK);
  char *at = output;
  for (int i = 0; i < 20; ++i)
    at += sprintf(at, "%a %a %a\n", (double)y[i], (double)w[i], (double)z[i]);
  free(workspace);
  mth_session_unload(loaded);
}

TEST(Header, AheadOfTimeAndJustInTimeAgreeToTheBit) {
  built b;
  ASSERT(build(&b));
  char folder[PATH_BYTES], ahead[OUTPUT_BYTES] = "", just_in_time[OUTPUT_BYTES] = "";
  ASSERT(write_program(&b, folder));
  EXPECT_INT(shell(folder, "gcc -std=c11 -Wall -Wextra -Werror main.c p.o -o p", ahead), 0);
  EXPECT_TEXT(ahead, "");
  EXPECT_INT(shell(folder, "./p", ahead), 0);
  jit_output(&b, just_in_time);
  EXPECT_TEXT(ahead, just_in_time);
  EXPECT_INT(shell(folder, "readelf -d p | grep NEEDED", ahead), 0);
  EXPECT(strstr(ahead, "libc.so") != NULL);
  EXPECT(strstr(ahead, "LLVM") == NULL && strstr(ahead, "stdc++") == NULL);
  remove_program(folder);
  unbuild(&b);
}

TEST(Header, IsCPlusPlusToo) {
  built b;
  ASSERT(build(&b));
  char folder[PATH_BYTES], output[OUTPUT_BYTES] = "";
  ASSERT(write_program(&b, folder));
  EXPECT_INT(shell(folder, "g++ -Wall -Wextra -Werror -fsyntax-only -x c++ p.h", output), 0);
  EXPECT_TEXT(output, "");
  remove_program(folder);
  unbuild(&b);
}

TEST(Header, SaysNamesRolesAndShapes) {
  built b;
  ASSERT(build(&b));
  const char *const header = mth_text_get(&b.header);
  EXPECT(strstr(header, "int64_t T;\n") != NULL);
  EXPECT(strstr(header, "const float *x; // in [T, 4]\n") != NULL);
  EXPECT(strstr(header, "float *w; // state [T, 4]\n") != NULL);
  EXPECT(strstr(header, "float *z; // out [T, 4]\n") != NULL);
  unbuild(&b);
}
