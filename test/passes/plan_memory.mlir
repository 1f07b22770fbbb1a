// RUN: mithril-opt %s --plan-memory --verify-plan --split-input-file --verify-diagnostics | FileCheck %s

!v = tensor<1000xf32>
!s = tensor<?x8xf32, ["T"]>

func.func private @map(%a: tensor<1000xf32>) -> tensor<1000xf32> {
  %0 = tensor.empty() : tensor<1000xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]} ins(%a : tensor<1000xf32>) outs(%0 : tensor<1000xf32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  } -> tensor<1000xf32>
  return %1 : tensor<1000xf32>
}

// w - g, g read at the same index.
func.func private @update(%w: tensor<1000xf32>, %g: tensor<1000xf32>) -> tensor<1000xf32> {
  %0 = tensor.empty() : tensor<1000xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]} ins(%w, %g : tensor<1000xf32>, tensor<1000xf32>) outs(%0 : tensor<1000xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %d = arith.subf %x, %y : f32
    linalg.yield %d : f32
  } -> tensor<1000xf32>
  return %1 : tensor<1000xf32>
}

func.func private @reverse(%w: tensor<1000xf32>) -> tensor<1000xf32> {
  %0 = tensor.empty() : tensor<1000xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i) -> (999 - i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]} ins(%w : tensor<1000xf32>) outs(%0 : tensor<1000xf32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  } -> tensor<1000xf32>
  return %1 : tensor<1000xf32>
}

// The second op reads the operand after the first has written the result.
func.func private @read_late(%w: tensor<1000xf32>) -> (tensor<1000xf32>, tensor<1000xf32>) {
  %0 = tensor.empty() : tensor<1000xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]} ins(%w : tensor<1000xf32>) outs(%0 : tensor<1000xf32>) {
  ^bb0(%x: f32, %y: f32):
    %d = arith.addf %x, %x : f32
    linalg.yield %d : f32
  } -> tensor<1000xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]} ins(%w : tensor<1000xf32>) outs(%0 : tensor<1000xf32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  } -> tensor<1000xf32>
  return %1, %2 : tensor<1000xf32>, tensor<1000xf32>
}

// The result's bytes hold the accumulator before the operand is read.
func.func private @accumulate(%w: tensor<1000xf32>) -> tensor<1000xf32> {
  %0 = tensor.empty() : tensor<1000xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%0 : tensor<1000xf32>) {
  ^bb0(%y: f32):
    %c = arith.constant 1.0 : f32
    linalg.yield %c : f32
  } -> tensor<1000xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]} ins(%w : tensor<1000xf32>) outs(%1 : tensor<1000xf32>) {
  ^bb0(%x: f32, %y: f32):
    %d = arith.addf %x, %y : f32
    linalg.yield %d : f32
  } -> tensor<1000xf32>
  return %2 : tensor<1000xf32>
}

func.func private @symbolic(%a: tensor<?x8xf32>, %d0: index) -> tensor<?x8xf32> {
  return %a : tensor<?x8xf32>
}

// Two tensors that live at different times share their bytes; those that meet do not.
// CHECK-LABEL: mithril.entry @dead_tensors_give_room
// CHECK-SAME:    mithril.workspace = 8064 : i64
// CHECK:         launch @map{{.*}}mithril.places = [{offset = [[A:0|4032]] : i64}]
// CHECK:         launch @map{{.*}}mithril.places = [{offset = [[B:0|4032]] : i64}]
// CHECK:         launch @map{{.*}}mithril.places = [{offset = [[A]] : i64}]
// CHECK:         launch @map{{.*}}mithril.places = [{port = "y"}]
mithril.entry @dead_tensors_give_room(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"}) {
  %0 = mithril.launch @map(%x) dims [] : (!v) -> !v
  %1 = mithril.launch @map(%0) dims [] : (!v) -> !v
  %2 = mithril.launch @map(%1) dims [] : (!v) -> !v
  %3 = mithril.launch @map(%2) dims [] : (!v) -> !v
  mithril.return %3 : !v
}

