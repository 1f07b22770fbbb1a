// RUN: mithril-opt %s -split-input-file -verify-diagnostics -infer | FileCheck %s

// CHECK-LABEL: mithril.entry @declared_names_reach_results
// CHECK-SAME:    -> (tensor<?x8xf32, ["B"]> {mithril.port = "y"})
// CHECK:         mithril.matmul {{.*}} -> tensor<?x8xf32, ["B"]>
// CHECK:         mithril.relu {{.*}} -> tensor<?x8xf32, ["B"]>
mithril.entry @declared_names_reach_results(%x: tensor<?x4xf32, ["B"]> {mithril.port = "x"},
    %w: tensor<4x8xf32> {mithril.port = "w"}) -> (tensor<*xf32> {mithril.port = "y"}) {
  %0 = mithril.matmul %x, %w : (tensor<?x4xf32, ["B"]>, tensor<4x8xf32>) -> tensor<*xf32>
  %1 = mithril.relu %0 : (tensor<*xf32>) -> tensor<?x?xf32>
  mithril.return %1 : tensor<?x?xf32>
}

// CHECK-LABEL: mithril.entry @a_dim_without_a_name_becomes_a_symbol
// CHECK-SAME:    %{{.*}}: tensor<?x4xf32, ["[[S:[^"]*]]"]>
// CHECK:         mithril.exp {{.*}} -> tensor<?x4xf32, ["[[S]]"]>
mithril.entry @a_dim_without_a_name_becomes_a_symbol(%x: tensor<?x4xf32> {mithril.port = "x"})
    -> (tensor<?x4xf32> {mithril.port = "y"}) {
  %0 = mithril.exp %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  mithril.return %0 : tensor<?x4xf32>
}

// -----

mithril.model @loss(%x: tensor<*xf32> {mithril.port = "x"}) -> (tensor<*xf32> {mithril.port = "y"}) {
  %0 = mithril.sum %x : (tensor<*xf32>) -> tensor<f32>
  mithril.return %0 : tensor<f32>
}
// CHECK-LABEL: mithril.entry @a_model_under_a_gradient_gets_its_types
// CHECK:         mithril.gradient @loss_0(%{{.*}}) of [0]
// CHECK-SAME:      -> (tensor<f32>, tensor<3x4xf32>)
mithril.entry @a_model_under_a_gradient_gets_its_types(%x: tensor<3x4xf32> {mithril.port = "x"},
    %one: tensor<f32> {mithril.port = "one"}) -> (tensor<?x?xf32> {mithril.port = "g"}) {
  %0:2 = mithril.gradient @loss (%x) of [0] cotangents (%one) wrt [0]
      : (tensor<3x4xf32>, tensor<f32>) -> (tensor<f32>, tensor<?x?xf32>)
  mithril.return %0#1 : tensor<?x?xf32>
}

// -----

// expected-error @+1 {{the rank of port 'x' is not known}}
mithril.entry @unknown_rank(%x: tensor<*xf32> {mithril.port = "x"}) -> (tensor<*xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<*xf32>
}

// -----

mithril.entry @contradiction(%x: tensor<?x4xf32> {mithril.port = "x"})
    -> (tensor<*xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{exp gives}}
  %0 = mithril.exp %x : (tensor<?x4xf32>) -> tensor<?x5xf32>
  mithril.return %0 : tensor<?x5xf32>
}

// -----

mithril.entry @unknown_model(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{there is no model 'nowhere'}}
  %0:2 = mithril.gradient @nowhere (%x) of [0] cotangents (%x) wrt [0]
      : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#1 : tensor<4xf32>
}

// -----

mithril.model @m(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<4xf32>
}
mithril.entry @a_gradient_for_each_of_wrt(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{has 1 results, wants 1 of the model and 1 gradients}}
  %0 = mithril.gradient @m (%x) of [0] cotangents (%x) wrt [0] : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----

mithril.model @loss(%x: tensor<3x4xf32> {mithril.port = "x"}) -> (tensor<f32> {mithril.port = "y"}) {
  %0 = mithril.sum %x : (tensor<3x4xf32>) -> tensor<f32>
  mithril.return %0 : tensor<f32>
}
// CHECK-LABEL: mithril.entry @a_model_that_fits_is_not_copied
// CHECK-NEXT:    mithril.gradient @loss(
mithril.entry @a_model_that_fits_is_not_copied(%x: tensor<3x4xf32> {mithril.port = "x"},
    %one: tensor<f32> {mithril.port = "one"}) -> (tensor<3x4xf32> {mithril.port = "g"}) {
  %0:2 = mithril.gradient @loss (%x) of [0] cotangents (%one) wrt [0]
      : (tensor<3x4xf32>, tensor<f32>) -> (tensor<f32>, tensor<3x4xf32>)
  mithril.return %0#1 : tensor<3x4xf32>
}
