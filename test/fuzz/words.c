// words.c: mutations by words and lines.
#include "test/fuzz/words.h"

#include <stdbool.h>
#include <string.h>

// clang-format off: as many words in a line as fit
static const char *const known[] = {
    "0", "1", "2", "3", "4", "5", "7", "8", "16", "63", "64", "1025", "65537", "-1", "-2",
    "2147483648", "4611686018427387904", "9223372036854775807", "-9223372036854775808",
    "18446744073709551616", "1.0", "-0.0", "1e309", "0x7F800000", "true", "false", "unit",
    "f16", "bf16", "f32", "f64", "i1", "i8", "i32", "i64", "index", "none", "i3", "f80",
    "tensor<f32>", "tensor<*xf32>", "tensor<?xf32>", "tensor<?x?xf32, [\"T\", \"2*T\"]>",
    "tensor<0x4xf32>", "tensor<4xi1>", "tensor<1xi64>", "tensor<4x4xf64>", "memref<4xf32>",
    "vector<4xf32>", "tuple<>", "complex<f32>", "!llvm.ptr", "()", "(tensor<4xf32>)",
    "\"T\"", "\"T + 1\"", "\"T // 2\"", "\"T mod 3\"", "\"min(T, 4)\"", "\"max(T, B)\"", "\"?0\"",
    "\"\"", "\"state\"", "\"normal\"", "\"uniform\"", "\"constant\"", "\"x\"", "\"y\"", "\"w\"",
    "array<i64>", "array<i64: 0>", "array<i64: 1, 0>", "array<i64: -1>", "array<i32: 0>", "[]",
    "[0]", "[4]", "[\"T\"]", "[1.0]", "[\"T\", 4]", "dense<1.0>", "dense<>", "dense<[1, 2]>",
    "dense_resource<blob>", "sparse<[[0]], [1.0]>", "dense<\"0x00\">", "@m", "@x", "%0", "%1", "%x",
    "loc(unknown)", "loc(\"a\":1:2)", "{}", "{-#", "#-}", "axis", "axes", "keepdim", "shape",
    "start", "size", "step", "low", "high", "dtype", "eps", "stream", "approximate", "tile", "of",
    "wrt", "cotangents", "attributes", "private", "sym_visibility", "function_type", "symbols",
    "mithril.port", "mithril.role", "mithril.init", "mithril.init_a", "mithril.init_b",
    "mithril.model", "mithril.entry", "mithril.kernel", "mithril.return", "mithril.instance",
    "mithril.gradient", "mithril.launch", "mithril.constant", "mithril.custom", "module",
    "builtin.module", "builtin.unrealized_conversion_cast", "arith.constant", "func.func",
    "mithril.add", "mithril.subtract", "mithril.multiply", "mithril.divide", "mithril.power",
    "mithril.maximum", "mithril.equal", "mithril.less", "mithril.logical_and", "mithril.where",
    "mithril.negate", "mithril.exp", "mithril.log", "mithril.sqrt", "mithril.abs", "mithril.sign",
    "mithril.tanh", "mithril.sigmoid", "mithril.relu", "mithril.erf", "mithril.sin",
    "mithril.stop_gradient", "mithril.logical_not", "mithril.gelu", "mithril.cast",
    "mithril.squared_error", "mithril.atleast_1d", "mithril.element_count",
    "mithril.polynomial_features", "mithril.sum", "mithril.mean", "mithril.reduce_max",
    "mithril.reduce_min", "mithril.reshape", "mithril.transpose", "mithril.slice",
    "mithril.broadcast_to", "mithril.concat", "mithril.pad", "mithril.matmul", "mithril.pack",
    "mithril.matmul_packed", "mithril.gather", "mithril.scatter_add", "mithril.softmax",
    "mithril.log_softmax", "mithril.layer_norm", "mithril.cross_entropy", "mithril.iota",
    "mithril.random_normal", "mithril.random_uniform", "mithril.dim_values",
    "mithril.windows", "mithril.convolution", "mithril.flatten_axes", "mithril.squeeze",
    "mithril.swap_axes", "mithril.split_part", "mithril.buffer", "mithril.log1p",
    "mithril.floor", "mithril.square", "mithril.softplus", "mithril.leaky_relu",
    "mithril.clamp", "mithril.stable_reciprocal", "mithril.prod", "mithril.variance",
    "mithril.arg_max", "mithril.pick", "mithril.one_hot", "mithril.along_axis",
    "mithril.hinge_loss", "mithril.quantile_loss", "mithril.kl_divergence",
    "mithril.binary_cross_entropy", "mithril.binary_cross_entropy_with_logits",
    "mithril.class_weights"};
// clang-format on

typedef struct piece {
  size_t begin, end;
} piece;

// Marsaglia 2003, "Xorshift RNGs", the triple (13, 17, 5).
static size_t draw(uint32_t *state, size_t count) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state % count;
}

static bool is_in_word(uint8_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c && strchr("_.%@$-\"", c));
}

// The word at `at` or after it; an empty piece at the end if there is none.
static piece find_word(const uint8_t *data, size_t byte_count, size_t at) {
  while (at > 0 && is_in_word(data[at - 1]))
    --at;
  while (at < byte_count && !is_in_word(data[at]))
    ++at;
  piece found = {at, at};
  while (found.end < byte_count && is_in_word(data[found.end]))
    ++found.end;
  return found;
}

static piece find_line(const uint8_t *data, size_t byte_count, size_t at) {
  piece found = {at, at};
  while (found.begin > 0 && data[found.begin - 1] != '\n')
    --found.begin;
  while (found.end < byte_count && data[found.end] != '\n')
    ++found.end;
  if (found.end < byte_count) ++found.end;
  return found;
}

// Puts `text`, which does not lie in `data`, where `old` was.
static size_t replace(uint8_t *data, size_t byte_count, size_t capacity, piece old,
                      const void *text, size_t text_bytes) {
  const size_t kept = byte_count - (old.end - old.begin);
  if (kept + text_bytes > capacity) return byte_count;
  memmove(data + old.begin + text_bytes, data + old.end, byte_count - old.end);
  memcpy(data + old.begin, text, text_bytes);
  return kept + text_bytes;
}

size_t mth_words_mutate(uint8_t *data, size_t byte_count, size_t capacity, unsigned seed) {
  uint32_t state = seed | 1;
  uint8_t copy[512];
  piece target = {0, 0}, source;
  if (byte_count) target = find_word(data, byte_count, draw(&state, byte_count));
  const size_t kind = draw(&state, 8);
  if (kind < 4 || byte_count == 0) { // a known word; or beside the one that is there
    const char *const word = known[draw(&state, sizeof known / sizeof known[0])];
    if (kind == 0) target.end = target.begin;
    return replace(data, byte_count, capacity, target, word, strlen(word));
  }
  const size_t elsewhere = draw(&state, byte_count);
  if (kind == 7) { // a line goes
    target = find_line(data, byte_count, elsewhere);
    return replace(data, byte_count, capacity, target, "", 0);
  }
  source =
      kind < 6 ? find_word(data, byte_count, elsewhere) : find_line(data, byte_count, elsewhere);
  if (source.end - source.begin > sizeof copy) return byte_count;
  memcpy(copy, data + source.begin, source.end - source.begin);
  if (kind == 6) { // a line comes again, elsewhere
    target = find_line(data, byte_count, target.begin);
    target.end = target.begin;
  }
  return replace(data, byte_count, capacity, target, copy, source.end - source.begin);
}
