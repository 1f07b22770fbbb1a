// RUN: mithril-opt %s | mithril-opt | FileCheck %s

// CHECK-LABEL: mithril.entry @symbolic_dims_survive
// CHECK-SAME:    tensor<?x128xf32, ["T"]> {mithril.port = "x"}
// CHECK:         mithril.matmul
mithril.entry @symbolic_dims_survive(%x: tensor<?x128xf32, ["T"]> {mithril.port = "x"},
    %w: tensor<128x64xf32> {mithril.port = "w"}) -> (tensor<?x64xf32, ["T"]> {mithril.port = "y"}) {
  %0 = mithril.matmul %x, %w : (tensor<?x128xf32, ["T"]>, tensor<128x64xf32>) -> tensor<?x64xf32, ["T"]>
  %1 = mithril.relu %0 : (tensor<?x64xf32, ["T"]>) -> tensor<?x64xf32, ["T"]>
  mithril.return %1 : tensor<?x64xf32, ["T"]>
}
