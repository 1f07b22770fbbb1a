// RUN: mithril-opt %s -pass-pipeline='builtin.module(flatten,drop-models)' | FileCheck %s

// CHECK-NOT: @unused
// CHECK-NOT: @only_under_unused
mithril.model @unused(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "g"}) {
  %0:2 = mithril.gradient @only_under_unused (%x) of [0] cotangents (%x) wrt [0]
      : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#1 : tensor<4xf32>
}
mithril.model @only_under_unused(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<4xf32>
}

// CHECK: mithril.model @under_a_gradient_stays
mithril.model @under_a_gradient_stays(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<4xf32>
}

// CHECK: mithril.entry @f
mithril.entry @f(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "g"}) {
  %0:2 = mithril.gradient @under_a_gradient_stays (%x) of [0] cotangents (%x) wrt [0]
      : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#1 : tensor<4xf32>
}