// A view is read when its source is: %0 must outlive %1.
// CHECK-LABEL: mithril.entry @views_share_bytes
// CHECK-SAME:    mithril.workspace = 8064 : i64
mithril.entry @views_share_bytes(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"}) {
  %0 = mithril.launch @map(%x) dims [] : (!v) -> !v
  %1 = mithril.reshape %0 {shape = [1000]} : (!v) -> !v
  %2 = mithril.launch @map(%x) dims [] : (!v) -> !v
  %3 = mithril.launch @update(%1, %2) dims [] : (!v, !v) -> !v
  mithril.return %3 : !v
}

// CHECK-LABEL: mithril.entry @a_state_is_updated_in_place
// CHECK-SAME:    mithril.workspace = 4032 : i64
// CHECK:         launch @map{{.*}}mithril.places = [{offset = 0 : i64}]
// CHECK:         launch @update{{.*}}mithril.places = [{port = "w"}]
mithril.entry @a_state_is_updated_in_place(%w: !v {mithril.port = "w", mithril.role = "state"})
    -> (!v {mithril.port = "w"}) {
  %0 = mithril.launch @map(%w) dims [] : (!v) -> !v
  %1 = mithril.launch @update(%w, %0) dims [] : (!v, !v) -> !v
  mithril.return %1 : !v
}

// CHECK-LABEL: mithril.entry @a_state_read_elsewhere_is_not_overwritten
// CHECK:         launch @reverse
// CHECK-NOT:     port = "w"
// CHECK-SAME:    mithril.places = [{offset = 0 : i64}]
mithril.entry @a_state_read_elsewhere_is_not_overwritten(
    %w: !v {mithril.port = "w", mithril.role = "state"}) -> (!v {mithril.port = "w"}) {
  %0 = mithril.launch @reverse(%w) dims [] : (!v) -> !v
  mithril.return %0 : !v
}

// CHECK-LABEL: mithril.entry @a_state_read_after_the_write_is_not_overwritten
// CHECK:         launch @read_late
// CHECK-NOT:     port = "w"
// CHECK-SAME:    mithril.places = [{offset = 0 : i64}, {port = "y"}]
mithril.entry @a_state_read_after_the_write_is_not_overwritten(
    %w: !v {mithril.port = "w", mithril.role = "state"}) -> (!v {mithril.port = "w"}, !v {mithril.port = "y"}) {
  %0:2 = mithril.launch @read_late(%w) dims [] : (!v) -> (!v, !v)
  mithril.return %0#0, %0#1 : !v, !v
}

// CHECK-LABEL: mithril.entry @a_state_under_an_accumulator_is_not_overwritten
// CHECK:         launch @accumulate
// CHECK-NOT:     port = "w"
// CHECK-SAME:    mithril.places = [{offset = 0 : i64}]
mithril.entry @a_state_under_an_accumulator_is_not_overwritten(
    %w: !v {mithril.port = "w", mithril.role = "state"}) -> (!v {mithril.port = "w"}) {
  %0 = mithril.launch @accumulate(%w) dims [] : (!v) -> !v
  mithril.return %0 : !v
}

// CHECK-LABEL: mithril.entry @a_state_needed_by_a_later_launch_is_not_overwritten
// CHECK:         launch @map
// CHECK-NOT:     port = "w"
// CHECK-SAME:    mithril.places = [{offset = 0 : i64}]
mithril.entry @a_state_needed_by_a_later_launch_is_not_overwritten(
    %w: !v {mithril.port = "w", mithril.role = "state"}) -> (!v {mithril.port = "w"}, !v {mithril.port = "y"}) {
  %0 = mithril.launch @map(%w) dims [] : (!v) -> !v
  %1 = mithril.launch @map(%w) dims [] : (!v) -> !v
  mithril.return %0, %1 : !v, !v
}

// The old value leaves by another port: it must survive until the copies.
// CHECK-LABEL: mithril.entry @a_state_that_is_returned_is_not_overwritten
// CHECK:         launch @map
// CHECK-NOT:     port = "w"
// CHECK-SAME:    mithril.places = [{offset = 0 : i64}]
mithril.entry @a_state_that_is_returned_is_not_overwritten(
    %w: !v {mithril.port = "w", mithril.role = "state"}) -> (!v {mithril.port = "w"}, !v {mithril.port = "old"}) {
  %0 = mithril.launch @map(%w) dims [] : (!v) -> !v
  mithril.return %0, %w : !v, !v
}

