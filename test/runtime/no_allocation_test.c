// no_allocation_test.c: a run takes no memory from anybody. This file replaces malloc and mmap for
// the whole test program and counts them.
#include "runtime/parameters.h"
#include "test/harness/harness.h"
#include "test/harness/sample_program.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long taken; // allocations so far, in any thread

#define REPLACES __attribute__((visibility("default"))) // also for the libraries

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
// The sanitizer's own malloc tells us.
REPLACES void __sanitizer_malloc_hook(const volatile void *memory, size_t bytes);
REPLACES void __sanitizer_malloc_hook(const volatile void *memory, size_t bytes) {
  (void)memory, (void)bytes;
  ++taken;
}
#else
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *memory, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);

REPLACES void *malloc(size_t bytes) { return ++taken, __libc_malloc(bytes); }
REPLACES void *calloc(size_t count, size_t bytes) { return ++taken, __libc_calloc(count, bytes); }
REPLACES void *realloc(void *memory, size_t bytes) {
  return ++taken, __libc_realloc(memory, bytes);
}
REPLACES void *aligned_alloc(size_t alignment, size_t bytes) {
  return ++taken, __libc_memalign(alignment, bytes);
}
REPLACES int posix_memalign(void **out, size_t alignment, size_t bytes) {
  return ++taken, (*out = __libc_memalign(alignment, bytes)) ? 0 : 12;
}
REPLACES void *mmap(void *address, size_t bytes, int protection, int flags, int file,
                    off_t offset) {
  ++taken;
  // The kernel answers errors as syscall() does: -1 and errno.
  return (void *)syscall(SYS_mmap, address, bytes, protection, flags, file, offset); // NOLINT
}
#endif

typedef struct setting {
  mth_program *program;
  mth_parameters *parameters;
  mth_call *call;
} setting;

static bool open_setting(setting *s, size_t threads) {
  const mth_program_source source = {.struct_bytes = sizeof source, .desc = &sample_program};
  const mth_call_options options = {.struct_bytes = sizeof options, .thread_count = threads};
  return mth_program_create(&source, &s->program) == MTH_OK &&
         mth_parameters_create(s->program, NULL, &s->parameters) == MTH_OK &&
         mth_call_create(s->program, "evaluate", &options, &s->call) == MTH_OK &&
         mth_parameters_bind(s->parameters, s->call) == MTH_OK;
}

static void close_setting(setting *s) {
  mth_call_destroy(s->call);
  mth_parameters_destroy(s->parameters);
  mth_program_destroy(s->program);
}

#if !__has_feature(thread_sanitizer) // its posix_memalign does not call the hook
TEST(no_allocation, the_counter_sees_the_librarys_allocations) {
  const long before = taken;
  void *memory = mth_allocate(mth_default_allocator(), 1, 100);
  EXPECT(taken > before);
  mth_release(mth_default_allocator(), memory);
}
#endif

TEST(no_allocation, a_run_takes_no_memory_with_any_number_of_threads) {
  enum { rows = 500 };
  static float input_data[rows * 3], mask_data[rows];
  for (size_t threads = 1; threads <= 2; ++threads) {
    setting s = {0};
    ASSERT(open_setting(&s, threads));
    int64_t input_shape[] = {rows, 3}, mask_shape[] = {rows};
    const DLTensor input = mth_tensor_make(MTH_F32, 2, input_shape, input_data);
    const DLTensor mask = mth_tensor_make(MTH_F32, 1, mask_shape, mask_data);
    ASSERT(mth_call_bind(s.call, "input", &input) == MTH_OK);
    ASSERT(mth_call_bind(s.call, "mask", &mask) == MTH_OK);
    ASSERT(mth_call_run(s.call) == MTH_OK);
    const long before = taken;
    for (int64_t i = 0; i < 100; ++i) {
      input_shape[0] = mask_shape[0] = rows - i; // smaller shapes fit
      const DLTensor *output;
      const mth_status status = mth_call_run(s.call);
      if (status != MTH_OK || mth_call_output(s.call, "output", &output) != MTH_OK) break;
    }
    const long after = taken;
    EXPECT_INT(input_shape[0], rows - 99);
    EXPECT_INT(after - before, 0);
    close_setting(&s);
  }
}

TEST(no_allocation, a_refused_run_takes_no_memory) {
  setting s = {0};
  ASSERT(open_setting(&s, 1));
  const long before = taken;
  const mth_status status = mth_call_run(s.call);
  EXPECT_INT(taken - before, 0);
  EXPECT(status == MTH_INVALID);
  close_setting(&s);
}
