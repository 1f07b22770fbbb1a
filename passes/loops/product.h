// product.h: sums of products of packed operands, by one shared function for each register tile.
#ifndef MTH_PASSES_LOOPS_PRODUCT_H
#define MTH_PASSES_LOOPS_PRODUCT_H
#include "passes/loops/nest.h"

// The generic that is tagged as a product of packed operands, or generic_count.
size_t mth_product_find(const mth_nest *nest);

// Writes the kernel: for each register tile of the tile, the product into scratch, then all
// other generics on those elements while they are in the cache.
//
// Source   Van Zee & van de Geijn 2015, BLIS: packed panels around one register tile.
// Numbers  each element is one chain of fused multiply-adds in k order from 0; integers wrap.
// Fails    MTH_UNSUPPORTED if the product does not start from zero.
MTH_MUST_USE mth_status mth_product_write(mth_nest *nest, size_t product);
#endif
