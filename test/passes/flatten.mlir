// RUN: mithril-opt %s -split-input-file -verify-diagnostics -pass-pipeline="builtin.module(flatten)" -mlir-print-debuginfo | FileCheck %s

mithril.model @inner(%a: tensor<?x4xf32, ["B"]> {mithril.port = "a"})
    -> (tensor<?x4xf32, ["B"]> {mithril.port = "y"}) {
  %0 = mithril.relu %a : (tensor<?x4xf32, ["B"]>) -> tensor<?x4xf32, ["B"]>
  mithril.return %0 : tensor<?x4xf32, ["B"]>
}
mithril.model @outer(%x: tensor<?x4xf32, ["N"]> {mithril.port = "x"})
    -> (tensor<?x4xf32, ["N"]> {mithril.port = "y"}) {
  %0 = mithril.instance @inner "layer_0" (%x) : (tensor<?x4xf32, ["N"]>) -> tensor<?x4xf32, ["N"]>
  mithril.return %0 : tensor<?x4xf32, ["N"]>
}

// CHECK-LABEL: mithril.entry @symbols_become_the_dims_of_operands
// CHECK-NEXT:    mithril.relu %{{.*}} : (tensor<8x4xf32>) -> tensor<8x4xf32> loc([[PLACE:#.*]])
// CHECK-NEXT:    mithril.return
mithril.entry @symbols_become_the_dims_of_operands(%x: tensor<8x4xf32> {mithril.port = "x"})
    -> (tensor<8x4xf32> {mithril.port = "y"}) {
  %0 = mithril.instance @outer "encoder" (%x) : (tensor<8x4xf32>) -> tensor<8x4xf32>
  mithril.return %0 : tensor<8x4xf32>
}

// CHECK-LABEL: mithril.entry @an_operand_not_inferred_unties_symbols
// CHECK-NEXT:    mithril.relu %{{.*}} : (tensor<*xf32>) -> tensor<?x4xf32>
mithril.entry @an_operand_not_inferred_unties_symbols(%x: tensor<*xf32> {mithril.port = "x"})
    -> (tensor<*xf32> {mithril.port = "y"}) {
  %0 = mithril.instance @inner "i" (%x) : (tensor<*xf32>) -> tensor<*xf32>
  mithril.return %0 : tensor<*xf32>
}

// CHECK-DAG: [[ENCODER:#.*]] = loc("encoder"(
// CHECK-DAG: [[LAYER:#.*]] = loc("layer_0"(
// CHECK-DAG: [[INNER:#.*]] = loc(callsite({{#.*}} at [[LAYER]]))
// CHECK-DAG: [[PLACE]] = loc(callsite([[INNER]] at [[ENCODER]]))

// -----

mithril.model @m(%a: tensor<4xf32> {mithril.port = "a"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %a : tensor<4xf32>
}
mithril.model @loss(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.instance @m "m" (%x) : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}
// CHECK-LABEL: mithril.entry @gradients_stay
// CHECK-NEXT:    mithril.gradient @loss
mithril.entry @gradients_stay(%x: tensor<4xf32> {mithril.port = "x"})
    -> (tensor<4xf32> {mithril.port = "g"}) {
  %0:2 = mithril.gradient @loss (%x) of [0] cotangents (%x) wrt [0]
      : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#1 : tensor<4xf32>
}

// -----

mithril.model @a(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.instance @b "b" (%x) : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}
mithril.model @b(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{model 'a' contains itself}}
  %0 = mithril.instance @a "a" (%x) : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----

mithril.entry @unknown_model(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{there is no model 'nowhere'}}
  %0 = mithril.instance @nowhere "n" (%x) : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----

mithril.model @square(%a: tensor<?x?xf32, ["N", "N"]> {mithril.port = "a"})
    -> (tensor<?x?xf32, ["N", "N"]> {mithril.port = "y"}) {
  mithril.return %a : tensor<?x?xf32, ["N", "N"]>
}
mithril.entry @dims_that_do_not_fit(%x: tensor<2x3xf32> {mithril.port = "x"}) -> (tensor<2x3xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{model 'square' wants NxNxf32 for 'a', found 2x3xf32}}
  %0 = mithril.instance @square "s" (%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  mithril.return %0 : tensor<2x3xf32>
}

// -----

mithril.model @m(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<4xf32>
}
mithril.entry @another_number_of_results(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{the model returns 1 values, the instance has 2 results}}
  %0:2 = mithril.instance @m "m" (%x) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#0 : tensor<4xf32>
}
