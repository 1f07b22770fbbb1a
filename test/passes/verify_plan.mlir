// RUN: mithril-opt %s --verify-plan --split-input-file --verify-diagnostics | FileCheck %s

!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v

// CHECK-LABEL: mithril.entry @a_sound_plan_is_accepted
mithril.entry @a_sound_plan_is_accepted(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 128 : i64} {
  %0 = mithril.launch @k(%x) dims [] {mithril.places = [{offset = 0 : i64}]} : (!v) -> !v
  %1 = mithril.launch @k(%0) dims [] {mithril.places = [{offset = 64 : i64}]} : (!v) -> !v
  %2 = mithril.launch @k(%1) dims [] {mithril.places = [{port = "y"}]} : (!v) -> !v
  mithril.return %2 : !v
}

// -----

!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
mithril.entry @a_result_over_its_operand(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 128 : i64} {
  %0 = mithril.launch @k(%x) dims [] {mithril.places = [{offset = 0 : i64}]} : (!v) -> !v
  // expected-error @+1 {{result 0 is written over a tensor that is still needed}}
  %1 = mithril.launch @k(%0) dims [] {mithril.places = [{offset = 60 : i64}]} : (!v) -> !v
  %2 = mithril.launch @k(%1) dims [] {mithril.places = [{port = "y"}]} : (!v) -> !v
  mithril.return %2 : !v
}

// -----

// The view %1 keeps %0 alive.
!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
func.func private @k2(%a: !v, %b: !v) -> !v
mithril.entry @a_result_over_a_viewed_tensor(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 128 : i64} {
  %0 = mithril.launch @k(%x) dims [] {mithril.places = [{offset = 0 : i64}]} : (!v) -> !v
  %1 = mithril.reshape %0 {shape = [16]} : (!v) -> !v
  // expected-error @+1 {{result 0 is written over a tensor that is still needed}}
  %2 = mithril.launch @k(%x) dims [] {mithril.places = [{offset = 0 : i64}]} : (!v) -> !v
  %3 = mithril.launch @k2(%1, %2) dims [] {mithril.places = [{port = "y"}]} : (!v, !v) -> !v
  mithril.return %3 : !v
}

// -----

