// RUN: mithril-opt %s --pack-contractions --simplify | FileCheck %s
// RUN: mithril-opt %s --pack-contractions="f32-mr=6 f32-nr=16" | FileCheck %s --check-prefix=TILE

// CHECK-LABEL: mithril.entry @a_transpose_is_read_through
// CHECK-NOT:     mithril.transpose
// CHECK-DAG:     %[[X:.*]] = mithril.pack %{{.*}} {axes = array<i64: 0, 1>, tile = 14 : i64}
// CHECK-SAME:      -> tensor<1x8x14xf32>
// CHECK-DAG:     %[[W:.*]] = mithril.pack %{{.*}} {axes = array<i64: 0, 1>, tile = 32 : i64}
// CHECK-SAME:      -> tensor<2x8x32xf32>
// CHECK:         mithril.matmul_packed %[[X]], %[[W]] {shape = [4, 64]}
// TILE-LABEL:  mithril.entry @a_transpose_is_read_through
// TILE-DAG:      tile = 6
// TILE-DAG:      tile = 16
mithril.entry @a_transpose_is_read_through(%x: tensor<4x8xf32> {mithril.port = "x"},
    %w: tensor<64x8xf32> {mithril.port = "w"}) -> (tensor<4x64xf32> {mithril.port = "y"}) {
  %t = mithril.transpose %w : (tensor<64x8xf32>) -> tensor<8x64xf32>
  %y = mithril.matmul %x, %t : (tensor<4x8xf32>, tensor<8x64xf32>) -> tensor<4x64xf32>
  mithril.return %y : tensor<4x64xf32>
}

// CHECK-LABEL: mithril.entry @a_shared_operand_is_packed_once
// CHECK:         tile = 14
// CHECK-NOT:     tile = 14
// CHECK:         mithril.return
mithril.entry @a_shared_operand_is_packed_once(%x: tensor<4x8xf32> {mithril.port = "x"},
    %v: tensor<8x16xf32> {mithril.port = "v"}, %w: tensor<8x32xf32> {mithril.port = "w"})
    -> (tensor<4x16xf32> {mithril.port = "y"}, tensor<4x32xf32> {mithril.port = "z"}) {
  %y = mithril.matmul %x, %v : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  %z = mithril.matmul %x, %w : (tensor<4x8xf32>, tensor<8x32xf32>) -> tensor<4x32xf32>
  mithril.return %y, %z : tensor<4x16xf32>, tensor<4x32xf32>
}

// A batch axis of one operand alone is not copied.
// CHECK-LABEL: mithril.entry @batch_axes_broadcast_unpacked
// CHECK-DAG:     (tensor<?x4x8xf64, ["B"]>) -> tensor<?x1x8x14xf64, ["B"]>
// CHECK-DAG:     (tensor<8x5xf64>) -> tensor<1x8x16xf64>
// CHECK:         mithril.matmul_packed
// CHECK-SAME:      -> tensor<?x4x5xf64, ["B"]>
mithril.entry @batch_axes_broadcast_unpacked(%x: tensor<?x4x8xf32, ["B"]> {mithril.port = "x"},
    %w: tensor<8x5xf64> {mithril.port = "w"}) -> (tensor<?x4x5xf64, ["B"]> {mithril.port = "y"}) {
  %d = mithril.cast %x {dtype = f64} : (tensor<?x4x8xf32, ["B"]>) -> tensor<?x4x8xf64, ["B"]>
  %y = mithril.matmul %d, %w : (tensor<?x4x8xf64, ["B"]>, tensor<8x5xf64>) -> tensor<?x4x5xf64, ["B"]>
  mithril.return %y : tensor<?x4x5xf64, ["B"]>
}

// Panels are as wide as of floats with as many bits.
// CHECK-LABEL: mithril.entry @integers_are_packed_too
// CHECK-DAG:     (tensor<4x8xi64>) -> tensor<1x8x14xi64>
// CHECK-DAG:     (tensor<8x5xi64>) -> tensor<1x8x16xi64>
// CHECK-DAG:     (tensor<8x5xi32>) -> tensor<1x8x32xi32>
// CHECK:         mithril.return
mithril.entry @integers_are_packed_too(%x: tensor<4x8xi64> {mithril.port = "x"},
    %w: tensor<8x5xi64> {mithril.port = "w"}, %a: tensor<4x8xi32> {mithril.port = "a"},
    %b: tensor<8x5xi32> {mithril.port = "b"})
    -> (tensor<4x5xi64> {mithril.port = "y"}, tensor<4x5xi32> {mithril.port = "z"}) {
  %y = mithril.matmul %x, %w : (tensor<4x8xi64>, tensor<8x5xi64>) -> tensor<4x5xi64>
  %z = mithril.matmul %a, %b : (tensor<4x8xi32>, tensor<8x5xi32>) -> tensor<4x5xi32>
  mithril.return %y, %z : tensor<4x5xi64>, tensor<4x5xi32>
}

// CHECK-LABEL: mithril.entry @what_is_no_contraction_stays
// CHECK:         mithril.multiply
// CHECK-NOT:     mithril.pack
// CHECK:         mithril.return
mithril.entry @what_is_no_contraction_stays(%x: tensor<4x8xf32> {mithril.port = "x"})
    -> (tensor<4x8xf32> {mithril.port = "y"}) {
  %y = mithril.multiply %x, %x : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  mithril.return %y : tensor<4x8xf32>
}