// CHECK-LABEL: mithril.entry @states_that_swap_are_staged
// CHECK-SAME:    mithril.workspace = 8064 : i64
// CHECK:         mithril.return {mithril.stages = [{offset = 0 : i64}, {offset = 4032 : i64}]}
mithril.entry @states_that_swap_are_staged(
    %a: !v {mithril.port = "a", mithril.role = "state"}, %b: !v {mithril.port = "b", mithril.role = "state"})
    -> (!v {mithril.port = "a"}, !v {mithril.port = "b"}) {
  mithril.return %b, %a : !v, !v
}

// One value in two ports: written to the first, copied to the second.
// CHECK-LABEL: mithril.entry @a_value_returned_twice_is_written_once
// CHECK-SAME:    mithril.workspace = 0 : i64
// CHECK:         launch @map{{.*}}mithril.places = [{port = "y"}]
mithril.entry @a_value_returned_twice_is_written_once(%x: !v {mithril.port = "x"})
    -> (!v {mithril.port = "y"}, !v {mithril.port = "z"}) {
  %0 = mithril.launch @map(%x) dims [] : (!v) -> !v
  mithril.return %0, %0 : !v, !v
}

// CHECK-LABEL: mithril.entry @equal_symbolic_sizes_share_slots
// CHECK-SAME:    mithril.workspace = "[[BYTES:.*]]"
// CHECK:         launch @symbolic{{.*}}mithril.places = [{offset = 0 : i64}]
// CHECK:         launch @symbolic{{.*}}mithril.places = [{offset = "[[ONE:.*]]"}]
// CHECK:         launch @symbolic{{.*}}mithril.places = [{offset = 0 : i64}]
mithril.entry @equal_symbolic_sizes_share_slots(%x: !s {mithril.port = "x"}) -> (!s {mithril.port = "y"}) {
  %0 = mithril.launch @symbolic(%x) dims ["T"] : (!s) -> !s
  %1 = mithril.launch @symbolic(%0) dims ["T"] : (!s) -> !s
  %2 = mithril.launch @symbolic(%1) dims ["T"] : (!s) -> !s
  %3 = mithril.launch @symbolic(%2) dims ["T"] : (!s) -> !s
  mithril.return %3 : !s
}

func.func private @half(%x: tensor<?x8xf32>, %d0: index) -> tensor<?x4xf32>
func.func private @both(%x: tensor<?x8xf32>, %y: tensor<?x4xf32>, %d0: index) -> tensor<?x8xf32>

// CHECK-LABEL: mithril.entry @other_symbolic_sizes_do_not_share_slots
// CHECK:         launch @symbolic{{.*}}mithril.places = [{offset = 0 : i64}]
// CHECK:         launch @half{{.*}}mithril.places = [{offset = "
mithril.entry @other_symbolic_sizes_do_not_share_slots(%x: !s {mithril.port = "x"}) -> (!s {mithril.port = "y"}) {
  %0 = mithril.launch @symbolic(%x) dims ["T"] : (!s) -> !s
  %1 = mithril.launch @half(%0) dims ["T"] : (!s) -> tensor<?x4xf32, ["T"]>
  %2 = mithril.launch @both(%0, %1) dims ["T"] : (!s, tensor<?x4xf32, ["T"]>) -> !s
  mithril.return %2 : !s
}

!less = tensor<?x8xf32, ["T - 9"]>
func.func private @cut(%x: tensor<?x8xf32>, %d0: index) -> tensor<?x8xf32>
func.func private @joined(%x: tensor<?x8xf32>, %y: tensor<?x8xf32>, %d0: index) -> tensor<?x8xf32>