!v = tensor<16xf32>
func.func private @k(%a: !v) -> (!v, !v)
mithril.entry @two_results_in_one_place(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"}, !v {mithril.port = "z"})
    attributes {mithril.workspace = 64 : i64} {
  // expected-error @+1 {{result 1 is written over a tensor that is still needed}}
  %0:2 = mithril.launch @k(%x) dims [] {mithril.places = [{offset = 0 : i64}, {offset = 0 : i64}]} : (!v) -> (!v, !v)
  mithril.return %0#0, %0#1 : !v, !v
}

// -----

!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
mithril.entry @a_tensor_beyond_the_workspace(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 64 : i64} {
  // expected-error @+1 {{a tensor leaves the workspace}}
  %0 = mithril.launch @k(%x) dims [] {mithril.places = [{offset = 64 : i64}]} : (!v) -> !v
  mithril.return %0 : !v
}

// -----

!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
mithril.entry @a_result_over_an_input(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 0 : i64} {
  // expected-error @+1 {{result 0 is written over input 'x'}}
  %0 = mithril.launch @k(%x) dims [] {mithril.places = [{port = "x"}]} : (!v) -> !v
  mithril.return %0 : !v
}

// -----

// Nothing is known of @k, so it may read any element of the state at any time.
!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
mithril.entry @a_state_in_place_unproven(%w: !v {mithril.port = "w", mithril.role = "state"}) -> (!v {mithril.port = "w"})
    attributes {mithril.workspace = 0 : i64} {
  // expected-error @+1 {{result 0 is written over a tensor that is still needed}}
  %0 = mithril.launch @k(%w) dims [] {mithril.places = [{port = "w"}]} : (!v) -> !v
  mithril.return %0 : !v
}

// -----

!s = tensor<?x16xf32, ["T"]>
func.func private @k(%a: tensor<?x16xf32>, %d0: index) -> tensor<?x16xf32>
mithril.entry @symbolic_tensors_that_cannot_be_proven_apart(%x: !s {mithril.port = "x"}) -> (!s {mithril.port = "y"})
    attributes {mithril.workspace = "192*T + 64"} {
  %0 = mithril.launch @k(%x) dims ["T"] {mithril.places = [{offset = 0 : i64}]} : (!s) -> !s
  // expected-error @+1 {{result 0 is written over a tensor that is still needed}}
  %1 = mithril.launch @k(%0) dims ["T"] {mithril.places = [{offset = 64 : i64}]} : (!s) -> !s
  mithril.return %1 : !s
}

// -----

!v = tensor<16xf32>
mithril.entry @a_swap_without_stages(%a: !v {mithril.port = "a", mithril.role = "state"},
    %b: !v {mithril.port = "b", mithril.role = "state"}) -> (!v {mithril.port = "a"}, !v {mithril.port = "b"})
    attributes {mithril.workspace = 0 : i64} {
  // expected-error @+1 {{result 0 is copied over the state of result 1}}
  mithril.return %b, %a : !v, !v
}

// -----

!v = tensor<16xf32>
mithril.entry @stages_that_overlap(%a: !v {mithril.port = "a", mithril.role = "state"},
    %b: !v {mithril.port = "b", mithril.role = "state"}) -> (!v {mithril.port = "a"}, !v {mithril.port = "b"})
    attributes {mithril.workspace = 128 : i64} {
  // expected-error @+1 {{the stage of result 1 overlaps another tensor}}
  mithril.return {mithril.stages = [{offset = 0 : i64}, {offset = 32 : i64}]} %b, %a : !v, !v
}

// -----

!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
mithril.entry @a_launch_without_places(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 0 : i64} {
  // expected-error @+1 {{a launch wants mithril.places, one for each result}}
  %0 = mithril.launch @k(%x) dims [] : (!v) -> !v
  mithril.return %0 : !v
}

// -----

!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
mithril.entry @a_tensor_before_the_workspace(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 64 : i64} {
  // expected-error @+1 {{a tensor leaves the workspace}}
  %0 = mithril.launch @k(%x) dims [] {mithril.places = [{offset = -64 : i64}]} : (!v) -> !v
  mithril.return %0 : !v
}

// -----

!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
mithril.entry @places_that_are_no_list(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 64 : i64} {
  // expected-error @+1 {{a launch wants mithril.places, one for each result}}
  %0 = mithril.launch @k(%x) dims [] {mithril.places = {offset = 0 : i64}} : (!v) -> !v
  mithril.return %0 : !v
}

// -----

!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
mithril.entry @a_place_too_few(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 64 : i64} {
  // expected-error @+1 {{a launch wants mithril.places, one for each result}}
  %0 = mithril.launch @k(%x) dims [] {mithril.places = []} : (!v) -> !v
  mithril.return %0 : !v
}

// -----

!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
mithril.entry @a_place_that_is_a_number(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 64 : i64} {
  // expected-error @+1 {{a place is {offset = ...} or {port = "name"}}}
  %0 = mithril.launch @k(%x) dims [] {mithril.places = [0]} : (!v) -> !v
  mithril.return %0 : !v
}

// -----

!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
mithril.entry @a_place_without_an_offset(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 64 : i64} {
  // expected-error @+1 {{wants an integer or the text of a dim}}
  %0 = mithril.launch @k(%x) dims [] {mithril.places = [{}]} : (!v) -> !v
  mithril.return %0 : !v
}

// -----

!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
mithril.entry @a_port_by_its_number(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 64 : i64} {
  // expected-error @+1 {{a place's port is a text}}
  %0 = mithril.launch @k(%x) dims [] {mithril.places = [{port = 1 : i64}]} : (!v) -> !v
  mithril.return %0 : !v
}

// -----

!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
mithril.entry @a_port_that_is_not(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 64 : i64} {
  // expected-error @+1 {{the entry has no port of the name in this place}}
  %0 = mithril.launch @k(%x) dims [] {mithril.places = [{port = "z"}]} : (!v) -> !v
  mithril.return %0 : !v
}

// -----

// expected-error @+1 {{a tensor's bytes do not fit}}
mithril.entry @bytes_that_do_not_fit(%x: tensor<?xf32, ["4611686018427387904*T"]> {mithril.port = "x"},
    %t: tensor<?xf32, ["T"]> {mithril.port = "t"})
    -> (tensor<4xf32> {mithril.port = "y"}) attributes {mithril.workspace = 0 : i64} {
  %0 = mithril.constant dense<1.0> : tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----

!v = tensor<16xf32>
mithril.entry @stages_that_are_no_list(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 64 : i64} {
  // expected-error @+1 {{mithril.stages is a list of one stage for each result}}
  mithril.return {mithril.stages = {offset = 0 : i64}} %x : !v
}

// -----

!v = tensor<16xf32>
mithril.entry @a_stage_too_few(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 64 : i64} {
  // expected-error @+1 {{mithril.stages is a list of one stage for each result}}
  mithril.return {mithril.stages = []} %x : !v
}

// -----

!v = tensor<16xf32>
mithril.entry @a_stage_that_is_a_number(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 64 : i64} {
  // expected-error @+1 {{a stage is {offset = ...} or {}}}
  mithril.return {mithril.stages = [0]} %x : !v
}

// -----

!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
mithril.entry @an_offset_whose_end_does_not_fit(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 64 : i64} {
  // expected-error @+1 {{a tensor leaves the workspace}}
  %0 = mithril.launch @k(%x) dims [] {mithril.places = [{offset = 9223372036854775807 : i64}]} : (!v) -> !v
  mithril.return %0 : !v
}

// -----

!v = tensor<16xf32>
mithril.entry @a_stage_beyond_the_workspace(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 64 : i64} {
  // expected-error @+1 {{the stage of result 0 overlaps another tensor}}
  mithril.return {mithril.stages = [{offset = 64 : i64}]} %x : !v
}

// -----

!v = tensor<16xf32>
mithril.entry @a_stage_before_the_workspace(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 64 : i64} {
  // expected-error @+1 {{the stage of result 0 overlaps another tensor}}
  mithril.return {mithril.stages = [{offset = -64 : i64}]} %x : !v
}

// -----

!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
mithril.entry @a_stage_over_a_returned_tensor(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"}, !v {mithril.port = "z"})
    attributes {mithril.workspace = 64 : i64} {
  %0 = mithril.launch @k(%x) dims [] {mithril.places = [{offset = 0 : i64}]} : (!v) -> !v
  // expected-error @+1 {{the stage of result 1 overlaps another tensor}}
  mithril.return {mithril.stages = [{}, {offset = 0 : i64}]} %0, %x : !v, !v
}

// -----

// What nobody reads later may be overwritten: views themselves read nothing.
!v = tensor<16xf32>
func.func private @k(%a: !v) -> !v
// CHECK-LABEL: mithril.entry @a_view_reads_nothing
mithril.entry @a_view_reads_nothing(%x: !v {mithril.port = "x"}) -> (!v {mithril.port = "y"})
    attributes {mithril.workspace = 64 : i64} {
  %0 = mithril.launch @k(%x) dims [] {mithril.places = [{offset = 0 : i64}]} : (!v) -> !v
  %1 = mithril.launch @k(%x) dims [] {mithril.places = [{offset = 0 : i64}]} : (!v) -> !v
  %2 = mithril.reshape %0 {shape = [16]} : (!v) -> !v
  %3 = mithril.launch @k(%1) dims [] {mithril.places = [{port = "y"}]} : (!v) -> !v
  mithril.return %3 : !v
}

// -----

// The gradient is read at other elements than those that are written, but it is not what is
// overwritten.
!v = tensor<16xf32>
func.func private @update(%w: !v, %g: !v) -> !v {
  %0 = tensor.empty() : !v
  %1 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (15 - i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]} ins(%w, %g : !v, !v) outs(%0 : !v) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %d = arith.subf %x, %y : f32
    linalg.yield %d : f32
  } -> !v
  return %1 : !v
}
// CHECK-LABEL: mithril.entry @other_operands_may_be_read_anywhere
mithril.entry @other_operands_may_be_read_anywhere(%w: !v {mithril.port = "w", mithril.role = "state"}, %g: !v {mithril.port = "g"})
    -> (!v {mithril.port = "w"}) attributes {mithril.workspace = 0 : i64} {
  %0 = mithril.launch @update(%w, %g) dims [] {mithril.places = [{port = "w"}]} : (!v, !v) -> !v
  mithril.return %0 : !v
}

// -----

// A state that is made in its place is not copied, so its copy to another state reads what it wants.
!v = tensor<16xf32>
// CHECK-LABEL: mithril.entry @a_state_in_place_is_no_copy
mithril.entry @a_state_in_place_is_no_copy(%a: !v {mithril.port = "a", mithril.role = "state"},
    %b: !v {mithril.port = "b", mithril.role = "state"}) -> (!v {mithril.port = "a"}, !v {mithril.port = "b"})
    attributes {mithril.workspace = 0 : i64} {
  mithril.return %a, %a : !v, !v
}
