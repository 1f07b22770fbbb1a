// RUN: mithril-opt %s --expand-math | FileCheck %s

// CHECK-LABEL: @every_function
// CHECK-NOT:     math.{{(exp|exp2|expm1|log|log1p|tanh|erf|sin|cos|powf) }}
// CHECK:         return
func.func @every_function(%x: f64, %y: f64) -> f64 {
  %0 = math.exp %x : f64
  %1 = math.exp2 %0 : f64
  %2 = math.expm1 %1 : f64
  %3 = math.log %2 : f64
  %4 = math.log1p %3 : f64
  %5 = math.tanh %4 : f64
  %6 = math.erf %5 : f64
  %7 = math.sin %6 : f64
  %8 = math.cos %7 : f64
  %9 = math.powf %8, %y : f64
  return %9 : f64
}

// Only rounded arithmetic, each op on whole vectors.
// CHECK-LABEL: @vector_stays_vector
// CHECK-SAME:    %[[X:.*]]: vector<16xf32>
// CHECK:         math.fma {{.*}} : vector<16xf32>
// CHECK-NOT:     vector.extract
// CHECK:         return %{{.*}} : vector<16xf32>
func.func @vector_stays_vector(%x: vector<16xf32>) -> vector<16xf32> {
  %0 = math.exp %x : vector<16xf32>
  return %0 : vector<16xf32>
}

// CHECK-LABEL: @extremum
// CHECK-NOT:     arith.maximumf
// CHECK-NOT:     arith.minimumf
// CHECK:         return
func.func @extremum(%x: vector<16xf32>, %y: vector<16xf32>) -> vector<16xf32> {
  %0 = arith.maximumf %x, %y : vector<16xf32>
  %1 = arith.minimumf %0, %y : vector<16xf32>
  return %1 : vector<16xf32>
}

// The lane loop stands behind a branch that asks for it.
// CHECK-LABEL: @large_arguments_branch
// CHECK:         %[[FAR:.*]] = arith.cmpf ogt, {{.*}} : vector<8xf64>
// CHECK:         %[[ANY:.*]] = vector.reduction <or>, %[[FAR]] : vector<8xi1> into i1
// CHECK:         scf.if %[[ANY]]
// CHECK:           scf.for
// CHECK:         } else {
// CHECK-NEXT:      scf.yield
func.func @large_arguments_branch(%x: vector<8xf64>) -> vector<8xf64> {
  %0 = math.sin %x : vector<8xf64>
  return %0 : vector<8xf64>
}

// CHECK-LABEL: @many_ranks
// CHECK:         vector.shape_cast %{{.*}} : vector<2x4xf32> to vector<8xf32>
// CHECK:         return %{{.*}} : vector<2x4xf32>
func.func @many_ranks(%x: vector<2x4xf32>) -> vector<2x4xf32> {
  %0 = math.cos %x : vector<2x4xf32>
  return %0 : vector<2x4xf32>
}

// CHECK-LABEL: @short_floats_are_computed_in_f32
// CHECK-SAME:    %[[X:.*]]: vector<4xbf16>
// CHECK:         arith.extf %[[X]] : vector<4xbf16> to vector<4xf32>
// CHECK:         %[[Y:.*]] = arith.truncf %{{.*}} : vector<4xf32> to vector<4xbf16>
// CHECK-NEXT:    return %[[Y]]
func.func @short_floats_are_computed_in_f32(%x: vector<4xbf16>) -> vector<4xbf16> {
  %0 = math.tanh %x : vector<4xbf16>
  return %0 : vector<4xbf16>
}

// The formulas depend on the order of their roundings.
// CHECK-LABEL: @fast_math_flags_are_dropped
// CHECK-NOT:     fastmath
// CHECK:         return
func.func @fast_math_flags_are_dropped(%x: f32) -> f32 {
  %0 = math.log %x fastmath<fast> : f32
  return %0 : f32
}

// CHECK-LABEL: @instructions_stay
// CHECK:         math.sqrt
// CHECK-NEXT:    math.fma
// CHECK-NEXT:    math.absf
// CHECK-NEXT:    math.floor
// CHECK-NEXT:    return
func.func @instructions_stay(%x: f32) -> f32 {
  %0 = math.sqrt %x : f32
  %1 = math.fma %0, %x, %x : f32
  %2 = math.absf %1 : f32
  %3 = math.floor %2 : f32
  return %3 : f32
}

// CHECK-LABEL: @functions_without_an_expansion_stay
// CHECK-NEXT:    math.atan
// CHECK-NEXT:    return
func.func @functions_without_an_expansion_stay(%x: f32) -> f32 {
  %0 = math.atan %x : f32
  return %0 : f32
}

// CHECK-LABEL: @tensors_stay
// CHECK-NEXT:    math.log {{.*}} : tensor<4xf32>
// CHECK-NEXT:    return
func.func @tensors_stay(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = math.log %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @scalable_vectors_stay
// CHECK-NEXT:    math.sin {{.*}} : vector<[4]xf32>
// CHECK-NEXT:    return
func.func @scalable_vectors_stay(%x: vector<[4]xf32>) -> vector<[4]xf32> {
  %0 = math.sin %x : vector<[4]xf32>
  return %0 : vector<[4]xf32>
}

// CHECK-LABEL: @rank_0
// CHECK:         vector.shape_cast %{{.*}} : vector<f64> to vector<1xf64>
// CHECK:         return %{{.*}} : vector<f64>
func.func @rank_0(%x: vector<f64>) -> vector<f64> {
  %0 = math.sin %x : vector<f64>
  return %0 : vector<f64>
}

// CHECK-LABEL: @beyond_rank_32_stays
// CHECK-NEXT:    math.exp
// CHECK-NEXT:    return
func.func @beyond_rank_32_stays(
    %x: vector<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>)
    -> vector<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32> {
  %0 = math.exp %x
      : vector<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>
  return %0 : vector<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>
}

// CHECK-LABEL: @other_floats_stay
// CHECK-NEXT:    math.exp {{.*}} : f80
// CHECK-NEXT:    return
func.func @other_floats_stay(%x: f80) -> f80 {
  %0 = math.exp %x : f80
  return %0 : f80
}
