// RUN: mithril-opt %s -split-input-file -verify-diagnostics -verify-core

mithril.entry @core_passes(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  %0 = mithril.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----

mithril.entry @not_core(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{'softmax' is no core op}}
  %0 = mithril.softmax %x {axis = 0 : i64} : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}

// -----

// expected-error @+1 {{a model is left}}
mithril.model @m(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  mithril.return %x : tensor<4xf32>
}

// -----

mithril.entry @gradient(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{a gradient is left}}
  %0:2 = mithril.gradient @m (%x) of [0] cotangents (%x) wrt [0]
      : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  mithril.return %0#1 : tensor<4xf32>
}

// -----

mithril.entry @instance(%x: tensor<4xf32> {mithril.port = "x"}) -> (tensor<4xf32> {mithril.port = "y"}) {
  // expected-error @+1 {{an instance is left}}
  %0 = mithril.instance @m "m" (%x) : (tensor<4xf32>) -> tensor<4xf32>
  mithril.return %0 : tensor<4xf32>
}