// Its bytes rounded up are "64*((32*T + 31) floordiv 64) - 256", which proves no offset behind it.
// CHECK-LABEL: mithril.entry @a_tensor_that_its_extents_do_not_show_to_be_none_below_zero
// CHECK-SAME:    mithril.workspace = "{{.*}}max(
mithril.entry @a_tensor_that_its_extents_do_not_show_to_be_none_below_zero(%x: !s {mithril.port = "x"}) -> (!s {mithril.port = "y"}) {
  %0 = mithril.launch @symbolic(%x) dims ["T"] : (!s) -> !s
  %1 = mithril.launch @cut(%0) dims ["T"] : (!s) -> !less
  %2 = mithril.launch @joined(%0, %1) dims ["T"] : (!s, !less) -> !s
  mithril.return %2 : !s
}

// CHECK-LABEL: mithril.entry @a_symbolic_result_in_its_port_takes_no_slot
// CHECK-SAME:    mithril.workspace = 0 : i64
mithril.entry @a_symbolic_result_in_its_port_takes_no_slot(%x: !s {mithril.port = "x"}) -> (!s {mithril.port = "y"}) {
  %0 = mithril.launch @symbolic(%x) dims ["T"] : (!s) -> !s
  mithril.return %0 : !s
}

// One slot: the other tensor of that size, alive at the same time, is in its port.
// CHECK-LABEL: mithril.entry @a_port_is_no_slot
// CHECK-SAME:    mithril.workspace = "64*((32*T + 63) floordiv 64)"
mithril.entry @a_port_is_no_slot(%x: !s {mithril.port = "x"}) -> (!s {mithril.port = "y"}) {
  %0 = mithril.launch @symbolic(%x) dims ["T"] : (!s) -> !s
  %1 = mithril.launch @symbolic(%0) dims ["T"] : (!s) -> !s
  mithril.return %1 : !s
}

// Outputs are written before states.
// CHECK-LABEL: mithril.entry @a_state_leaves_before_it_is_overwritten
// CHECK-SAME:    mithril.workspace = 0 : i64
// CHECK-NOT:     mithril.stages
mithril.entry @a_state_leaves_before_it_is_overwritten(%a: !v {mithril.port = "a", mithril.role = "state"},
    %x: !v {mithril.port = "x"}) -> (!v {mithril.port = "a"}, !v {mithril.port = "old"}) {
  mithril.return %x, %a : !v, !v
}

// A state that nobody overwrites, or that has been when the copy is made, is read where it lies.
// CHECK-LABEL: mithril.entry @a_state_that_stays_needs_no_stage
// CHECK-SAME:    mithril.workspace = 0 : i64
// CHECK-NOT:     mithril.stages
mithril.entry @a_state_that_stays_needs_no_stage(%a: !v {mithril.port = "a", mithril.role = "state"},
    %b: !v {mithril.port = "b", mithril.role = "state"}) -> (!v {mithril.port = "b"}) {
  mithril.return %a : !v
}
// CHECK-LABEL: mithril.entry @a_state_in_place_needs_no_stage
// CHECK-SAME:    mithril.workspace = 0 : i64
// CHECK-NOT:     mithril.stages
mithril.entry @a_state_in_place_needs_no_stage(%a: !v {mithril.port = "a", mithril.role = "state"},
    %b: !v {mithril.port = "b", mithril.role = "state"}) -> (!v {mithril.port = "a"}, !v {mithril.port = "b"}) {
  mithril.return %a, %a : !v, !v
}

// -----

func.func private @k(%x: tensor<4xf32>) -> tensor<?xf32>
mithril.entry @a_dim_that_is_not_known(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{a tensor of an entry has a dim that is not known}}
  %0 = mithril.launch @k(%x) dims [] : (tensor<4xf32>) -> tensor<?xf32>
  mithril.return %x : tensor<4xf32>
}

// -----

!large = tensor<?xf32, ["4611686018427387904*T"]>
func.func private @k(%x: tensor<?xf32>, %d0: index) -> tensor<?xf32>
mithril.entry @bytes_that_do_not_fit(%x: tensor<?xf32, ["T"]> {mithril.port = "x"}) -> (tensor<?xf32, ["T"]> {mithril.port = "y"}) {
  // expected-error @+1 {{the bytes of a tensor do not fit in 63 bits}}
  %0 = mithril.launch @k(%x) dims ["T"] : (tensor<?xf32, ["T"]>) -> !large
  mithril.return %x : tensor<?xf32, ["T"]>
}
