// RUN: mithril-opt %s -split-input-file -verify-diagnostics -pass-pipeline='builtin.module(differentiate,drop-models)' | FileCheck %s

mithril.model @product(%a: tensor<4xf32> {mithril.port = "a"}, %b: tensor<4xf32> {mithril.port = "b"})
    -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.multiply %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// CHECK-LABEL: mithril.entry @gradient_of_one_side
// CHECK-SAME:    %[[A:[^:]*]]: {{[^,]*}}, %[[B:[^:]*]]: {{[^,]*}}, %[[G:[^:]*]]:
// CHECK-NEXT:    %[[DA:.*]] = mithril.multiply %[[G]], %[[B]]
// CHECK-NEXT:    mithril.return %[[DA]]
mithril.entry @gradient_of_one_side(%a: tensor<4xf32> {mithril.port = "a"}, %b: tensor<4xf32> {mithril.port = "b"},
    %g: tensor<4xf32> {mithril.port = "g"}) -> (tensor<4xf32> {mithril.port = "da"}) {
  %0:2 = mithril.gradient @product (%a, %b) of [0] cotangents (%g) wrt [0]
      : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#1 : tensor<4xf32>
}

// CHECK-LABEL: mithril.entry @one_tensor_for_two_arguments_has_two_gradients
// CHECK-SAME:    %[[A:[^:]*]]: {{[^,]*}}, %[[G:[^:]*]]:
// CHECK-NEXT:    %[[Y:.*]] = mithril.multiply %[[A]], %[[A]]
// CHECK-NEXT:    %[[DA:.*]] = mithril.multiply %[[G]], %[[A]]
// CHECK-NEXT:    %[[DB:.*]] = mithril.multiply %[[G]], %[[A]]
// CHECK-NEXT:    mithril.return %[[Y]], %[[DA]], %[[DB]]
mithril.entry @one_tensor_for_two_arguments_has_two_gradients(%a: tensor<4xf32> {mithril.port = "a"},
    %g: tensor<4xf32> {mithril.port = "g"})
    -> (tensor<4xf32> {mithril.port = "y"}, tensor<4xf32> {mithril.port = "da"}, tensor<4xf32> {mithril.port = "db"}) {
  %0:3 = mithril.gradient @product (%a, %a) of [0] cotangents (%g) wrt [0, 1]
      : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#0, %0#1, %0#2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// A value with two users: its cotangents are added.
mithril.model @used_twice(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = mithril.negate %0 : (tensor<4xf32>) -> tensor<4xf32>
  %2 = mithril.add %0, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  mithril.return %2 : tensor<4xf32>
}
// CHECK-LABEL: mithril.entry @cotangents_of_two_users_are_added
// CHECK-SAME:    %[[X:[^:]*]]: {{[^,]*}}, %[[G:[^:]*]]:
// CHECK:         %[[E:.*]] = mithril.exp %[[X]]
// CHECK:         %[[N:.*]] = mithril.negate %[[G]]
// CHECK:         %[[S:.*]] = mithril.add %[[G]], %[[N]]
// CHECK:         mithril.multiply %[[S]], %[[E]]
mithril.entry @cotangents_of_two_users_are_added(%x: tensor<4xf32> {mithril.port = "x"}, %g: tensor<4xf32> {mithril.port = "g"})
    -> (tensor<4xf32> {mithril.port = "dx"}) {
  %0:2 = mithril.gradient @used_twice (%x) of [0] cotangents (%g) wrt [0]
      : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#1 : tensor<4xf32>
}

// -----

mithril.model @stopped(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.stop_gradient %x : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}
// CHECK-LABEL: mithril.entry @nothing_arrives_gives_zeros
// CHECK:         %[[Z:.*]] = mithril.constant dense<0.0{{.*}}> : tensor<f32>
// CHECK:         %[[B:.*]] = mithril.broadcast_to %[[Z]]
// CHECK:         mithril.return %[[B]]
mithril.entry @nothing_arrives_gives_zeros(%x: tensor<4xf32> {mithril.port = "x"}, %g: tensor<4xf32> {mithril.port = "g"})
    -> (tensor<4xf32> {mithril.port = "dx"}) {
  %0:2 = mithril.gradient @stopped (%x) of [0] cotangents (%g) wrt [0]
      : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#1 : tensor<4xf32>
}

// -----

// An op without a gradient of its own is expanded first, and only where `wrt` reaches it.
mithril.model @error(%x: tensor<4xf32> {mithril.port = "x"}, %t: tensor<4xf32> {mithril.port = "t"})
    -> (tensor<4xf32> {mithril.port = "y"}, tensor<4xf32> {mithril.port = "z"}) {
  %0 = mithril.squared_error %x, %t : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = mithril.squared_error %t, %t : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0, %1 : tensor<4xf32>, tensor<4xf32>
}
// CHECK-LABEL: mithril.entry @expands_only_on_the_way
// CHECK:         mithril.subtract
// CHECK:         mithril.squared_error
// CHECK-NOT:     mithril.squared_error
mithril.entry @expands_only_on_the_way(%x: tensor<4xf32> {mithril.port = "x"}, %t: tensor<4xf32> {mithril.port = "t"},
    %g: tensor<4xf32> {mithril.port = "g"})
    -> (tensor<4xf32> {mithril.port = "y"}, tensor<4xf32> {mithril.port = "z"}, tensor<4xf32> {mithril.port = "dx"}) {
  %0:3 = mithril.gradient @error (%x, %t) of [0] cotangents (%g) wrt [0]
      : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#0, %0#1, %0#2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// The gradient of a gradient: ordinary ops are differentiated again.
mithril.model @cube(%x: tensor<f32> {mithril.port = "x"}) -> (tensor<f32> {mithril.port = "y"}) {
  %0 = mithril.multiply %x, %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %1 = mithril.multiply %0, %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
  mithril.return %1 : tensor<f32>
}
mithril.model @slope(%x: tensor<f32> {mithril.port = "x"}, %one: tensor<f32> {mithril.port = "one"}) -> (tensor<f32> {mithril.port = "dy"}) {
  %0:2 = mithril.gradient @cube (%x) of [0] cotangents (%one) wrt [0] : (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  mithril.return %0#1 : tensor<f32>
}
// CHECK-LABEL: mithril.entry @gradient_of_a_gradient
// CHECK-NOT:     mithril.gradient
// CHECK:         mithril.multiply
// CHECK:         mithril.return
mithril.entry @gradient_of_a_gradient(%x: tensor<f32> {mithril.port = "x"}, %one: tensor<f32> {mithril.port = "one"}) -> (tensor<f32> {mithril.port = "ddy"}) {
  %0:2 = mithril.gradient @slope (%x, %one) of [0] cotangents (%one) wrt [0]
      : (tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  mithril.return %0#1 : tensor<f32>
}

// -----

mithril.model @indices(%x: tensor<4xi64> {mithril.port = "x"}) -> (tensor<4xi64> {mithril.port = "y"}) {
  mithril.return %x : tensor<4xi64>
}
mithril.entry @integers_have_no_gradient(%x: tensor<4xi64> {mithril.port = "x"}) -> (tensor<4xi64> {mithril.port = "y"}) {
  // expected-error @+1 {{argument 0 holds no floats, so it has no gradient}}
  %0:2 = mithril.gradient @indices (%x) of [0] cotangents (%x) wrt [0]
      : (tensor<4xi64>, tensor<4xi64>) -> (tensor<4xi64>, tensor<4xi64>)
  mithril.return %0#1 : tensor<4xi64>
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
mithril.entry @of_a_result_before_the_first(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{'of' lists result -1 of 1}}
  %0:2 = mithril.gradient @m (%x) of [-1] cotangents (%x) wrt [0]
      : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#1 : tensor<4xf32>
}

// -----

mithril.model @m(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<4xf32>
}
mithril.entry @of_a_result_past_the_last(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{'of' lists result 1 of 1}}
  %0:2 = mithril.gradient @m (%x) of [1] cotangents (%x) wrt [0]
      : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#1 : tensor<4xf32>
}

// -----

mithril.model @m(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<4xf32>
}
mithril.entry @a_cotangent_of_another_type(%x: tensor<4xf32> {mithril.port = "x"}, %g: tensor<5xf32> {mithril.port = "g"})
    -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{cotangent 0 has another type than result 0}}
  %0:2 = mithril.gradient @m (%x) of [0] cotangents (%g) wrt [0]
      : (tensor<4xf32>, tensor<5xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#1 : tensor<4xf32>
}

// -----

// What no argument of `wrt` reaches is left as it is, however long the way to it.
mithril.model @aside(%x: tensor<4xf32> {mithril.port = "x"}, %t: tensor<4xf32> {mithril.port = "t"})
    -> (tensor<4xf32> {mithril.port = "y"}, tensor<4xf32> {mithril.port = "z"}) {
  %0 = mithril.exp %t : (tensor<4xf32>) -> tensor<4xf32>
  %1 = mithril.squared_error %0, %t : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %2 = mithril.negate %x : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %2, %1 : tensor<4xf32>, tensor<4xf32>
}
// CHECK-LABEL: mithril.entry @leaves_what_is_aside
// CHECK:         mithril.squared_error
mithril.entry @leaves_what_is_aside(%x: tensor<4xf32> {mithril.port = "x"}, %t: tensor<4xf32> {mithril.port = "t"},
    %g: tensor<4xf32> {mithril.port = "g"})
    -> (tensor<4xf32> {mithril.port = "y"}, tensor<4xf32> {mithril.port = "z"}, tensor<4xf32> {mithril.port = "dx"}) {
  %0:3 = mithril.gradient @aside (%x, %t) of [0] cotangents (%g) wrt [0]
      : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#0, %0#1, %0#2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// Nothing comes back through one of two ways.
mithril.model @half_stopped(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.stop_gradient %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = mithril.multiply %x, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  mithril.return %1 : tensor<4xf32>
}
// CHECK-LABEL: mithril.entry @what_does_not_arrive_is_not_added
// CHECK-SAME:    %[[X:[^:]*]]: {{[^,]*}}, %[[G:[^:]*]]:
// CHECK-NEXT:    %[[S:.*]] = mithril.stop_gradient %[[X]]
// CHECK-NEXT:    %[[D:.*]] = mithril.multiply %[[G]], %[[S]]
// CHECK-NEXT:    mithril.return %[[D]]
mithril.entry @what_does_not_arrive_is_not_added(%x: tensor<4xf32> {mithril.port = "x"}, %g: tensor<4xf32> {mithril.port = "g"})
    -> (tensor<4xf32> {mithril.port = "dx"}) {
  %0:2 = mithril.gradient @half_stopped (%x) of [0] cotangents (%g) wrt [0]
      : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#1 : tensor<4xf32>
}
