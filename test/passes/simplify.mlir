// RUN: mithril-opt %s -simplify | FileCheck %s

// CHECK-LABEL: mithril.entry @dead_ops_go_and_their_arguments_stay_ports
// CHECK-SAME:    mithril.port = "unused"
// CHECK-NEXT:    mithril.return
mithril.entry @dead_ops_go_and_their_arguments_stay_ports(%x: tensor<4xf32> {mithril.port = "x"},
    %u: tensor<4xf32> {mithril.port = "unused"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.exp %u : (tensor<4xf32>) -> tensor<4xf32>
  %1 = mithril.relu %0 : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %x : tensor<4xf32>
}

// CHECK-LABEL: mithril.entry @equal_ops_become_one
// CHECK:         %[[E:.*]] = mithril.exp
// CHECK-NEXT:    mithril.add %[[E]], %[[E]]
mithril.entry @equal_ops_become_one(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = mithril.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  %2 = mithril.add %0, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  mithril.return %2 : tensor<4xf32>
}

// CHECK-LABEL: mithril.entry @ops_with_other_arguments_stay
// CHECK-COUNT-2: mithril.sum
mithril.entry @ops_with_other_arguments_stay(%x: tensor<4x4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.sum %x {axis = array<i64: 0>} : (tensor<4x4xf32>) -> tensor<4xf32>
  %1 = mithril.sum %x {axis = array<i64: 1>} : (tensor<4x4xf32>) -> tensor<4xf32>
  %2 = mithril.add %0, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  mithril.return %2 : tensor<4xf32>
}

// CHECK-LABEL: mithril.entry @a_neutral_operand_goes
// CHECK-NEXT:    mithril.return %arg0
mithril.entry @a_neutral_operand_goes(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %one = mithril.constant dense<1.0> : tensor<f32>
  %ones = mithril.broadcast_to %one {shape = [4]} : (tensor<f32>) -> tensor<4xf32>
  %zero = mithril.constant dense<0.0> : tensor<f32>
  %0 = mithril.multiply %ones, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = mithril.subtract %0, %zero : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %2 = mithril.divide %1, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  mithril.return %2 : tensor<4xf32>
}

// x + 0.0 is +0.0 where x is -0.0; x + -0.0 is x.
// CHECK-LABEL: mithril.entry @adding_plus_zero_to_floats_stays
// CHECK:         mithril.add
// CHECK-NEXT:    mithril.return
mithril.entry @adding_plus_zero_to_floats_stays(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %plus = mithril.constant dense<0.0> : tensor<f32>
  %minus = mithril.constant dense<-0.0> : tensor<f32>
  %0 = mithril.add %x, %plus : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = mithril.add %0, %minus : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  mithril.return %1 : tensor<4xf32>
}

// CHECK-LABEL: mithril.entry @adding_zero_to_integers_goes
// CHECK-NEXT:    mithril.return %arg0
mithril.entry @adding_zero_to_integers_goes(%x: tensor<4xi64> {mithril.port = "x"}) -> (tensor<4xi64> {mithril.port = "y"}) {
  %zero = mithril.constant dense<0> : tensor<i64>
  %0 = mithril.add %x, %zero : (tensor<4xi64>, tensor<i64>) -> tensor<4xi64>
  mithril.return %0 : tensor<4xi64>
}

// CHECK-LABEL: mithril.entry @a_neutral_operand_that_stretches_the_other_stays
// CHECK:         mithril.multiply
mithril.entry @a_neutral_operand_that_stretches_the_other_stays(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<3x4xf32> {mithril.port = "y"}) {
  %ones = mithril.constant dense<1.0> : tensor<3x4xf32>
  %0 = mithril.multiply %x, %ones : (tensor<4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  mithril.return %0 : tensor<3x4xf32>
}

// CHECK-LABEL: mithril.entry @twice_negated_is_itself_and_relu_needs_no_second
// CHECK-NEXT:    %[[R:.*]] = mithril.relu %arg0
// CHECK-NEXT:    mithril.return %[[R]]
mithril.entry @twice_negated_is_itself_and_relu_needs_no_second(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.negate %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = mithril.negate %0 : (tensor<4xf32>) -> tensor<4xf32>
  %2 = mithril.relu %1 : (tensor<4xf32>) -> tensor<4xf32>
  %3 = mithril.relu %2 : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %3 : tensor<4xf32>
}

// CHECK-LABEL: mithril.entry @views_of_views_are_one_view
// CHECK-NEXT:    %[[R:.*]] = mithril.reshape %arg0 {shape = [24]}
// CHECK-NEXT:    mithril.return %[[R]]
mithril.entry @views_of_views_are_one_view(%x: tensor<2x3x4xf32> {mithril.port = "x"}) -> (tensor<24xf32> {mithril.port = "y"}) {
  %0 = mithril.transpose %x {axes = array<i64: 2, 0, 1>} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  %1 = mithril.transpose %0 {axes = array<i64: 1, 2, 0>} : (tensor<4x2x3xf32>) -> tensor<2x3x4xf32>
  %2 = mithril.reshape %1 {shape = [6, 4]} : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
  %3 = mithril.reshape %2 {shape = [24]} : (tensor<6x4xf32>) -> tensor<24xf32>
  %4 = mithril.reshape %3 {shape = [24]} : (tensor<24xf32>) -> tensor<24xf32>
  mithril.return %4 : tensor<24xf32>
}

// CHECK-LABEL: mithril.entry @a_transpose_of_a_square_stays
// CHECK:         mithril.transpose
mithril.entry @a_transpose_of_a_square_stays(%x: tensor<4x4xf32> {mithril.port = "x"}) -> (tensor<4x4xf32> {mithril.port = "y"}) {
  %0 = mithril.transpose %x {axes = array<i64: 1, 0>} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  mithril.return %0 : tensor<4x4xf32>
}

// CHECK-LABEL: mithril.entry @numbers_are_computed
// CHECK-NEXT:    %[[C:.*]] = mithril.constant dense<6.0{{.*}}> : tensor<f32>
// CHECK-NEXT:    %[[B:.*]] = mithril.broadcast_to %[[C]]
// CHECK-NEXT:    mithril.return %[[B]]
mithril.entry @numbers_are_computed() -> (tensor<4xf32> {mithril.port = "y"}) {
  %two = mithril.constant dense<2.0> : tensor<4xf32>
  %one = mithril.constant dense<1.0> : tensor<f32>
  %0 = mithril.add %two, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = mithril.multiply %0, %two : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  mithril.return %1 : tensor<4xf32>
}

// CHECK-LABEL: mithril.entry @a_square_needs_no_power_and_a_known_condition_no_choice
// CHECK-NEXT:    %[[S:.*]] = mithril.multiply %arg0, %arg0
// CHECK-NEXT:    mithril.return %[[S]]
mithril.entry @a_square_needs_no_power_and_a_known_condition_no_choice(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %two = mithril.constant dense<2.0> : tensor<f32>
  %zero = mithril.constant dense<0.0> : tensor<f32>
  %0 = mithril.power %x, %two : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = mithril.equal %two, %zero : (tensor<f32>, tensor<f32>) -> tensor<i1>
  %2 = mithril.where %1, %zero, %0 : (tensor<i1>, tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  mithril.return %2 : tensor<4xf32>
}

// CHECK-LABEL: mithril.entry @a_power_of_another_number_stays
// CHECK:         mithril.power
mithril.entry @a_power_of_another_number_stays(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %half = mithril.constant dense<0.5> : tensor<f32>
  %0 = mithril.power %x, %half : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// CHECK-LABEL: mithril.entry @the_square_of_what_is_stretched_stays
// CHECK:         mithril.power
mithril.entry @the_square_of_what_is_stretched_stays(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<3x4xf32> {mithril.port = "y"}) {
  %two = mithril.constant dense<2.0> : tensor<3x4xf32>
  %0 = mithril.power %x, %two : (tensor<4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  mithril.return %0 : tensor<3x4xf32>
}

// CHECK-LABEL: mithril.entry @the_transpose_of_a_product_of_a_transpose_is_a_product
// CHECK-SAME:    %[[A:[^:]*]]: {{[^,]*}}, %[[B:[^:]*]]:
// CHECK-NEXT:    %[[T:.*]] = mithril.transpose %[[B]]
// CHECK-NEXT:    %[[P:.*]] = mithril.matmul %[[T]], %[[A]]
// CHECK-NEXT:    mithril.return %[[P]]
mithril.entry @the_transpose_of_a_product_of_a_transpose_is_a_product(%a: tensor<5x3xf32> {mithril.port = "a"},
    %b: tensor<5x2xf32> {mithril.port = "b"}) -> (tensor<2x3xf32> {mithril.port = "y"}) {
  %0 = mithril.transpose %a {axes = array<i64: 1, 0>} : (tensor<5x3xf32>) -> tensor<3x5xf32>
  %1 = mithril.matmul %0, %b : (tensor<3x5xf32>, tensor<5x2xf32>) -> tensor<3x2xf32>
  %2 = mithril.transpose %1 {axes = array<i64: 1, 0>} : (tensor<3x2xf32>) -> tensor<2x3xf32>
  mithril.return %2 : tensor<2x3xf32>
}

// CHECK-LABEL: mithril.entry @a_product_that_is_used_twice_stays
// CHECK:         mithril.matmul
// CHECK-NEXT:    mithril.transpose
// CHECK-NEXT:    mithril.return
mithril.entry @a_product_that_is_used_twice_stays(%a: tensor<5x3xf32> {mithril.port = "a"}, %b: tensor<5x3xf32> {mithril.port = "b"})
    -> (tensor<3x3xf32> {mithril.port = "y"}, tensor<3x3xf32> {mithril.port = "z"}) {
  %0 = mithril.transpose %a {axes = array<i64: 1, 0>} : (tensor<5x3xf32>) -> tensor<3x5xf32>
  %1 = mithril.matmul %0, %b : (tensor<3x5xf32>, tensor<5x3xf32>) -> tensor<3x3xf32>
  %2 = mithril.transpose %1 {axes = array<i64: 1, 0>} : (tensor<3x3xf32>) -> tensor<3x3xf32>
  mithril.return %1, %2 : tensor<3x3xf32>, tensor<3x3xf32>
}

// CHECK-LABEL: mithril.entry @a_map_stretches_its_operands_itself
// CHECK-NEXT:    mithril.add %arg0, %arg1
// CHECK-NEXT:    mithril.return
mithril.entry @a_map_stretches_its_operands_itself(%x: tensor<3x4xf32> {mithril.port = "x"}, %b: tensor<4xf32> {mithril.port = "b"}) -> (tensor<3x4xf32> {mithril.port = "y"}) {
  %0 = mithril.broadcast_to %b {shape = [3, 4]} : (tensor<4xf32>) -> tensor<3x4xf32>
  %1 = mithril.add %x, %0 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  mithril.return %1 : tensor<3x4xf32>
}

// CHECK-LABEL: mithril.entry @one_operand_keeps_the_shape_of_the_result
// CHECK-NEXT:    %[[B:.*]] = mithril.broadcast_to %arg1
// CHECK-NEXT:    mithril.add %arg0, %[[B]]
mithril.entry @one_operand_keeps_the_shape_of_the_result(%a: tensor<4xf32> {mithril.port = "a"}, %b: tensor<4xf32> {mithril.port = "b"}) -> (tensor<3x4xf32> {mithril.port = "y"}) {
  %0 = mithril.broadcast_to %a {shape = [3, 4]} : (tensor<4xf32>) -> tensor<3x4xf32>
  %1 = mithril.broadcast_to %b {shape = [3, 4]} : (tensor<4xf32>) -> tensor<3x4xf32>
  %2 = mithril.add %0, %1 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  mithril.return %2 : tensor<3x4xf32>
}

// -----

// Numbers are doubles: they would not hold all integers.
// CHECK-LABEL: mithril.entry @integers_are_not_computed
// CHECK:         mithril.add
mithril.entry @integers_are_not_computed() -> (tensor<i64> {mithril.port = "y"}) {
  %a = mithril.constant dense<9007199254740993> : tensor<i64>
  %b = mithril.constant dense<2> : tensor<i64>
  %0 = mithril.add %a, %b : (tensor<i64>, tensor<i64>) -> tensor<i64>
  mithril.return %0 : tensor<i64>
}
